// The twin of notebook_stream/wire.py: the messages that cross the comm, as types.
import type { Moment } from "./inspect/trace";

export { parseMessage } from "./parse";

/** A piece of a tool call (append) or the whole of it (snapshot); `arguments` is appended to what is there. */
export interface ToolPiece {
  position?: number;
  id?: string;
  name?: string;
  arguments?: string;
  kind?: string;
}

/** What a tool that the server ran gave back, perhaps cut off; `position`: that of its call, if known. */
export interface ToolOutput {
  position: number | null;
  name: string;
  kind: string;
  content: string;
}

/** A source the answer refers to; `start` and `end`: code points of the answer, where told. */
export interface CitationItem {
  url: string;
  title: string;
  quote: string;
  start?: number;
  end?: number;
}

/**
 * A picture, sound or file that the model made: pieces of base64, or an address. In append those of a sound and its
 * transcript are added to what is there; all else replaces it. `slot` counts the things of one answer.
 */
export interface MediaPiece {
  slot: number;
  kind: string;
  mime_type?: string;
  data?: string[];
  url?: string;
  transcript?: string;
  is_too_large?: boolean;
}

/**
 * What the request says of the answer's shape: it is JSON; there are several. `continues`: UTF-16 units of text and
 * reasoning that were there before, so that they count for no rate.
 */
export interface Asked {
  json?: boolean;
  choices?: number;
  continues?: number;
}

/** What went wrong, in plain words, and what to do. */
export interface ErrorInfo {
  code: string;
  message: string;
  hint: string;
}

/** Waiting to ask again: at `at_s` seconds since the run's start. */
export interface RetryInfo {
  at_s: number;
  attempt: number;
  of: number;
  reason: string;
}

/** Everything about a run but its answers; in append only what changed. Times are seconds since the run's start. */
export interface RunState {
  status?: string;
  model?: string;
  elapsed_s?: number;
  first_byte_s?: number | null;
  ttft_s?: number | null;
  total_s?: number | null;
  stop_reason?: string | null;
  /** Words for the limit that stopped the run. */
  stop_detail?: string;
  finish_reason?: string | null;
  finish_detail?: string;
  /** What the text comes from, and so what Stop closes: "connection" or "source". */
  origin?: string;
  tokens?: number;
  estimated?: boolean;
  tokens_per_s?: number | null;
  usage?: Record<string, unknown> | null;
  /** In US dollars, null where it is not known. */
  cost?: number | null;
  cost_estimated?: boolean;
  error?: ErrorInfo | null;
  retry?: RetryInfo | null;
  notice?: string;
  note?: string;
  /** Whether the run's own displays will become its static copy after the end, or have. */
  settling?: "" | "planned" | "done";
  asked?: Asked;
  /** An answer that was cut off can go on. */
  resumable?: boolean;
}

/** What has come of one answer. */
export interface AnswerPiece {
  text?: string;
  reasoning?: string;
  refusal?: string;
  tools?: ToolPiece[];
  results?: ToolOutput[];
  citations?: CitationItem[];
  media?: MediaPiece[];
}

/** The same of an answer beside the first (`n=2`), and how it ended. */
export interface ChoicePiece extends AnswerPiece {
  index: number;
  finish_reason?: string;
  finish_detail?: string;
}

/** What came since the message before. `seq` counts messages; texts are appended to what is there. */
export interface Append extends AnswerPiece {
  type: "append";
  seq: number;
  choices?: ChoicePiece[];
  state?: RunState;
}

/** The last numbered message: the run has ended. `state` is the whole state. */
export interface End {
  type: "end";
  seq: number;
  state: RunState;
}

/**
 * The whole up to `seq`: the opening state, and the answer to a page that saw a gap. `lacks_media`: there are some, to
 * be asked for.
 */
export interface Snapshot extends AnswerPiece {
  type: "snapshot";
  seq: number;
  text: string;
  reasoning: string;
  refusal: string;
  tools: ToolPiece[];
  citations: CitationItem[];
  choices?: ChoicePiece[];
  lacks_media?: boolean;
  state: RunState;
}

/** A slow heartbeat with the last number sent, so that a lost tail shows. */
export interface Beat {
  type: "beat";
  seq: number;
}

