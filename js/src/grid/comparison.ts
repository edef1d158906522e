// The model of one comparison and what it was told so far come in, its cells go out, each with a run of its own: batches
// taken apart, losses noticed and asked for, Stop and Again. Any number of views share it. Knows no DOM.
import type { AnyModel } from "../anywidget";
import { GONE, watchKernel } from "../kernel";
import { createRoutes } from "../routes";
import { createRun, isStale, receive, type Run } from "../store";
import type { AnswerSource, Settles, StopState } from "../stream";
import { parseMessage, type CellMessage, type Cells, type Copy, type GridState, type Layout } from "../wire";
import { layoutOf } from "./arrange";

/** One place of the grid. After Again it has a new `run`. */
export interface Cell extends AnswerSource {
  readonly index: number;
  readonly stop: StopState;
  /** Asked to run again, and not yet begun. */
  readonly isAskedAgain: boolean;
  /** Seconds since the start of the run: the kernel's clock, counted on by ours; 0 before its turn. */
  elapsed(): number;
}

export interface Comparison extends Omit<Settles, "subscribe"> {
  readonly layout: Layout;
  readonly cells: readonly Cell[];
  readonly state: GridState;
  /** How Stop all stands. */
  readonly stop: StopState;
  readonly gone: string;
  readonly isRunning: boolean;
  stopAll(): void;
  stopCells(cells: readonly number[]): void;
  runAgain(cells: readonly number[]): void;
  /** Lets answers that were cut off go on. */
  resume(cells: readonly number[]): void;
  /** Calls `listener` after each change, with the numbers of the cells whose runs have changed, until `signal` aborts. */
  subscribe(listener: (changed: readonly number[]) => void, signal: AbortSignal): void;
}

/** Between two requests for what is missing at least this long, doubled while unanswered up to the second figure. */
const ASK_MS = 500;
const ASK_MAX_MS = 16_000;
/** A run that was asked for again begins, or waits for its turn, long before (ms). */
const REFUSED_MS = 2000;

interface OwnCell extends Cell {
  run: Run;
  /** Counts the cell's runs; -1 before the first is heard of. */
  number: number;
  stop: StopState;
  isAskedAgain: boolean;
  clockAt: number;
}

function createCell(index: number, gone: () => string): OwnCell {
  return {
    index,
    number: -1,
    run: createRun(),
    stop: "",
    isAskedAgain: false,
    clockAt: performance.now(),
    get gone() {
      return gone();
    },
    elapsed() {
      const { status, elapsed_s = 0, total_s } = this.run.state;
      if (this.run.ended) return total_s ?? elapsed_s;
      return isWaiting(status) ? 0 : elapsed_s + (performance.now() - this.clockAt) / 1000;
    },
  };
}

const isWaiting = (status: string | undefined): boolean => status === undefined || status === "queued";

/** Before its turn. */
export const isQueued = (run: Run): boolean => !run.ended && isWaiting(run.state.status);

/** Takes one message of a cell's run in; true when the cell has changed. */
function receiveFor(cell: OwnCell, { run, message }: CellMessage, at: number): boolean {
  if (run < cell.number) return false;
  const isNew = run > cell.number;
  if (isNew) Object.assign(cell, { number: run, run: createRun(), stop: "", isAskedAgain: false });
  const before = cell.run.state.elapsed_s;
  const isNews = receive(cell.run, message);
  if (isNew || cell.run.state.elapsed_s !== before) cell.clockAt = at;
  if (cell.run.ended) cell.stop = "";
  return isNews || isNew;
}

