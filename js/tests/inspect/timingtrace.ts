// Traces for the tests of the Timing view: times in, a trace with one token or piece at each of them out.
import { createSelection } from "../../src/inspect/selection";
import type { Place, Shown } from "../../src/inspect/panel";
import { createTrace, type Moment, type Trace, type Track } from "../../src/inspect/trace";

export const about: Track = { label: "x", model: "m", wire_format: "openai-chat", host: "h", request: null, branches: false, parent: null, token: null, lost: 0 };

export const token = (at: number, text = "a"): Moment => ({ at, name: "", data: "{}", piece: { text }, logprobs: [[text, -0.1, []]] });
export const piece = (at: number, text = "a"): Moment => ({ at, name: "", data: "{}", piece: { text } });
export const event = (at: number, data: string, state?: Moment["state"]): Moment => ({ at, name: "", data, ...(state && { state }) });
export const opened = (at: number): Moment => ({ at, name: ":opened", data: "{}" });
export const end = (at: number): Moment => ({ at, name: ":end", data: "{}" });

export function traceOf(...moments: Moment[]): Trace {
  const trace = createTrace(about);
  trace.add(moments);
  return trace;
}

export const placeAt = (trace: Trace, moments = trace.moments.length, seconds = trace.moments[moments - 1]?.at ?? 0): Place => ({
  moments,
  tokens: trace.tokens.filter((one) => one.moment < moments).length,
  seconds,
});

/** What a panel draws from; `go` puts the player at a number of moments. */
export interface Stage extends Shown {
  readonly seeks: number[];
  go(moments: number, seconds?: number): void;
}

export function stageOf(trace: Trace): Stage {
  let place = placeAt(trace);
  const seeks: number[] = [];
  return {
    trace,
    selection: createSelection(trace),
    branch: null,
    seeks,
    get place() {
      return place;
    },
    seek: (seconds) => void seeks.push(seconds),
    go(moments, seconds) {
      place = placeAt(trace, moments, seconds);
    },
  };
}
