// Messages in the order they happen to arrive come in, one consistent run goes out: older numbers are ignored,
// a gap is noticed, a snapshot heals it. Knows no DOM, no timers and no comm.
import type { AnswerPiece, ChoicePiece, CitationItem, MediaPiece, Numbered, RunState, Snapshot, ToolOutput, ToolPiece } from "./wire";

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

/** A picture, sound or file as far as it has come. `version` changes with its content. */
export interface Thing extends Required<MediaPiece> {
  version: number;
}

/** One answer as far as this page knows it. */
export interface Answer {
  index: number;
  text: Growing;
  reasoning: Growing;
  refusal: Growing;
  tools: Tool[];
  results: ToolOutput[];
  citations: CitationItem[];
  media: Thing[];
}

/** An answer beside the first, which knows how it ended. */
export interface Choice extends Answer {
  finish_reason: string;
  finish_detail: string;
}

/**
 * One run as far as this page knows it: the first answer, and the others. `newest` is the highest number heard of, `seq`
 * the last one applied; `lacksMedia`: a snapshot that healed a loss was without.
 */
export interface Run extends Answer {
  seq: number;
  newest: number;
  lacksMedia: boolean;
  choices: Choice[];
  state: RunState;
  ended: boolean;
}

/** Places kept for answers that were asked for; the kernel sends no more either. */
const MAX_PLACES = 32;

const ENDS = new Set(["done", "stopped", "interrupted", "error"]);

export const whole = (growing: Growing): string => growing.pieces.join("");

/** Something is missing: what is shown is true but not the newest. */
export const isStale = (run: Run): boolean => run.newest > run.seq || run.lacksMedia;

/** All answers, the first one first. */
export const answersOf = (run: Run): readonly Answer[] => [run, ...run.choices];

/** Characters of all that the model has written but its tool calls. */
export const charsOf = (run: Run): number =>
  answersOf(run).reduce((sum, { text, reasoning, refusal }) => sum + text.length + reasoning.length + refusal.length, 0);

const hasContent = ({ text, reasoning, refusal, tools, results, media }: Answer): boolean =>
  [text, reasoning, refusal, tools, results, media].some(({ length }) => length > 0);

/** The same without what was there before the run. */
export const newCharsOf = (run: Run): number => charsOf(run) - (run.state.asked?.continues ?? 0);

/** Whether anything of an answer has come; what was there before the run has not. */
export const hasBegun = (run: Run): boolean =>
  answersOf(run).some(hasContent) && (!run.state.asked?.continues || newCharsOf(run) > 0 || run.tools.length > 0);

/** The first answer and those others that have a place on the page: at the end only what has come. */
export const shownAnswers = (run: Run): readonly Answer[] =>
  answersOf(run).filter((answer) => answer === run || !run.ended || hasContent(answer) || (answer as Choice).finish_reason);

function createAnswer(index: number): Answer {
  const empty = (): Growing => ({ epoch: 0, pieces: [], length: 0 });
  return { index, text: empty(), reasoning: empty(), refusal: empty(), tools: [], results: [], citations: [], media: [] };
}

export function createRun(opening?: Snapshot | null): Run {
  const run: Run = { ...createAnswer(0), seq: 0, newest: 0, lacksMedia: false, choices: [], state: {}, ended: false };
  if (!opening) return run;
  receive(run, opening);
  run.lacksMedia = false; // restored from a file: nobody is there to ask
  return run;
}

/** Takes one message in; true when the run has changed. */
export function receive(run: Run, message: Numbered): boolean {
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
    addTo(run, message);
    for (const piece of message.choices ?? []) addToChoice(run, piece);
  }
  return true;
}

function addTo(answer: Answer, piece: AnswerPiece): void {
  grow(answer.text, piece.text);
  grow(answer.reasoning, piece.reasoning);
  grow(answer.refusal, piece.refusal);
  for (const tool of piece.tools ?? []) addTool(answer.tools, tool);
  for (const thing of piece.media ?? []) addMedia(answer.media, thing);
  answer.results.push(...(piece.results ?? []));
  answer.citations.push(...(piece.citations ?? []));
}