export function createComparison(model: AnyModel, signal: AbortSignal): Comparison {
  const layout = layoutOf(model.get("_layout"));
  const cells = layout.points.map((_, index) => createCell(index, () => gone));
  const open = new Set<OwnCell>(cells); // have not ended
  const stale = new Set<OwnCell>();
  const asked = { stop_cells: new Set<number>(), again: new Set<number>(), resume: new Set<number>() }; // not yet acknowledged
  const listeners = new Set<(changed: readonly number[]) => void>();
  let state: GridState = {};
  let seq = -1;
  let newest = -1;
  let stop: StopState = "";
  let gone = "";
  let copy: Copy | undefined;
  const refusals = new Set<ReturnType<typeof setTimeout>>();
  let askTimer: ReturnType<typeof setTimeout> | undefined;
  let askDelay = ASK_MS;
  let isAsked = false;

  const changed = (which: readonly number[] = []): void => {
    for (const listener of listeners) listener(which);
  };
  const lose = (why: string): void => {
    if (gone === why) return;
    gone = why;
    changed(cells.map(({ index }) => index));
  };
  const routes = createRoutes({
    model,
    signal,
    onGone: () => lose(GONE),
    onBusy: (type) => {
      if (type !== "stop" && type !== "stop_cells") return;
      if (type === "stop" && stop) stop = "busy";
      const waiting = [...open].filter((cell) => cell.stop);
      for (const cell of waiting) cell.stop = "busy";
      changed(waiting.map(({ index }) => index));
    },
  });

  const isIncomplete = (): boolean => newest > seq || stale.size > 0;
  // The first request goes at once; the timer both spaces later ones and repeats an unanswered one.
  const askForMissing = (): void => {
    if (askTimer !== undefined || gone || signal.aborted || !isIncomplete()) return;
    isAsked = true;
    // A run without its pictures is not whole, whatever its number.
    routes.send({ type: "missing", known: cells.map(({ number, run }) => [Math.max(0, number), run.lacksMedia ? 0 : run.seq]) });
    askTimer = setTimeout(() => {
      askTimer = undefined;
      askDelay = isIncomplete() ? Math.min(askDelay * 2, ASK_MAX_MS) : ASK_MS;
      askForMissing();
    }, askDelay);
  };

  const noteRun = (cell: OwnCell): void => {
    if (cell.run.ended) open.delete(cell);
    else open.add(cell);
    if (isStale(cell.run)) stale.add(cell);
    else stale.delete(cell);
  };

  const apply = (batch: Cells, at: number): number[] => {
    const messages = batch.cells ?? [];
    const touched = new Set<OwnCell>();
    for (const message of messages) {
      const cell = cells[message.cell];
      if (!cell) continue;
      if (receiveFor(cell, message, at)) touched.add(cell);
      noteRun(cell);
    }
    newest = Math.max(newest, batch.seq);
    // The answer to `missing` holds what is whole, and nothing else.
    const isAnswer = isAsked && messages.every(({ message }) => message.type === "snapshot");
    if (isAnswer) routes.answered("missing");
    if (batch.seq > seq) state = { ...state, ...batch.state };
    // Where it could not be asked again the note says why.
    if (batch.state?.note) for (const cell of cells) cell.isAskedAgain = false;
    if (batch.seq === seq + 1 || (isAnswer && batch.seq > seq)) [seq, isAsked] = [batch.seq, false];
    return [...touched].map(({ index }) => index);
  };

  const noteEnds = (): void => {
    if (stop && open.size === 0) stop = "";
    if (open.size === 0) routes.answered("stop");
    for (const index of asked.stop_cells) if (cells[index]?.run.ended) asked.stop_cells.delete(index);
    if (asked.stop_cells.size === 0) routes.answered("stop_cells");
  };

  /** Runs that have not begun so long after the kernel has heard of it will not: the reader may ask again. */
  const forgetLater = (which: readonly OwnCell[]): void => {
    const timer = setTimeout(() => {
      refusals.delete(timer);
      for (const cell of which) cell.isAskedAgain = false;
      changed(which.map(({ index }) => index));
    }, REFUSED_MS);
    refusals.add(timer);
  };

  const onAck = (of: string): void => {
    routes.answered(of as "stop");
    if (of === "again" || of === "resume") forgetLater(known([...asked[of]]));
    if (of === "stop_cells" || of === "again" || of === "resume") asked[of].clear();
    if (of !== "stop" && of !== "stop_cells") return;
    if (of === "stop" && stop === "busy") stop = "asked";
    for (const cell of open) if (cell.stop === "busy") cell.stop = "asked";
  };

  const take = (content: unknown, at: number): void => {
    const message = parseMessage(content);
    if (!message) return;
    const wasGone = gone !== "";
    gone = ""; // whoever speaks is there
    let touched: number[] = [];
    if (message.type === "ack") onAck(message.of);
    else if (message.type === "settled") state = { ...state, settling: "done" };
    else if (message.type === "copy") {
      routes.answered("copy");
      copy = message;
    } else if (message.type === "beat") newest = Math.max(newest, message.seq);
    else if (message.type === "cells") {
      touched = apply(message, at);
      noteEnds();
    }
    askForMissing();
    changed(wasGone ? cells.map(({ index }) => index) : touched);
  };

  /** The opening state, and what the kernel syncs at the end: every cell's whole. Live views go by messages. */
  const takeTraits = (): number[] => {
    const opening = parseMessage({ ...(model.get("_opening") as object | undefined), type: "cells" });
    if (opening?.type !== "cells" || opening.seq <= seq) return [];
    const touched = apply(opening, performance.now());
    seq = opening.seq;
    noteEnds();
    return touched;
  };
  const onTraits = (): void => changed(takeTraits());
  takeTraits();

  const onMessage = (content: unknown): void => take(content, performance.now());
  model.on("msg:custom", onMessage);
  model.on("change:_opening", onTraits);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", onMessage);
    model.off("change:_opening", onTraits);
    for (const timer of [askTimer, ...refusals]) clearTimeout(timer);
    listeners.clear();
  });
  watchKernel(model, lose, signal);

  // All that was asked for and not acknowledged goes again: a later request takes the place of an earlier one on its way.
  const askToStop = (which: readonly number[]): void => {
    for (const index of which) asked.stop_cells.add(index);
    const wanted = known([...asked.stop_cells]);
    routes.send({ type: "stop_cells", cells: wanted.map(({ index }) => index), runs: wanted.map(({ number }) => number) });
    changed(which);
  };
  const askAnew = (type: "again" | "resume", which: readonly number[]): void => {
    const ended = known(which).filter((cell) => cell.run.ended && !cell.isAskedAgain);
    if (ended.length === 0 || gone) return;
    for (const cell of ended) {
      cell.isAskedAgain = true;
      asked[type].add(cell.index);
    }
    const wanted = known([...asked[type]]).filter((cell) => cell.isAskedAgain);
    routes.send({ type, cells: wanted.map(({ index }) => index), runs: wanted.map(({ number }) => number) });
    changed(ended.map(({ index }) => index));
  };
  const known = (which: readonly number[]): OwnCell[] => which.flatMap((index) => cells[index] ?? []);

  return {
    model,
    signal,
    layout,
    cells,
    get state() {
      return state;
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
    get isRunning() {
      return open.size > 0;
    },
    get settling() {
      return open.size > 0 ? "" : (state.settling ?? "");
    },
    stopAll: () => {
      if (open.size === 0 || gone) return;
      stop ||= "asked";
      for (const cell of open) cell.stop ||= "asked";
      routes.send({ type: "stop" });
      changed([...open].map(({ index }) => index));
    },
    stopCells: (which) => {
      const running = known(which).filter((cell) => open.has(cell));
      if (running.length === 0 || gone) return;
      for (const cell of running) cell.stop ||= "asked";
      askToStop(running.map(({ index }) => index));
    },
    runAgain: (which) => askAnew("again", which),
    resume: (which) => askAnew("resume", which),
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
