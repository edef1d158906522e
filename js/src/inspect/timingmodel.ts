// A trace and how far it is shown come in, all that the Timing view says of it goes out: figures, scales, bins. Pure.
import { arrivalsUntil, createArrivals, gapBefore, gapsOf, type Arrival, type Arrivals, type Gaps } from "./gaps";
import type { Place } from "./panel";
import type { Tick } from "./plot";
import { medianRate, ratesOf, windowOf, type Rate } from "./rates";
import { axisDuration, endAbove, logScale, niceDown, niceUp, type LogScale } from "./scales";
import { createTold, type ServerTimes, type Told } from "./servertimes";
import type { Trace } from "./trace";

export interface Timing {
  readonly arrivals: readonly Arrival[];
  /** So many of the arrivals are shown. */
  readonly shown: number;
  /** Until when it is shown (seconds). */
  readonly until: number;
  /** Where the time axis ends (seconds). */
  readonly span: number;
  readonly gaps: Gaps | null;
  readonly gapScale: LogScale;
  readonly rates: readonly Rate[];
  /** What each of them counts: so many seconds before it. */
  readonly window: number;
  /** Where the axis of the rates ends. */
  readonly rateEnd: number;
  readonly bins: readonly Bin[];
  /** Where the axis of the bins ends. */
  readonly binEnd: number;
  /** What an arrival brings. */
  readonly unit: "token" | "piece";
  /** The last ":opened" before the first text: when the response began (seconds). */
  readonly openedAt: number | null;
  readonly firstAt: number | null;
  /** The first arrival that was not of reasoning alone, where reasoning came before it. */
  readonly answerAt: number | null;
  /** The last arrival. */
  readonly lastAt: number | null;
  readonly overall: number | null;
  /** What `overall` counts: the tokens of the server's usage, where it came. */
  readonly overallUnit: "token" | "piece";
  readonly median: number | null;
  readonly most: number;
  readonly server: ServerTimes | null;
  /** The same of the whole trace: what the server tells in the end. */
  readonly serverInAll: ServerTimes | null;
  readonly hasEnded: boolean;
}

/** Gaps from `from` to below `to` (seconds), as many of them as are shown. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const BINS = 30;
/** Lines across a picture of rates, and of numbers of gaps, at most. */
export const RATE_STEPS = 4;
export const BIN_STEPS = 4;
/** Shorter gaps than this (seconds) stand at it: they are those between the parts of one packet, not the model's. */
const MIN_GAP_S = 1e-3;
const MIN_SPAN_S = 0.5;

/** What is said of a trace that grows, at any place of it. */
export function createTiming(trace: Trace): (place: Place) => Timing {
  const known = createArrivals(trace);
  const told = createTold(trace);
  let whole: Whole | undefined;
  return (place) => {
    known.refresh();
    told.refresh();
    const until = timeOf(place.seconds);
    const length = trace.hasEnded ? timeOf(trace.length) : Math.max(timeOf(trace.length), until);
    // While it is replayed the whole stays as it is; of a live trace the rates go on also where nothing comes.
    if (!whole || whole.count !== trace.moments.length || whole.length !== length) whole = wholeOf(trace, known.all, length);
    return timingOf(trace, { ...place, seconds: until }, known, told, whole);
  };
}

/** What is no time is the beginning. */
const timeOf = (seconds: number): number => (Number.isFinite(seconds) ? Math.max(0, seconds) : 0);

/** What does not depend on the place, so that the scales stay where the player goes back and forth. */
interface Whole extends Pick<Timing, "span" | "gapScale" | "rates" | "window" | "rateEnd" | "bins" | "binEnd"> {
  /** What it was made of: so many moments, and so long (seconds). */
  readonly count: number;
  readonly length: number;
}

function wholeOf(trace: Trace, all: readonly Arrival[], length: number): Whole {
  // A live one grows in steps.
  const span = trace.hasEnded ? Math.max(length, 1e-3) : Math.max(MIN_SPAN_S, niceUp(length));
  const gapScale = gapScaleOf(all);
  const bins = binsOf(all, all.length, gapScale);
  const window = windowOf(span, all);
  const rates = ratesOf(all, span, length, window);
  const mostRate = rates.reduce((most, { perSecond }) => Math.max(most, perSecond), 1);
  const mostGaps = bins.reduce((most, { count }) => Math.max(most, count), BIN_STEPS);
  const ends = { rateEnd: endAbove(mostRate, RATE_STEPS), binEnd: endAbove(mostGaps, BIN_STEPS) };
  return { count: trace.moments.length, length, span, gapScale, bins, rates, window, ...ends };
}