function addToChoice(run: Run, piece: ChoicePiece): void {
  const choice = choiceOf(run, piece.index);
  addTo(choice, piece);
  setFinish(choice, piece);
}

function choiceOf(run: Run, index: number): Choice {
  const known = run.choices.find((choice) => choice.index === index);
  if (known) return known;
  const made: Choice = { ...createAnswer(index), finish_reason: "", finish_detail: "" };
  run.choices.push(made);
  run.choices.sort((a, b) => a.index - b.index);
  return made;
}

function setFinish(choice: Choice, { finish_reason, finish_detail }: ChoicePiece): void {
  if (finish_reason) [choice.finish_reason, choice.finish_detail] = [finish_reason, finish_detail ?? ""];
}

/** `piece` is the whole answer, but for its media where it `lacksMedia`. */
function setTo(answer: Answer, piece: AnswerPiece, lacksMedia: boolean): void {
  growTo(answer.text, piece.text ?? "");
  growTo(answer.reasoning, piece.reasoning ?? "");
  growTo(answer.refusal, piece.refusal ?? "");
  answer.tools = [];
  for (const tool of piece.tools ?? []) addTool(answer.tools, tool);
  answer.results = [...(piece.results ?? [])];
  answer.citations = [...(piece.citations ?? [])];
  if (!lacksMedia) setMedia(answer, piece.media ?? []);
}

function replace(run: Run, snapshot: Snapshot): boolean {
  if (snapshot.seq < run.seq) return false;
  run.seq = snapshot.seq;
  run.lacksMedia = snapshot.lacks_media ?? false;
  setTo(run, snapshot, run.lacksMedia);
  for (const piece of snapshot.choices ?? []) {
    const choice = choiceOf(run, piece.index);
    setTo(choice, piece, run.lacksMedia);
    setFinish(choice, piece);
  }
  // A snapshot asked for before the end may arrive after the end record: it must not set the run going again.
  if (!(run.ended && isStale(run))) setState(run, snapshot.state);
  return true;
}

function setState(run: Run, state: RunState | undefined): void {
  run.state = { ...run.state, ...state };
  // Asked for, they have their places from the beginning on: the first one must not be moved aside by the next.
  for (let index = 1; index < Math.min(run.state.asked?.choices ?? 1, MAX_PLACES); index++) choiceOf(run, index);
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
  let tool = tools.findLast((known) => known.position === position);
  if (!tool) {
    tool = { position, id: "", name: "", arguments: "", kind: "function" };
    tools.push(tool);
  }
  tool.id = piece.id || tool.id;
  tool.name = piece.name || tool.name;
  tool.kind = piece.kind || tool.kind;
  tool.arguments += piece.arguments ?? "";
}

function addMedia(things: Thing[], piece: MediaPiece): void {
  const known = things.find(({ slot }) => slot === piece.slot);
  if (!known) {
    things.push(thingOf(piece, 1));
    return;
  }
  const isGrowing = piece.kind === "audio";
  const data = isGrowing ? [...known.data, ...(piece.data ?? [])] : (piece.data ?? []);
  const transcript = (isGrowing ? known.transcript : "") + (piece.transcript ?? "");
  const mime_type = piece.mime_type || known.mime_type;
  Object.assign(known, thingOf({ ...piece, data, transcript, mime_type, url: piece.url || known.url }, known.version + 1));
}

const thingOf = (piece: MediaPiece, version: number): Thing => ({
  mime_type: "",
  data: [],
  url: "",
  transcript: "",
  is_too_large: false,
  ...piece,
  version,
});

/** What is the same stays, or a picture would be drawn anew after each loss. */
function setMedia(answer: Answer, pieces: readonly MediaPiece[]): void {
  answer.media = pieces.map((piece) => {
    const known = answer.media.find(({ slot }) => slot === piece.slot);
    const isSame = known?.transcript === (piece.transcript ?? "") && known.data.join() === (piece.data ?? []).join();
    return isSame && known ? known : thingOf(piece, (known?.version ?? 0) + 1);
  });
}
