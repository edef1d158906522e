// A moment of the wire comes in, what its row says of it goes out, and what is looked for in it. Knows no DOM.
import { createJsonPrinter } from "../view/json";
import type { Moment, Trace } from "./trace";

export type Kind = "event" | "comment" | "unknown";

/** Characters of a row; more would not be seen. */
const MAX_SUMMARY = 160;
/** Characters of an event that are shown opened. */
const MAX_OPENED = 200_000;

const OURS: Record<string, string> = {
  ":": "comment",
  ":opened": "response",
  ":retrying": "retry",
  ":body": "body",
  ":event": "event",
  ":end": "end",
};

/** The event's own name; a server's that begins as ours do has a second colon in front. */
export function nameOf({ name }: Moment): string {
  if (Object.hasOwn(OURS, name)) return OURS[name] ?? "";
  return name.startsWith("::") ? name.slice(1) : name || "data";
}

/** "unknown": an event of the server's that told nothing of the answer or the run. */
export function kindOf({ name, piece, state, data }: Moment): Kind {
  if (name === ":") return "comment";
  if (Object.hasOwn(OURS, name) || data.trim() === "[DONE]") return "event";
  return piece || state ? "event" : "unknown";
}

const quoted = (text: string): string => JSON.stringify(text.length > MAX_SUMMARY ? `${text.slice(0, MAX_SUMMARY)}…` : text);

/** One line: what the answer gained, else how the event begins. */
export function summaryOf({ name, data, piece }: Moment): string {
  if (!Object.hasOwn(OURS, name)) {
    if (piece?.text) return quoted(piece.text);
    if (piece?.reasoning) return `reasoning ${quoted(piece.reasoning)}`;
    if (piece?.refusal) return `refusal ${quoted(piece.refusal)}`;
    const call = piece?.tools?.find((tool) => tool.name || tool.arguments);
    if (call) return `tool call ${call.name || ""}${call.name && call.arguments ? " " : ""}${call.arguments ? quoted(call.arguments) : ""}`;
  }
  const line = data.slice(0, MAX_SUMMARY + 1).replace(/\s+/gu, " ");
  return line.length > MAX_SUMMARY ? `${line.slice(0, MAX_SUMMARY)}…` : line;
}

/** The data as it is read best: JSON with line breaks, all else as it came. */
export function opened({ data }: Moment): string {
  const text = data.length > MAX_OPENED ? `${data.slice(0, MAX_OPENED)}…` : data;
  return createJsonPrinter()(text);
}

/** Seconds, to the millisecond. */
export const offset = (at: number): string => at.toFixed(3);

/** Milliseconds since the moment before. */
export function gap({ moments }: Trace, number: number): string {
  const [before, now] = [moments[number - 1], moments[number]];
  if (!before || !now) return "";
  const ms = (now.at - before.at) * 1000;
  return ms >= 9999.5 ? `+${(ms / 1000).toFixed(1)} s` : `+${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** Whether `wanted`, in small letters, stands in it, or in the name that it came with. */
export const has = ({ name, data }: Moment, wanted: string): boolean =>
  data.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted);
