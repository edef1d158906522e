// What the Timing view says comes in as figures, its sentences go out: each picture's in words, notes, a gap's. Pure.
import { gapBefore, STALL_RULE, type Gaps } from "./gaps";
import { duration, figure } from "./scales";
import type { Timing } from "./timingmodel";
import type { Trace } from "./trace";

const number = (value: number): string => value.toLocaleString("en-US");
const counted = (value: number, word: string): string => `${number(value)} ${word}${value === 1 ? "" : "s"}`;

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** What belongs to it, said more quietly. */
  readonly detail: string;
}

export function figuresOf(timing: Timing): Figure[] {
  const { firstAt, openedAt, answerAt, until, hasEnded, overall, overallUnit, median, gaps, unit } = timing;
  const first = [openedAt === null ? "" : `response after ${duration(openedAt)}`, answerAt === null ? "" : `answer after ${duration(answerAt)}`];
  return [
    { name: "Time to first token", value: firstAt === null ? "–" : duration(firstAt), detail: first.filter(Boolean).join(", ") },
    { name: hasEnded ? "Total" : "So far", value: duration(until), detail: "" },
    { name: `${overallUnit === "token" ? "Tokens" : "Pieces"} per second`, value: overall === null ? "–" : figure(overall), detail: median === null ? "" : `median ${figure(median)}${unit === overallUnit ? "" : " pieces/s"}` },
    { name: "Median gap", value: gaps ? duration(gaps.median) : "–", detail: gaps ? `p90 ${duration(gaps.p90)}, p99 ${duration(gaps.p99)}; ${stallWords(gaps)}` : "" },
  ];
}

/** "2 stalls, the longest 2.6 s" */
const stallWords = ({ stalls, longest }: Gaps): string =>
  stalls.length === 0 ? "no stall" : stalls.length === 1 ? `1 stall, ${duration(longest)}` : `${counted(stalls.length, "stall")}, the longest ${duration(longest)}`;

/** What must be known to read the figures right. */
export function notesOf(timing: Timing, trace: Trace): string {
  const { arrivals, shown, most, unit } = timing;
  const { lost, times } = trace.about;
  return [
    ...(times ? [`These are not the times at which it came (${times}).`] : []),
    ...(shown > 0 && unit === "piece" ? ["The server told no tokens one by one: a piece is the text of one event, which may be several tokens or a part of one."] : []),
    ...(unit === "piece" && timing.overallUnit === "token" ? ["Tokens per second count the tokens that the server reported."] : []),
    ...(unit === "token" && most > 1 ? [`Some events brought several tokens at once (up to ${most}); a gap is the time between two events.`] : []),
    ...(lost > 0 && arrivals.length > 0 ? [`${counted(lost, "event")} could not be kept and ${lost === 1 ? "is" : "are"} missing here.`] : []),
  ].join(" ");
}

/** The strip in a sentence or two. */
export function stripWords({ gaps, unit }: Timing, columns: number): string {
  if (!gaps) return `No two ${unit}s have come yet.`;
  const { stalls, median, p90, p99, longest } = gaps;
  const many = columns > 0 ? ` Drawn as ${counted(columns, "column")}: a line from the shortest to the longest gap in it, a dot at its median.` : "";
  return (
    `${counted(gaps.count, "gap")} between ${unit}s: half of them up to ${duration(median)}, 90 % up to ${duration(p90)}, 99 % up to ${duration(p99)}, the longest ${duration(longest)}. ` +
    `${stalls.length === 0 ? "No stall" : counted(stalls.length, "stall")} (${STALL_RULE}).${many}`
  );
}

export function rateWords({ rates, window: length, unit }: Timing): string {
  const window = `Each point counts the ${unit}s of the ${duration(length)} before it`;
  if (rates.length === 0) return `${window}.`;
  const values = rates.map(({ perSecond }) => perSecond);
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, 0]);
  return `${window}: between ${figure(least)} and ${figure(most)} per second.`;
}

export function histogramWords({ bins, gaps }: Timing): string {
  if (!gaps) return "No gaps yet.";
  const top = bins.reduce((best, bin) => (bin.count > best.count ? bin : best));
  return `The tallest bar: ${number(top.count)} of ${counted(gaps.count, "gap")} ${top.count === 1 ? "is" : "are"} ${duration(top.from)} to ${duration(top.to)} long.`;
}

/** The gap before an arrival: "Gap 12 of 340: 23 ms" and "at 1.24 s", the text between them is the caller's. */
export function gapWords(timing: Timing, arrival: number): { gap: string; at: string } {
  const at = timing.arrivals[arrival]?.at ?? 0;
  const gap = gapBefore(timing.arrivals, arrival);
  const stall = timing.gaps?.stalls.includes(arrival) ? ", a stall," : "";
  const name = arrival === 0 ? `The first ${timing.unit}` : `Gap ${number(arrival)} of ${number(timing.shown - 1)}: ${duration(gap)}${stall} before`;
  return { gap: name, at: `at ${duration(at)}` };
}

/** Characters of a token's text that are shown in a line. */
const MAX_CHARS = 32;

/** What an arrival brought, in one short line. */
export function textOf(trace: Trace, moment: number): string {
  const { text, reasoning, refusal } = trace.moments[moment]?.piece ?? {};
  const all = text || reasoning || refusal || "";
  const short = [...all.slice(0, 2 * MAX_CHARS)].slice(0, MAX_CHARS).join("");
  return `“${short.replaceAll("\n", "↵")}${short.length < all.length ? "…" : ""}”`;
}
