// Messages in the order they happen to arrive come in, one consistent run goes out: older numbers are ignored,
// a gap is noticed, a snapshot heals it. Knows no DOM, no timers and no comm.
import type { CitationItem, RunState, Snapshot, ToolPiece, ToPage } from "./wire";

/**
 * Text that only grows within an epoch. A view remembers how many pieces it has shown; joining them at each
 * flush would copy the whole text thirty times a second.
 */
export interface Growing {
  epoch: number;
  pieces: string[];
  /** Of all pieces, in UTF-16 units. */
  length: number;
}

/** A tool call with all its fields. */
export type Tool = Required<ToolPiece>;

/** One run as far as this page knows it. `newest` is the highest number heard of, `seq` the last one applied. */
export interface Run {
  seq: number;
  newest: number;
  text: Growing;
  reasoning: Growing;
  refusal: Growing;
  tools: Tool[];
  citations: CitationItem[];
  state: RunState;
  ended: boolean;
}

const ENDS = new Set(["done", "stopped", "interrupted", "error"]);

export const whole = (growing: Growing): string => growing.pieces.join("");

/** Something is missing: what is shown is true but not the newest. */
export const isStale = (run: Run): boolean => run.newest > run.seq;

export function createRun(opening?: Snapshot | null): Run {
  const empty = (): Growing => ({ epoch: 0, pieces: [], length: 0 });
  const run: Run = {
    seq: 0,
    newest: 0,
    text: empty(),
    reasoning: empty(),
    refusal: empty(),
    tools: [],
    citations: [],
    state: {},
    ended: false,
  };
  if (opening) receive(run, opening);
  return run;
}

/** Takes one message in; true when the run has changed. */
export function receive(run: Run, message: ToPage): boolean {
  if (message.type === "ack") return false;
  const wasStale = isStale(run);
  run.newest = Math.max(run.newest, message.seq);
  if (message.type === "snapshot") return replace(run, message);
  if (message.type === "beat" || message.seq <= run.seq) return isStale(run) !== wasStale;
  const isNext = message.seq === run.seq + 1;
  if (isNext) run.seq = message.seq;
  // An end record holds the whole state: that the run has ended is shown even while its tail is being fetched.
  if (isNext || message.type === "end") setState(run, message.state);
  if (message.type === "end") run.ended = true;
  else if (isNext) {
    grow(run.text, message.text);
    grow(run.reasoning, message.reasoning);
    grow(run.refusal, message.refusal);
    for (const piece of message.tools ?? []) addTool(run.tools, piece);
    run.citations.push(...(message.citations ?? []));
  }
  return true;
}

function replace(run: Run, snapshot: Snapshot): boolean {
  if (snapshot.seq < run.seq) return false;
  run.seq = snapshot.seq;
  growTo(run.text, snapshot.text);
  growTo(run.reasoning, snapshot.reasoning);
  growTo(run.refusal, snapshot.refusal);
  run.tools = [];
  for (const tool of snapshot.tools) addTool(run.tools, tool);
  run.citations = [...snapshot.citations];
  // A snapshot asked for before the end may arrive after the end record: it must not set the run going again.
  if (!(run.ended && isStale(run))) setState(run, snapshot.state);
  return true;
}

function setState(run: Run, state: RunState | undefined): void {
  run.state = { ...run.state, ...state };
  run.ended ||= ENDS.has(run.state.status ?? "");
}

function grow(growing: Growing, text: string | undefined): void {
  if (!text) return;
  growing.pieces.push(text);
  growing.length += text.length;
}

/** A view must start over only when the new text is not a longer version of what it shows. */
function growTo(growing: Growing, text: string): void {
  const shown = whole(growing);
  if (text.startsWith(shown)) {
    grow(growing, text.slice(shown.length));
    return;
  }
  growing.epoch += 1;
  growing.pieces = [];
  growing.length = 0;
  grow(growing, text);
}

function addTool(tools: Tool[], piece: ToolPiece): void {
  const position = piece.position ?? 0;
  let tool = tools.find((known) => known.position === position);
  if (!tool) {
    tool = { position, id: "", name: "", arguments: "", kind: "function" };
    tools.push(tool);
  }
  tool.id = piece.id || tool.id;
  tool.name = piece.name || tool.name;
  tool.kind = piece.kind || tool.kind;
  tool.arguments += piece.arguments ?? "";
}
