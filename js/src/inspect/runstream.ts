// A track of the player comes in, what the core's view of a run draws from goes out: the run as it stood at the player's
// place, its time, Stop where the run is live.
import type { LiveStream } from "../stream";
import type { Inspector } from "./inspector";
import type { Player } from "./player";

/** The run that the track shows now; at a higher version there is another. */
export function createRunStream(inspector: Inspector, player: Player, track: number): LiveStream {
  const playback = player.playbacks[track];
  if (!playback) throw new Error(`there is no track ${track}`);
  const { run, place, trace } = playback;
  const isNow = (): boolean => !inspector.options.replay && !trace.hasEnded && place.moments >= trace.moments.length;
  return {
    model: inspector.model,
    signal: inspector.signal,
    run,
    settling: "",
    get copy() {
      return inspector.copy;
    },
    get stop() {
      return isNow() ? inspector.stop : "";
    },
    get gone() {
      return isNow() ? inspector.gone : "";
    },
    elapsed: () => (run.ended ? (run.state.total_s ?? place.seconds) : place.seconds),
    // Of what was recorded nothing is left to stop but the replay.
    requestStop: () => (inspector.options.replay || trace.hasEnded ? player.pause() : inspector.requestStop()),
    tell: () => undefined,
    subscribe: (listener, signal) => player.subscribe(listener, signal),
  };
}
