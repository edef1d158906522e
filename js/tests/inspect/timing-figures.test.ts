// The computations of the Timing view: gaps, quantiles, stalls, rates, scales, and what of the whole holds at any place.
import { describe, expect, test } from "vitest";
import { createArrivals, gapsOf, quantile } from "../../src/inspect/gaps";
import { medianRate, ratesOf, tokensBetween, windowOf } from "../../src/inspect/rates";
import { axisDuration, duration, endAbove, logScale, niceDown, niceUp, ticksUntil } from "../../src/inspect/scales";
import { binOf, createTiming } from "../../src/inspect/timingmodel";
import { nearestArrival } from "../../src/inspect/timingnear";
import type { Moment } from "../../src/inspect/trace";
import { end, event, opened, piece, placeAt, token, traceOf } from "./timingtrace";

const arrivalsOf = (...moments: Moment[]) => {
  const known = createArrivals(traceOf(...moments));
  known.refresh();
  return known;
};
const timingAt = (...moments: Moment[]) => {
  const trace = traceOf(...moments);
  return createTiming(trace)(placeAt(trace));
};
const evenly = (count: number, gap: number, from = 0): Moment[] => Array.from({ length: count }, (_, number) => token(from + number * gap));

describe("arrivals", () => {
  test("are the moments that brought something of the answer, with the tokens that came by then", () => {
    const two: Moment = { ...token(0.5, "ab"), logprobs: [["a", -1, []], ["b", -1, []]] };
    const { all, most } = arrivalsOf(opened(0.1), event(0.2, "{}"), { at: 0.3, name: "", data: "", piece: { reasoning: "hm" } }, two, end(1));
    expect(all).toEqual([
      { moment: 2, at: 0.3, tokens: 1, isReasoning: true },
      { moment: 3, at: 0.5, tokens: 3, isReasoning: false },
    ]);
    expect(most).toBe(2);
  });

  test("what was there before the run is none of them", () => {
    const begun: Moment = { ...opened(0.1), piece: { text: "The sea" } };
    const { all } = arrivalsOf(begun, token(0.5), token(0.6), end(1));
    expect(all.map(({ at, tokens }) => [at, tokens])).toEqual([[0.5, 1], [0.6, 2]]);
    const timing = timingAt(begun, token(0.5), token(0.6), end(1));
    expect([timing.firstAt, timing.openedAt]).toEqual([0.5, 0.1]);
    expect(timing.gaps?.longest).toBeCloseTo(0.1);
  });

  test("are read on where a trace grows", () => {
    const trace = traceOf(token(0));
    const known = createArrivals(trace);
    known.refresh();
    trace.add([token(1), token(2)]);
    known.refresh();
    expect(known.all.map(({ at }) => at)).toEqual([0, 1, 2]);
  });

  test("a clock that went back makes no negative gap, a time that is none no NaN", () => {
    const { all } = arrivalsOf(token(1), token(0.5), token(NaN), token(2));
    expect(all.map(({ at }) => at)).toEqual([1, 1, 1, 2]);
  });
});

describe("gaps", () => {
  test("quantiles lie between the numbers, as numpy's", () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 0.9)).toBeCloseTo(3.7);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  test("count only what is shown", () => {
    const { all } = arrivalsOf(token(0), token(0.1), token(0.3), token(3));
    expect(gapsOf(all, 1)).toBeNull();
    const gaps = gapsOf(all, 3);
    expect(gaps?.count).toBe(2);
    expect(gaps?.median).toBeCloseTo(0.15);
    expect(gaps?.longest).toBeCloseTo(0.2);
    expect(gaps?.stalls).toEqual([]);
  });

  test("a stall is more than a second and more than five medians", () => {
    const fast = arrivalsOf(...evenly(10, 0.1), token(1.85), token(2.96)).all; // after 0.95 s, then after 1.11 s
    expect(gapsOf(fast, fast.length)).toMatchObject({ stallAfter: 1, stalls: [11] });
    const slow = arrivalsOf(...evenly(10, 0.5), token(6.9), token(9.5)).all; // 2.4 s and 2.6 s where the median is 0.5 s
    expect(gapsOf(slow, slow.length)).toMatchObject({ stallAfter: 2.5, stalls: [11] });
  });
});

