// An event's data comes in as sent, the times that the server itself measured go out, where it tells them: llama.cpp's
// `timings`, Groq's `usage`, Ollama's durations. What is no sensible number is left out. Pure.
import type { Trace } from "./trace";

export type SpanKind = "queue" | "load" | "prompt" | "generation";

export interface Span {
  readonly kind: SpanKind;
  readonly seconds: number;
  /** That were read or written in it; null where it is not told. */
  readonly tokens: number | null;
}

export interface ServerTimes {
  readonly server: "llama.cpp" | "Groq" | "Ollama";
  /** In their order. */
  readonly spans: readonly Span[];
  /** Seconds, by the server's own count; null where it is not told. */
  readonly total: number | null;
}

/** Only an event that has one of these keys is parsed; inside a text its quotation marks would be escaped. */
const KEYS = /"(?:prompt_ms|predicted_ms|prompt_time|completion_time|prompt_eval_duration|eval_duration)"/;
/** More than this (characters) is no last event of a stream. */
const MAX_CHARS = 1_000_000;
/** No run takes longer (seconds). */
const MAX_S = 1e6;
const MAX_TOKENS = 1e9;
/** So many events are tried, from the latest back. */
const TRIES = 8;

export const mayTellTimes = (data: string): boolean => data.length <= MAX_CHARS && KEYS.test(data);

type Fields = Record<string, unknown>;

export function serverTimesIn(data: string): ServerTimes | null {
  if (!mayTellTimes(data)) return null;
  const event = parsed(data);
  return fromLlama(fieldsOf(event["timings"])) ?? fromGroq(fieldsOf(fieldsOf(event["x_groq"])["usage"])) ?? fromGroq(fieldsOf(event["usage"])) ?? fromOllama(event);
}

function parsed(data: string): Fields {
  try {
    return fieldsOf(JSON.parse(data));
  } catch {
    return {}; // cut off, or no JSON
  }
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {});

/** https://github.com/ggml-org/llama.cpp/tree/master/tools/server: `timings`, milliseconds. */
function fromLlama(timings: Fields): ServerTimes | null {
  return times("llama.cpp", null, [span("prompt", timings["prompt_ms"], 1e-3, timings["prompt_n"]), span("generation", timings["predicted_ms"], 1e-3, timings["predicted_n"])]);
}

/** https://console.groq.com/docs/api-reference: `usage`, seconds. */
function fromGroq(usage: Fields): ServerTimes | null {
  return times("Groq", secondsOf(usage["total_time"], 1), [
    span("queue", usage["queue_time"], 1),
    span("prompt", usage["prompt_time"], 1, usage["prompt_tokens"]),
    span("generation", usage["completion_time"], 1, usage["completion_tokens"]),
  ]);
}

/** https://github.com/ollama/ollama/blob/main/docs/api.md: nanoseconds. */
function fromOllama(event: Fields): ServerTimes | null {
  return times("Ollama", secondsOf(event["total_duration"], 1e-9), [
    span("load", event["load_duration"], 1e-9),
    span("prompt", event["prompt_eval_duration"], 1e-9, event["prompt_eval_count"]),
    span("generation", event["eval_duration"], 1e-9, event["eval_count"]),
  ]);
}

function times(server: ServerTimes["server"], total: number | null, found: (Span | null)[]): ServerTimes | null {
  const spans = found.filter((one) => one !== null);
  return spans.some(({ kind }) => kind === "prompt" || kind === "generation") ? { server, spans, total } : null;
}

function span(kind: SpanKind, value: unknown, unit: number, tokens?: unknown): Span | null {
  const length = secondsOf(value, unit);
  return length === null ? null : { kind, seconds: length, tokens: countOf(tokens) };
}

const within = (value: unknown, most: number): value is number => typeof value === "number" && value >= 0 && value <= most;
const secondsOf = (value: unknown, unit: number): number | null => (within(value, MAX_S / unit) ? value * unit : null);
export const countOf = (value: unknown): number | null => (within(value, MAX_TOKENS) && Number.isInteger(value) ? value : null);

/** What servers told of a trace that grows: their times, and how many tokens they counted. */
export interface Told {
  refresh(): void;
  /** The latest of the first `moments` moments. */
  times(moments: number): ServerTimes | null;
  /** Tokens of the answer by the latest usage among the first `moments` moments. */
  tokens(moments: number): number | null;
}

export function createTold({ moments }: Pick<Trace, "moments">): Told {
  const known = new Map<number, ServerTimes | null>();
  const candidates: number[] = [];
  const usages: [moment: number, tokens: number][] = [];
  let read = 0;
  const timesOf = (number: number): ServerTimes | null => {
    let found = known.get(number);
    if (found === undefined) known.set(number, (found = serverTimesIn(moments[number]?.data ?? "")));
    return found;
  };
  return {
    refresh() {
      for (; read < moments.length; read++) {
        const moment = moments[read];
        const tokens = countOf(moment?.state?.usage?.["output_tokens"]);
        if (tokens !== null) usages.push([read, tokens]);
        if (moment && mayTellTimes(moment.data)) candidates.push(read);
      }
    },
    times(count) {
      const before = candidates.filter((number) => number < count).slice(-TRIES).reverse();
      for (const number of before) {
        const found = timesOf(number);
        if (found) return found;
      }
      return null;
    },
    tokens: (count) => usages.findLast(([number]) => number < count)?.[1] ?? null,
  };
}
