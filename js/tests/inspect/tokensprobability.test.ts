// Probabilities, entropy, ranks and steps from what the server told, against figures worked out by hand.
import { expect, test } from "vitest";
import { bits, distributionOf, percent, probabilityOf, rankWords, stepOf, stepWords, surpriseOf } from "../../src/inspect/probability";
import { ln, token } from "./tokensfake";

test("entropy of a whole distribution is exact", () => {
  const fair = distributionOf(token("a", ln(0.5), [["a", ln(0.5)], ["b", ln(0.25)], ["c", ln(0.25)]]));
  expect(fair).toMatchObject({ isWhole: true, rank: 1 });
  expect(fair!.bits).toBeCloseTo(1.5, 10);
  expect(distributionOf(token("a", 0, [["a", 0]]))!.bits).toBe(0);
});

test("what was not told counts as one outcome, the least that it can be", () => {
  const some = distributionOf(token("a", ln(0.5), [["a", ln(0.5)]]))!;
  expect(some).toMatchObject({ isWhole: false });
  expect(some.rest).toBeCloseTo(0.5, 10);
  expect(some.bits).toBeCloseTo(1, 10);
});

test("a token that is not among what was told is put there, without a rank", () => {
  const found = distributionOf(token("c", ln(0.1), [["a", ln(0.6)], ["b", ln(0.05)]]))!;
  expect(found.rank).toBeNull();
  expect(found.alternatives.map(({ text, number, isToken }) => [text, number, isToken])).toEqual([["a", 0, false], ["c", null, true], ["b", 1, false]]);
  expect(found.rest).toBeCloseTo(0.25, 10);
});

test("alternatives keep the server's numbers where they are not sorted", () => {
  const found = distributionOf(token("b", ln(0.7), [["a", ln(0.2)], ["b", ln(0.7)]]))!;
  expect(found.alternatives.map(({ number }) => number)).toEqual([1, 0]);
  expect(found.rank).toBe(1);
});

test("of two alternatives of the same text the one with the token's probability is the token", () => {
  const found = distributionOf(token("\uFFFD", ln(0.1), [["\uFFFD", ln(0.6)], ["\uFFFD", ln(0.1)]]))!;
  expect(found.alternatives.map(({ isToken }) => isToken)).toEqual([false, true]);
  expect(found.rank).toBe(2);
  expect(distributionOf(token("a", ln(0.6), [["a", ln(0.6)], ["a", ln(0.1)]]))!.rank).toBe(1);
});

test("figures that are none do no harm", () => {
  expect([NaN, -Infinity, -9999, 0, 1e-7].map(probabilityOf)).toEqual([0, 0, 0, 1, 1]);
  expect(distributionOf(token("a", -9999, [["a", -9999], ["b", -Infinity]]))).toMatchObject({ bits: 0, rest: 1 });
  expect(distributionOf(token("a", null))).toBeNull();
});

test("steps", () => {
  expect([1, 0.9, 0.8999, 0.5, 0.2, 0.05, 0.0499, 0].map(stepOf)).toEqual([0, 0, 1, 1, 2, 3, 4, 4]);
  expect(stepWords()).toEqual(["≥ 90 %", "50–90 %", "20–50 %", "5–20 %", "< 5 %"]);
});

test("in words", () => {
  expect([1, 0.99996, 0.9996, 0.994, 0.42, 0.0995, 0.0994, 0.00149, 0.00051, 0.00009, 0].map(percent)).toEqual([
    "100 %", "100 %", "> 99.9 %", "99.4 %", "42 %", "10 %", "9.9 %", "0.1 %", "0.05 %", "< 0.01 %", "< 0.01 %",
  ]); // prettier-ignore
  expect([0, 1, 1.234, 13.29].map(bits)).toEqual(["0 bits", "1.00 bit", "1.23 bits", "13.3 bits"]);
  expect([rankWords(2, 5), rankWords(null, 5), rankWords(null, 0)]).toEqual(["2 of 5 told", "not among the 5 told", ""]);
  expect(surpriseOf(ln(0.25))).toBeCloseTo(2, 10);
  expect(surpriseOf(1e-7)).toBe(0);
});