describe("rates", () => {
  test("along the window count what came in it", () => {
    const { all } = arrivalsOf(...evenly(101, 0.1)); // ten per second for ten seconds
    expect(windowOf(10, all)).toBe(0.5);
    const rates = ratesOf(all, 10, 10, 0.5);
    expect(rates[0]?.at).toBeGreaterThanOrEqual(0.5);
    expect(rates.length).toBeGreaterThan(200);
    for (const { perSecond } of rates) expect([8, 10, 12]).toContain(Math.round(perSecond));
    expect(rates.reduce((sum, { perSecond }) => sum + perSecond, 0) / rates.length).toBeCloseTo(10, 1);
  });

  test("fall to zero in a stall, and end where it is shown to", () => {
    const { all } = arrivalsOf(...evenly(11, 0.1), token(9));
    const rates = ratesOf(all, 10, 5, windowOf(10, all));
    expect(rates.at(-1)).toMatchObject({ perSecond: 0 });
    expect(rates.at(-1)?.at).toBeLessThanOrEqual(5);
  });

  test("the window holds several arrivals, so that slow ones make no comb", () => {
    const { all } = arrivalsOf(...evenly(21, 0.1, 0.5)); // ten per second for two seconds
    expect(windowOf(2.5, all)).toBe(0.5);
    for (const { perSecond } of ratesOf(all, 2.5, 2.5, 0.5)) expect([8, 10, 12]).toContain(Math.round(perSecond));
    expect(windowOf(2.5, arrivalsOf(...evenly(5, 0.1)).all)).toBe(0.1); // else there would be no line
    expect(windowOf(60, arrivalsOf(...evenly(1000, 0.01)).all)).toBe(2);
    expect(windowOf(1, [])).toBe(0.1);
  });

  test("the median is by arrival, with its tokens; none where most come at once", () => {
    const { all } = arrivalsOf(token(0), token(0.1), token(0.2), token(5));
    expect(medianRate(all, 4)).toBeCloseTo(10);
    expect(medianRate(all, 1)).toBeNull();
    expect(medianRate(arrivalsOf(token(1), token(1), token(1)).all, 3)).toBeNull();
  });

  test("tokens between two times", () => {
    const { all } = arrivalsOf(...evenly(10, 1));
    expect(tokensBetween(all, 10, 2, 5)).toBe(3);
    expect(tokensBetween(all, 4, 2, 9)).toBe(1);
  });
});