function timingOf(trace: Trace, place: Place, known: Arrivals, told: Told, whole: Whole): Timing {
  const { all } = known;
  const { span, gapScale, window, rateEnd, binEnd } = whole;
  const shown = arrivalsUntil(all, place.moments);
  const first = shown > 0 ? all[0] : undefined;
  const counted = told.tokens(place.moments);
  return {
    arrivals: all,
    shown,
    until: place.seconds,
    span,
    gaps: gapsOf(all, shown),
    gapScale,
    rates: whole.rates.filter(({ at }) => at <= place.seconds),
    window,
    rateEnd,
    bins: shown === all.length ? whole.bins : binsOf(all, shown, gapScale),
    binEnd,
    unit: trace.hasLogprobs ? "token" : "piece",
    openedAt: openedAt(trace, place.moments, first),
    firstAt: first?.at ?? null,
    answerAt: first?.isReasoning ? answerAt(all, shown) : null,
    lastAt: all[shown - 1]?.at ?? null,
    overall: overallRate(counted ?? all[shown - 1]?.tokens ?? 0, first, trace.moments[place.moments - 1]?.at),
    overallUnit: counted !== null || trace.hasLogprobs ? "token" : "piece",
    median: medianRate(all, shown),
    most: known.most,
    server: told.times(place.moments),
    serverInAll: told.times(trace.moments.length),
    hasEnded: trace.hasEnded && place.moments === trace.moments.length,
  };
}

function answerAt(all: readonly Arrival[], count: number): number | null {
  const found = all.findIndex(({ isReasoning }) => !isReasoning);
  return found >= 0 && found < count ? (all[found]?.at ?? null) : null;
}

/** The package's own rule: from the first content to the last event. */
function overallRate(tokens: number, first: Arrival | undefined, end: number | undefined): number | null {
  const length = (end ?? 0) - (first?.at ?? 0);
  return first && tokens > 1 && length > 0 ? tokens / length : null;
}

function openedAt({ moments }: Trace, count: number, first: Arrival | undefined): number | null {
  for (let number = Math.min(count, first?.moment ?? count) - 1; number >= 0; number--) {
    if (moments[number]?.name === ":opened") return timeOf(moments[number]?.at ?? 0);
  }
  return null;
}

/** Round on both ends, and so growing in steps; at least a decade wide. */
function gapScaleOf(all: readonly Arrival[]): LogScale {
  let [low, high] = [Infinity, 0];
  for (let index = 1; index < all.length; index++) {
    const gap = gapBefore(all, index);
    if (gap > 0) low = Math.min(low, gap);
    high = Math.max(high, gap);
  }
  if (high === 0) return logScale(0.001, 0.1);
  const from = niceDown(Math.max(MIN_GAP_S, low));
  return logScale(from, Math.max(10 * from, niceUp(high)));
}

/** The axis of the gaps; its lowest value stands for all below, too. */
export const gapTicks = ({ gapScale }: Timing): Tick[] =>
  gapScale.ticks.map((value) => ({ at: gapScale.place(value), label: `${value <= MIN_GAP_S ? "≤ " : ""}${axisDuration(value, false)}` }));

function binsOf(all: readonly Arrival[], count: number, scale: LogScale): Bin[] {
  const counts = new Array<number>(BINS).fill(0);
  for (let index = 1; index < count; index++) {
    const bin = binOf(gapBefore(all, index), scale);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  // In the first are also those that are shorter than the scale shows.
  const edge = (bin: number): number => (bin === 0 ? 0 : scale.low * (scale.high / scale.low) ** (bin / BINS));
  return counts.map((bin, number) => ({ from: edge(number), to: edge(number + 1), count: bin }));
}

/** The number of the bin that a gap falls into. */
export const binOf = (gap: number, scale: LogScale): number => Math.min(BINS - 1, Math.floor(scale.place(gap) * BINS));
