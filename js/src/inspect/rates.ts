// Arrivals come in, tokens per second go out: overall, the median, and along a sliding window. Pure.
import { firstWhere, gapsOf, quantile, type Arrival } from "./gaps";
import { niceDown, niceUp } from "./scales";

/** Tokens that came in the window that ends at `at` (seconds), per second. */
export interface Rate {
  readonly at: number;
  readonly perSecond: number;
}

/** How many points a line has at most, and how many windows go into the whole of it, at least. */
const POINTS = 240;
const WINDOWS = 15;
const MIN_WINDOW_S = 0.1;
/** With fewer arrivals in it a window tells of none and one rather than of a rate ... */
const ARRIVALS = 5;
/** ... but of few arrivals there should be a line, too: so many windows at least go into their time. */
const LEAST_WINDOWS = 3;

/** Seconds of a window, for a picture of `span` seconds. */
export function windowOf(span: number, all: readonly Arrival[]): number {
  const several = niceUp(ARRIVALS * (gapsOf(all, all.length)?.median || MIN_WINDOW_S / ARRIVALS));
  const room = niceDown(((all.at(-1)?.at ?? 0) - (all[0]?.at ?? 0)) / LEAST_WINDOWS);
  return Math.max(MIN_WINDOW_S, niceDown(span / WINDOWS), Math.min(several, room));
}

/** Points of the line until `until`, evenly apart, from the first whole `window` after the first arrival on (seconds). */
export function ratesOf(all: readonly Arrival[], span: number, until: number, window: number): Rate[] {
  const first = all[0]?.at;
  if (first === undefined || !(span > 0)) return [];
  const step = span / POINTS;
  const rates: Rate[] = [];
  let [from, to] = [0, 0];
  for (let point = Math.ceil((first + window) / step); point * step <= until; point++) {
    const at = point * step;
    while (to < all.length && (all[to]?.at ?? 0) <= at) to++;
    while (from < to && (all[from]?.at ?? 0) <= at - window) from++;
    rates.push({ at, perSecond: (cameBefore(all, to) - cameBefore(all, from)) / window });
  }
  return rates;
}

/** Tokens of the arrivals before number `index`. */
const cameBefore = (all: readonly Arrival[], index: number): number => all[index - 1]?.tokens ?? 0;

/** Tokens that came after `from` and not after `to` (seconds), of the first `count` arrivals. */
export function tokensBetween(all: readonly Arrival[], count: number, from: number, to: number): number {
  const before = (at: number): number => cameBefore(all, firstWhere(count, (index) => (all[index]?.at ?? 0) > at));
  return before(to) - before(from);
}

/** The median over the arrivals of their tokens by the gap before them; null where most gaps are none. */
export function medianRate(all: readonly Arrival[], count: number): number | null {
  if (count < 2) return null;
  const rates = new Float64Array(count - 1);
  for (let index = 1; index < count; index++) {
    const [last, here] = [all[index - 1], all[index]];
    if (last && here) rates[index - 1] = (here.tokens - last.tokens) / (here.at - last.at);
  }
  const median = quantile(rates.sort(), 0.5);
  return Number.isFinite(median) ? median : null;
}