/** The kernel has the page's request. */
export interface Ack {
  type: "ack";
  of: FromPage["type"];
}

/** The run's displays are static now; a view that is still there has missed it, and may ask for the copy. */
export interface Settled {
  type: "settled";
}

/** The static copy, as the notebook's file is to hold it. */
export interface Copy {
  type: "copy";
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

/** The page asks to end the run. */
export interface Stop {
  type: "stop";
}

/** The page asks for the whole. */
export interface SnapshotRequest {
  type: "snapshot";
}

/** How the page's views of an ended run stand: the reader is in none, or in one of them, or there is none. */
export interface Views {
  type: "views";
  state: "free" | "held" | "none";
}

/** The page asks for the static copy, to put it into the notebook itself. */
export interface CopyRequest {
  type: "copy";
}

/** What varies in a comparison: its values as short labels, and in full where a label is shortened, else "". */
export interface Axis {
  name: string;
  labels: string[];
  details: string[];
}

/**
 * The places of a comparison's cells: for each cell the number of its value on each axis. `across`: the axis that is
 * across at first, `repeats`: the one that counts repeats of the same request; -1 where there is none.
 */
export interface Layout {
  axes: Axis[];
  points: number[][];
  across: number;
  repeats: number;
}

/** A message of the run of one cell. `run` counts the cell's runs: a higher one begins the cell anew. */
export interface CellMessage {
  cell: number;
  run: number;
  message: Append | End | Snapshot;
}

/**
 * How far the answers to one repeated request agree, of those `cells` that have ended with a text. `prefix`: code points
 * that all begin with; `before`: the last of them, `after`: how each goes on where they part. `alike`: mean share of
 * common words, 0 to 1. `chars` and `seconds`: the least and the most.
 */
export interface Agreement {
  cells: number[];
  distinct: number;
  prefix: number;
  before: string;
  after: string[];
  alike: number;
  chars: number[];
  seconds: number[];
}

/** What is to be said of a comparison as a whole; in a later message only what changed. */
export interface GridState {
  /** Seconds that something has run, now. */
  elapsed_s?: number;
  /** The same once nothing runs any more. */
  total_s?: number | null;
  concurrency?: number;
  max_cost?: number | null;
  note?: string;
  stop_reason?: string | null;
  settling?: "" | "planned" | "done";
  agreements?: Agreement[];
}

/** What came in the cells of a comparison since the message before; `seq` counts these messages. */
export interface Cells {
  type: "cells";
  seq: number;
  cells?: CellMessage[];
  state?: GridState;
}

/** The page asks to end the runs of these cells. */
export interface StopCells {
  type: "stop_cells";
  cells: number[];
  /** As in `Again`: a request that comes late by a second route must not stop a cell's next run. */
  runs: number[];
}

/**
 * The page asks to run these cells again; `runs`: the run of each that it knows, so that a request which comes by two routes
 * counts once.
 */
export interface Again {
  type: "again";
  cells: number[];
  runs: number[];
}

/** The page asks for the rest of these cells' answers, which were cut off; `runs` as in `Again`. */
export interface Resume {
  type: "resume";
  cells: number[];
  runs: number[];
}

/** The page has seen a gap: for each cell the run and the number that it knows; it wants what is newer. */
export interface Missing {
  type: "missing";
  known: number[][];
}

/** What came in a run, from the moment number `from` on; of `total` that there are by now. */
export interface Moments {
  type: "moments";
  track: number;
  from: number;
  moments: Moment[];
  total: number;
}

/** The page asks for the moments of a track, from this number on. */
export interface MomentsRequest {
  type: "moments";
  track: number;
  from: number;
}

/** The page asks to go on from a token of a track with one of its alternatives, by its number. */
export interface Branch {
  type: "branch";
  track: number;
  token: number;
  alternative: number;
}

export type FromPage = Stop | SnapshotRequest | Views | CopyRequest | StopCells | Again | Resume | Missing | MomentsRequest | Branch;
/** What is told of the run itself, in the order of its numbers. */
export type Numbered = Append | End | Snapshot | Beat;
export type ToPage = Numbered | Ack | Settled | Copy | Cells | Moments;
