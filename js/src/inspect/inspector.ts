// The model of one inspector and what it was told so far come in, a trace for each of its tracks goes out: moments put in
// order, what lacks asked for, Stop, branches. Any number of views share it. Knows no DOM and no player.
import type { AnyModel } from "../anywidget";
import { GONE, watchKernel } from "../kernel";
import { parseTracks } from "../parse";
import { createRoutes } from "../routes";
import type { StopState } from "../stream";
import { parseMessage, type Copy, type CopyRequest, type Moments, type Views } from "../wire";
import { optionsOf, type Options } from "./options";
import { createTrace, type Trace } from "./trace";

/** One of the tracks, as far as the page has it. */
export interface Source {
  readonly index: number;
  readonly trace: Trace;
  /** Whether all is here that there is by now. */
  readonly isLoaded: boolean;
  /** Whether all was here once: what lacks from then on comes live. */
  readonly hasOpened: boolean;
  /** When the run began, by the page's clock (ms), as near as the moments that came tell. */
  readonly beganAt: number;
}

export interface Inspector {
  readonly model: AnyModel;
  readonly signal: AbortSignal;
  readonly options: Options;
  /** Grows: a branch is a new one at the end. */
  readonly sources: readonly Source[];
  readonly stop: StopState;
  readonly gone: string;
  readonly copy: Copy | undefined;
  /** Whether something is still coming. */
  readonly isLive: boolean;
  requestStop(): void;
  branch(track: number, token: number, alternative: number): void;
  tell(message: Views | CopyRequest): void;
  subscribe(listener: () => void, signal: AbortSignal): void;
}

/** Between two requests for what lacks at least this long, doubled while unanswered up to the second figure. */
const ASK_MS = 500;
const ASK_MAX_MS = 16_000;

interface OwnSource extends Source {
  total: number;
  hasOpened: boolean;
  beganAt: number;
  /** The number asked for and when (ms); -1 where nothing is awaited. */
  asked: number;
  askedAt: number;
  delay: number;
}

function createSource(index: number, trace: Trace): OwnSource {
  return {
    index,
    trace,
    total: -1,
    hasOpened: false,
    beganAt: Infinity,
    asked: -1,
    askedAt: 0,
    delay: ASK_MS,
    get isLoaded() {
      return this.total >= 0 && trace.moments.length >= this.total;
    },
  };
}

export function createInspector(model: AnyModel, signal: AbortSignal): Inspector {
  const sources: OwnSource[] = [];
  const listeners = new Set<() => void>();
  let options = optionsOf(model.get("_options"));
  let stop: StopState = "";
  let gone = "";
  let copy: Copy | undefined;
  let askTimer: ReturnType<typeof setTimeout> | undefined;

  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const lose = (why: string): void => {
    if (gone === why) return;
    gone = why;
    changed();
  };
  const routes = createRoutes({
    model,
    signal,
    onGone: () => lose(GONE),
    onBusy: (type) => {
      if (type !== "stop" || !stop) return;
      stop = "busy";
      changed();
    },
  });
  const isLive = (): boolean => sources.some(({ trace }) => !trace.hasEnded);

  // One request at a time, for the routes know requests by their type only; what is answered makes room for the next.
  const ask = (): void => {
    clearTimeout(askTimer);
    if (gone || signal.aborted) return;
    const lacking = sources.filter((source) => !source.isLoaded);
    const source = lacking.find(({ asked }) => asked >= 0) ?? lacking[0];
    if (!source) return;
    const now = performance.now();
    const from = source.trace.moments.length;
    const isAwaited = source.asked === from && now - source.askedAt < source.delay;
    if (!isAwaited) {
      source.delay = source.asked === from ? Math.min(source.delay * 2, ASK_MAX_MS) : ASK_MS;
      [source.asked, source.askedAt] = [from, now];
      routes.send({ type: "moments", track: source.index, from });
    }
    askTimer = setTimeout(ask, source.askedAt + source.delay - now);
  };

  const takeMoments = (message: Moments): boolean => {
    const source = sources[message.track];
    if (!source) return false;
    const { trace } = source;
    const before = trace.moments.length;
    source.total = Math.max(source.total, message.total, message.from + message.moments.length);
    if (message.from <= before) trace.add(message.moments.slice(before - message.from)); // what is known already is left out
    const isNews = trace.moments.length > before;
    if (isNews) source.beganAt = Math.min(source.beganAt, performance.now() - 1000 * trace.length);
    source.hasOpened ||= source.isLoaded;
    if (isNews || source.isLoaded) {
      if (source.asked >= 0) routes.answered("moments");
      source.asked = -1;
    }
    if (stop && !isLive()) {
      stop = "";
      routes.answered("stop");
    }
    ask();
    return isNews || message.total === 0;
  };

  const take = (content: unknown): void => {
    const message = parseMessage(content);
    if (!message) return;
    let isNews = gone !== "";
    gone = ""; // whoever speaks is there
    if (message.type === "moments") isNews = takeMoments(message) || isNews;
    else if (message.type === "ack") {
      // That a request for moments was heard is no answer to it.
      if (message.of !== "moments") routes.answered(message.of);
      if (message.of === "stop" && stop === "busy") [stop, isNews] = ["asked", true];
    } else if (message.type === "copy") {
      routes.answered("copy");
      [copy, isNews] = [message, true];
    }
    if (isNews) changed();
  };

  const takeTracks = (): void => {
    const tracks = parseTracks(model.get("_tracks"));
    for (const about of tracks.slice(sources.length)) sources.push(createSource(sources.length, createTrace(about)));
    ask();
  };
  const onTraits = (): void => {
    takeTracks();
    options = optionsOf(model.get("_options"));
    changed();
  };
  model.on("msg:custom", take);
  model.on("change:_tracks", onTraits);
  model.on("change:_options", onTraits);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", take);
    model.off("change:_tracks", onTraits);
    model.off("change:_options", onTraits);
    clearTimeout(askTimer);
    listeners.clear();
  });
  watchKernel(model, lose, signal);
  takeTracks();

  return {
    model,
    signal,
    sources,
    get options() {
      return options;
    },
    get stop() {
      return stop;
    },
    get gone() {
      return gone;
    },
    get copy() {
      return copy;
    },
    get isLive() {
      return isLive();
    },
    requestStop() {
      if (!isLive() || gone) return;
      stop ||= "asked";
      routes.send({ type: "stop" });
      changed();
    },
    branch(track, token, alternative) {
      if (!gone) routes.send({ type: "branch", track, token, alternative });
    },
    tell(message) {
      if (!gone && !signal.aborted) routes.send(message);
    },
    subscribe(listener, viewSignal) {
      if (viewSignal.aborted) return;
      listeners.add(listener);
      viewSignal.addEventListener("abort", () => listeners.delete(listener));
    },
  };
}
