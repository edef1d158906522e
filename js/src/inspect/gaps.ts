// A trace's moments come in, the arrivals of its text go out, and what is said of the gaps between them: quantiles and
// stalls. Pure; knows no DOM.
import type { Moment, Trace } from "./trace";

/** A moment that brought something of the first answer: text, reasoning, a refusal or a tool's arguments. */
export interface Arrival {
  /** The moment's number. */
  readonly moment: number;
  /** Seconds since the run's start; never before the arrival in front of it. */
  readonly at: number;
  /** Tokens (or pieces, where the server told none) that came by now, with this arrival's. */
  readonly tokens: number;
  /** Whether only reasoning came with it. */
  readonly isReasoning: boolean;
}

/** The gaps before the arrivals 1, 2, ..., in seconds. */
export interface Gaps {
  readonly count: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly longest: number;
  /** A gap longer than this is a stall (seconds). */
  readonly stallAfter: number;
  /** The arrivals before which there was a stall. */
  readonly stalls: readonly number[];
}

/** A stall is a gap of more than this (seconds) ... */
export const STALL_S = 1;
/** ... and of more than so many times the median gap. */
export const STALL_MEDIANS = 5;
export const STALL_RULE = `a gap of more than ${STALL_S} s and more than ${STALL_MEDIANS} times the median gap`;

/** Keeps the arrivals of a trace that grows; `refresh` reads what was added to it. */
export interface Arrivals {
  readonly all: readonly Arrival[];
  /** Most tokens that one arrival brought. */
  readonly most: number;
  refresh(): void;
}

export function createArrivals({ moments }: Pick<Trace, "moments">): Arrivals {
  const all: Arrival[] = [];
  let read = 0;
  let most = 0;
  return {
    all,
    get most() {
      return most;
    },
    refresh() {
      for (; read < moments.length; read++) {
        const moment = moments[read];
        if (!moment || !bringsText(moment)) continue;
        const last = all.at(-1);
        const count = Math.max(1, moment.logprobs?.length ?? 0);
        most = Math.max(most, count);
        all.push({ moment: read, at: later(moment.at, last), tokens: (last?.tokens ?? 0) + count, isReasoning: !moment.piece?.text });
      }
    },
  };
}

/** Rows of ours that bring nothing by themselves: a text that stands there was before, as that of a branch or of resume(). */
const BRING_NOTHING: ReadonlySet<string> = new Set([":", ":opened", ":retrying"]);

function bringsText({ name, piece }: Moment): boolean {
  if (BRING_NOTHING.has(name)) return false;
  return Boolean(piece && (piece.text || piece.reasoning || piece.refusal || piece.tools?.length));
}

const later = (at: number, last: Arrival | undefined): number => Math.max(Number.isFinite(at) ? at : 0, last?.at ?? 0);

/** How many arrivals there were when `moments` moments had come. */
export const arrivalsUntil = (all: readonly Arrival[], moments: number): number => firstWhere(all.length, (index) => (all[index]?.moment ?? 0) >= moments);

/** The first index below `length` of which `isSo` is true (from then on it must stay true); `length` where none is. */
export function firstWhere(length: number, isSo: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The gap before an arrival (seconds); 0 before the first. */
export const gapBefore = (all: readonly Arrival[], index: number): number =>
  index > 0 ? (all[index]?.at ?? 0) - (all[index - 1]?.at ?? 0) : 0;

/** Of the first `count` arrivals; null where there is no gap among them. */
export function gapsOf(all: readonly Arrival[], count: number): Gaps | null {
  if (count < 2) return null;
  const gaps = new Float64Array(count - 1);
  for (let index = 1; index < count; index++) gaps[index - 1] = gapBefore(all, index);
  const sorted = gaps.slice().sort();
  const median = quantile(sorted, 0.5);
  const stallAfter = Math.max(STALL_S, STALL_MEDIANS * median);
  const stalls: number[] = [];
  gaps.forEach((gap, index) => gap > stallAfter && stalls.push(index + 1));
  return { count: gaps.length, median, p90: quantile(sorted, 0.9), p99: quantile(sorted, 0.99), longest: sorted.at(-1) ?? 0, stallAfter, stalls };
}

/** Of sorted numbers, between two of them by their distance (as numpy's default does); NaN of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}
