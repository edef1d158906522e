// One widget model and what it was told so far come in, one live stream goes out that any number of views share: the
// run, its clock, Stop, the asking again after a loss, and what is said of the change-over. Knows no DOM.
import type { AnyModel } from "./anywidget";
import type { Journal } from "./journal";
import { GONE, watchKernel } from "./kernel";
import { createRoutes } from "./routes";
import { createRun, isStale, receive, type Run } from "./store";
import { parseMessage, type Copy, type CopyRequest, type Numbered, type Snapshot, type Views } from "./wire";

/** How Stop stands: not pressed, asked for, or asked for while the kernel does not listen. */
export type StopState = "" | "asked" | "busy";

/** What the answers of a run are drawn from. */
export interface AnswerSource {
  readonly run: Run;
  /** Why the kernel can no longer be reached; empty while it can. */
  readonly gone: string;
}

/** What the change-over to a static copy needs to know, and whom it tells. */
export interface Settles {
  readonly model: AnyModel;
  /** Aborts with the model; it has no views long before that. */
  readonly signal: AbortSignal;
  /** How the change-over stands; empty before the end, and where the live view stays. */
  readonly settling: "" | "planned" | "done";
  /** The static copy, once it was asked for and has come. */
  readonly copy: Copy | undefined;
  /** Tells the kernel how the views stand, or asks for the static copy. */
  tell(message: Views | CopyRequest): void;
  /** Calls `listener` after each change until `signal` aborts. */
  subscribe(listener: () => void, signal: AbortSignal): void;
}

export interface LiveStream extends AnswerSource, Settles {
  readonly stop: StopState;
  /** Seconds since the run's start: the kernel's clock, counted on by ours. */
  elapsed(): number;
  requestStop(): void;
}

/** Between two requests for the whole at least this long, doubled while unanswered up to the second figure. */
const ASK_MS = 500;
const ASK_MAX_MS = 16_000;

/** The opening state and what the kernel syncs once at the end: traits that together are a snapshot. */
function traits(read: (name: string) => unknown): Snapshot | null {
  if (read("seq") === undefined) return null;
  const snapshot = parseMessage({
    ...(read("_rest") as object | undefined),
    type: "snapshot",
    seq: read("seq"),
    text: read("text"),
    reasoning: read("reasoning"),
  });
  return snapshot as Snapshot | null;
}

export function createStream({ model, signal, opening, openedAt, entries }: Journal): LiveStream {
  const run = createRun(traits((name) => opening[name]));
  const listeners = new Set<() => void>();
  let clockAt = openedAt;
  let stop: StopState = "";
  let gone = "";
  let copy: Copy | undefined;
  let askTimer: ReturnType<typeof setTimeout> | undefined;
  let askDelay = ASK_MS;

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

  // The first request goes at once; the timer both spaces later ones and repeats an unanswered one.
  const askForWhole = (): void => {
    if (askTimer !== undefined || gone || signal.aborted || !isStale(run)) return;
    routes.send({ type: "snapshot" });
    askTimer = setTimeout(() => {
      askTimer = undefined;
      askDelay = isStale(run) ? Math.min(askDelay * 2, ASK_MAX_MS) : ASK_MS;
      askForWhole();
    }, askDelay);
  };

  const take = (content: unknown, at: number): void => {
    const message = parseMessage(content);
    if (!message || message.type === "cells" || message.type === "moments") return;
    let isNews = gone !== "";
    gone = ""; // whoever speaks is there
    if (message.type === "ack") {
      routes.answered(message.of);
      if (message.of === "stop" && stop === "busy") [stop, isNews] = ["asked", true];
    } else if (message.type === "settled") {
      run.state = { ...run.state, settling: "done" };
      isNews = true;
    } else if (message.type === "copy") {
      routes.answered("copy");
      [copy, isNews] = [message, true];
    } else {
      if (message.type === "snapshot") routes.answered("snapshot");
      isNews = apply(message, at) || isNews;
    }
    if (isNews) changed();
  };

  const apply = (message: Numbered, at: number): boolean => {
    const before = run.state.elapsed_s;
    const isNews = receive(run, message);
    if (run.state.elapsed_s !== before) clockAt = at;
    if (run.ended) {
      stop = "";
      routes.answered("stop");
    }
    askForWhole();
    return isNews;
  };

  // Live views go by messages; the traits count only when they know more, e.g. after a reconnection.
  const onTraits = (): void => {
    if (Number(model.get("seq")) <= run.seq) return;
    const snapshot = traits((name) => model.get(name));
    if (snapshot && apply(snapshot, performance.now())) changed();
  };

  const onMessage = (content: unknown): void => take(content, performance.now());
  for (const [content, at] of entries) take(content, at);
  model.on("msg:custom", onMessage);
  model.on("change:seq", onTraits);
  onTraits();
  signal.addEventListener("abort", () => {
    model.off("msg:custom", onMessage);
    model.off("change:seq", onTraits);
    clearTimeout(askTimer);
    listeners.clear();
  });
  watchKernel(model, lose, signal);

  return {
    model,
    signal,
    run,
    get settling() {
      return run.ended ? (run.state.settling ?? "") : "";
    },
    get copy() {
      return copy;
    },
    get stop() {
      return stop;
    },
    get gone() {
      return gone;
    },
    elapsed: () => {
      const { elapsed_s = 0, total_s } = run.state;
      return run.ended ? (total_s ?? elapsed_s) : elapsed_s + (performance.now() - clockAt) / 1000;
    },
    requestStop: () => {
      if (run.ended || gone) return;
      stop ||= "asked";
      routes.send({ type: "stop" });
      changed();
    },
    tell: (message) => {
      if (!gone && !signal.aborted) routes.send(message);
    },
    subscribe: (listener, viewSignal) => {
      if (viewSignal.aborted) return;
      listeners.add(listener);
      viewSignal.addEventListener("abort", () => listeners.delete(listener));
    },
  };
}