describe("scales", () => {
  test("end at round numbers", () => {
    expect([0.07, 1, 3, 66, 5, 1.0000000001].map(niceUp)).toEqual([0.1, 1, 5, 100, 5, 1]);
    expect([0.07, 1, 3, 66, 0.3].map(niceDown)).toEqual([0.05, 1, 2, 50, 0.2]);
    expect([NaN, 0, -1, Infinity].map(niceUp)).toEqual([1, 1, 1, 1]);
    expect(endAbove(66, 4)).toBe(80);
    expect(ticksUntil(0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
  });

  test("a logarithmic one holds what is beyond at its ends", () => {
    const scale = logScale(0.001, 0.1);
    expect([0, 0.001, 0.01, 0.1, 9].map((value) => scale.place(value).toFixed(2))).toEqual(["0.00", "0.00", "0.50", "1.00", "1.00"]);
    expect(scale.ticks).toEqual([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]);
    expect(logScale(0.001, 1).ticks).toEqual([0.001, 0.01, 0.1, 1]);
    expect([0, 0.1, 1e9].map((gap) => binOf(gap, scale))).toEqual([0, 29, 29]);
  });

  test("durations in words", () => {
    expect([0, 0.0004, 0.0234, 0.9994, 0.9996, 12.34].map(duration)).toEqual(["0 ms", "0.4 ms", "23 ms", "999 ms", "1.0 s", "12.3 s"]);
    expect([axisDuration(0.5, true), axisDuration(0.5, false), axisDuration(50, true)]).toEqual(["0.5 s", "500 ms", "50 s"]);
  });
});

describe("the nearest arrival", () => {
  const trace = traceOf(token(0), token(1), token(1.5), token(1.51), token(4), end(10));
  const timing = createTiming(trace)(placeAt(trace));
  const plot = { xOf: (at: number) => 100 * at, area: { left: 0, right: 1000, top: 0, bottom: 100, scale: 1, x: (share: number) => 1000 * share, y: (share: number) => 100 - 100 * share } };
  const near = (x: number, y: number | null): number | null => nearestArrival(timing, plot, x, y);

  test("is so in time, and by the length of the gap where that is told", () => {
    expect([near(98, null), near(148, null), near(153, null), near(398, null)]).toEqual([1, 2, 3, 4]);
    expect([near(150, 0), near(150, 100)]).toEqual([2, 3]); // the longer gap stands higher
  });

  test("is none far away, before the first gap or after what is shown", () => {
    expect([near(300, null), near(0, null), near(425, null)]).toEqual([null, null, null]);
    expect(nearestArrival({ ...timing, shown: 4 }, plot, 400, null)).toBeNull();
  });
});

describe("at a place", () => {
  const trace = traceOf(opened(0.1), token(0.4), token(0.5), token(0.6), token(2), token(2.1), event(2.2, "{}", { usage: { output_tokens: 9 } }), end(2.2));

  test("only what came by then counts, on scales that are the whole trace's", () => {
    const [all, some] = [createTiming(trace)(placeAt(trace)), createTiming(trace)(placeAt(trace, 4))];
    expect(some).toMatchObject({ shown: 3, firstAt: 0.4, openedAt: 0.1, lastAt: 0.6, hasEnded: false, gaps: { count: 2, stalls: [] } });
    expect(all).toMatchObject({ shown: 5, hasEnded: true, gaps: { count: 4, stalls: [3] } });
    for (const name of ["span", "rateEnd", "binEnd"] as const) expect(some[name]).toBe(all[name]);
    expect(some.gapScale.ticks).toEqual(all.gapScale.ticks);
    expect(some.bins.map(({ from }) => from)).toEqual(all.bins.map(({ from }) => from));
    expect(some.bins.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(some.rates.every(({ at }) => at <= 0.6)).toBe(true);
  });

  test("nothing has come: no figure, no NaN", () => {
    const timing = createTiming(trace)(placeAt(trace, 1));
    expect(timing).toMatchObject({ shown: 0, gaps: null, firstAt: null, overall: null, median: null, server: null });
  });

  test("the overall rate is by the server's count once it came, from the first token to the last event", () => {
    const timingAt = createTiming(trace);
    expect(timingAt(placeAt(trace)).overall).toBeCloseTo(9 / 1.8);
    expect(timingAt(placeAt(trace, 6)).overall).toBeCloseTo(5 / 1.7);
  });

  test("pieces are named so, and tokens where the server counted them", () => {
    const pieces = traceOf(piece(0), piece(1), event(1, "{}", { usage: { output_tokens: 8 } }), end(2));
    const timingAt = createTiming(pieces);
    expect(timingAt(placeAt(pieces))).toMatchObject({ unit: "piece", overallUnit: "token", overall: 4 });
    expect(timingAt(placeAt(pieces, 2))).toMatchObject({ unit: "piece", overallUnit: "piece", overall: 2 });
  });

  test("a live scale grows in steps", () => {
    const live = traceOf(...evenly(8, 0.1));
    const timingAt = createTiming(live);
    expect(timingAt(placeAt(live)).span).toBe(1);
    live.add([token(0.9)]);
    expect(timingAt(placeAt(live)).span).toBe(1);
    live.add([token(1.1)]);
    expect(timingAt(placeAt(live)).span).toBe(2);
    expect(timingAt(placeAt(live, 10, 4)).span).toBe(5); // nothing comes, but the time goes on
    live.add([end(4.2)]);
    expect(timingAt(placeAt(live)).span).toBe(4.2);
  });
});
