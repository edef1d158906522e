// What came in one run, in the order and at the times it came: moments of the wire go in, they and the tokens of the
// answer go out, to every view of the inspector. Knows no DOM, no comm and no clock.
import type { AnswerPiece, ChoicePiece, RunState } from "../wire";

/** A token, its log probability (natural), and what was likely in its place, the likeliest first. */
export type Logprob = [token: string, logprob: number, top: [token: string, logprob: number][]];

/**
 * One event of the wire, and what the answer gained by it. `name` is the event's own, empty where it has none; ours begin
 * with a colon: ":" is a comment or a keep-alive, ":opened" the response's beginning (JSON: status_code, headers),
 * ":retrying" a wait before asking again (JSON), ":body" an answer that came as one JSON text, ":event" what a source of
 * show() gave (JSON), ":end" how the run ended (JSON). A server's own name that begins so has a second colon in front.
 */
export interface Moment {
  /** Seconds since the run's start. */
  at: number;
  name: string;
  /** As sent. */
  data: string;
  /** Texts are appended to what is there, as in `Append`. */
  piece?: AnswerPiece & { choices?: ChoicePiece[] };
  /** What changed of the run; at ":end" the whole of it. */
  state?: RunState;
  /** The tokens of the first answer's text, where the server told them. */
  logprobs?: Logprob[];
}

/** What is known of a run beside its moments. */
export interface Track {
  /** What tells it from the others. */
  label: string;
  model: string;
  /** "openai-chat", ...; empty where the events are a source's of show(). */
  wire_format: string;
  host: string;
  /** The request's body as sent; no key is in it. Null where there is none. */
  request: Record<string, unknown> | null;
  /** Whether the run can go on from another token: then "branch" may be asked for. */
  branches: boolean;
  /** The track that this one branched off, and the number of the token that it puts another in place of. */
  parent: number | null;
  token: number | null;
  /** How many moments could not be kept, since a recording is bounded. */
  lost: number;
  /** Empty where the times are as they were, else a word for where they are from. */
  times?: string;
}

/** A piece of the answer's text that came at once: a token where the server tells tokens, else the text of an event. */
export interface Token {
  text: string;
  /** Natural logarithm; null where the server told none. */
  logprob: number | null;
  top: [token: string, logprob: number][];
  /** The number of the moment that brought it. */
  moment: number;
  /** Where it stands in the answer's text, UTF-16 units. */
  start: number;
  end: number;
}

export interface Trace {
  readonly about: Track;
  readonly moments: readonly Moment[];
  /** Of the first answer's text. */
  readonly tokens: readonly Token[];
  /** Whether tokens are the server's (with probabilities), or pieces as they came. */
  readonly hasLogprobs: boolean;
  /** Whether nothing more will come. */
  readonly hasEnded: boolean;
  /** Seconds from the run's start to the last moment. */
  readonly length: number;
  add(moments: readonly Moment[]): void;
}

export function createTrace(about: Track): Trace {
  const moments: Moment[] = [];
  const tokens: Token[] = [];
  let chars = 0;
  let hasLogprobs = false;

  const take = (moment: Moment): void => {
    const number = moments.push(moment) - 1;
    const text = moment.piece?.text ?? "";
    const told = moment.logprobs?.length ?? 0;
    if (!text && !told) return; // a token of half a character comes without any
    hasLogprobs ||= told > 0;
    // One by one: a moment may bring more of them than a call takes arguments.
    for (const token of tokensOf(text, moment.logprobs ?? [], number, chars)) tokens.push(token);
    chars += text.length;
  };

  return {
    about,
    moments,
    tokens,
    get hasLogprobs() {
      return hasLogprobs;
    },
    get hasEnded() {
      return moments.at(-1)?.name === ":end";
    },
    get length() {
      return moments.at(-1)?.at ?? 0;
    },
    add(more) {
      for (const moment of more) take(moment);
    },
  };
}

/** Rounded figures may come to a hair more than certainty. */
const SLACK = 0.01;

/** A file or a server may hold anything in its place: only what can be a log probability is taken for one. */
const isLogprob = (value: unknown): value is number => Number.isFinite(value) && (value as number) <= SLACK;

/**
 * The tokens of one event's text. Servers may tell tokens that are not its pieces (half a character is told as U+FFFD or
 * nothing): such a token keeps its probability and stands where it would begin, with what is left there of the text.
 */
function tokensOf(text: string, logprobs: readonly Logprob[], moment: number, offset: number): Token[] {
  if (logprobs.length === 0) return [{ text, logprob: null, top: [], moment, start: offset, end: offset + text.length }];
  let at = 0;
  const found = logprobs.map(([token, logprob, top]): Token => {
    const start = at;
    if (text.startsWith(token, at)) at += token.length;
    const likely = top.map(([text, told]): Token["top"][number] => [text, isLogprob(told) ? told : -Infinity]); // their numbers stay
    return { text: token, logprob: isLogprob(logprob) ? logprob : null, top: likely, moment, start: offset + start, end: offset + at };
  });
  const last = found.at(-1);
  if (last && at < text.length) last.end = offset + text.length;
  return found;
}
