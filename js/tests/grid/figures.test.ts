// Figures of a run and of all runs, as numbers and in words.
import { expect, test } from "vitest";
import { dollars, FIGURES, figuresOf, praisesOf, scalesOf, type Figures } from "../../src/grid/figures";
import { agreementWords, gridNote, progressOf, progressWords, spokenProgress } from "../../src/grid/words";
import { createRun, receive } from "../../src/store";
import type { Agreement, RunState } from "../../src/wire";
import { append as appended, state } from "../fake";

function runOf(changes: RunState, text = "") {
  const run = createRun();
  receive(run, appended(1, text, { state: state(changes) }));
  return run;
}

test("an ended run has the kernel's figures", () => {
  const run = runOf({ status: "done", total_s: 2.5, ttft_s: 0.25, tokens: 120, tokens_per_s: 53, estimated: false, ...{ cost: 0.0042, cost_estimated: true } });
  expect(figuresOf(run, 2.5)).toEqual({
    first: { value: 0.25, isEstimated: false },
    seconds: { value: 2.5, isEstimated: false },
    rate: { value: 53, isEstimated: false },
    tokens: { value: 120, isEstimated: false },
    cost: { value: 0.0042, isEstimated: true },
  });
});

test("a running one has estimates, one that waits none", () => {
  const { rate, tokens, cost } = figuresOf(runOf({ status: "streaming", ttft_s: 0.5, first_byte_s: 0.4 }, "x".repeat(400)), 2.5);
  expect([rate, tokens, cost]).toEqual([{ value: 50, isEstimated: true }, { value: 100, isEstimated: true }, null]);
  expect(Object.values(figuresOf(runOf({ status: "queued" }), 0))).toEqual([null, null, null, null, null]);
});

const DONE = { ended: true, state: { status: "done" } } as const;
const FAILED = { ended: true, state: { status: "error" } } as const;
const RUNNING = { ended: false, state: { status: "streaming" } } as const;
const of = (value: number | null): Figures => {
  const figure = value === null ? null : { value, isEstimated: false };
  return { first: figure, seconds: figure, rate: figure, tokens: figure, cost: figure };
};

test("the largest of all, and the best of those that are done: a failed run is not the fastest", () => {
  const all = [{ figures: of(3), run: DONE }, { figures: of(9), run: DONE }, { figures: of(0.1), run: FAILED }, { figures: of(20), run: FAILED }, { figures: of(null), run: DONE }];
  const scales = scalesOf(all);
  expect([scales.seconds, scales.rate]).toEqual([{ isKnown: true, largest: 20, best: 3 }, { isKnown: true, largest: 20, best: 9 }]);
  expect(scalesOf(all.slice(1)).seconds.best).toBeNull(); // nobody to be better than
  expect(scalesOf([]).cost).toEqual({ isKnown: false, largest: 0, best: null });
  expect(scalesOf([{ figures: of(0), run: DONE }]).cost.isKnown).toBe(true); // it costs nothing, and that is known
  expect(FIGURES.filter(({ best }) => best === "most").map(({ name }) => name)).toEqual(["rate"]);
});

test("few tokens are no merit", () => {
  const scales = scalesOf([{ figures: of(3), run: DONE }, { figures: of(9), run: DONE }]);
  expect([scales.tokens.best, praisesOf(DONE, of(3), scales), praisesOf(DONE, of(9), scales)]).toEqual([null, "soonest, shortest, cheapest", "fastest"]);
  expect(praisesOf(FAILED, of(3), scales)).toBe("");
});

test("nothing is the best where a run that goes on is better already", () => {
  const best = (value: number) => scalesOf([{ figures: of(3), run: DONE }, { figures: of(9), run: DONE }, { figures: of(value), run: RUNNING }]);
  expect([best(2).first.best, best(5).first.best]).toEqual([null, 3]);
  expect([best(10).rate.best, best(5).rate.best]).toEqual([null, 9]);
  expect([best(2).seconds.best, best(2).cost.best]).toEqual([3, 3]); // these grow while it goes on
});

test.each([
  [0, "$0"], [0.00000123, "$0.0000012"], [0.004, "$0.004"], [0.0042, "$0.0042"], [0.00999, "$0.01"], [0.38, "$0.38"], [0.994, "$0.99"], [1, "$1.00"], [12.5, "$12.50"],
] as const)("%d dollars are %s", (value, text) => {
  expect(dollars(value)).toBe(text);
});

const cell = (changes: RunState) => ({ run: runOf(changes), gone: "" });

test("progress in words", () => {
  const cells = [cell({ status: "done", ...{ cost: 0.003 } }), cell({ status: "streaming" }), cell({ status: "queued" }), cell({ status: "error" }), cell({ status: "interrupted" }), cell({ status: "stopped", ...{ cost: 0.001, cost_estimated: true } })];
  const progress = progressOf({ cells: cells as never });
  expect(progressWords(progress, 12.34)).toBe("4 of 6 · 1 running · 1 queued · 2 failed · 1 stopped · ≈ $0.004 · 12.3 s");
  expect(spokenProgress(progress)).toBe("4 of 6 done, 2 failed, 1 stopped");
  const ended = progressOf({ cells: [cells[0]] as never });
  expect([progressWords(ended, 0), spokenProgress(ended)]).toEqual(["1 of 1 ended · $0.003", "All 1 ended"]);
});

test("what is said of the whole", () => {
  expect(gridNote({}, "")).toBe("");
  expect(gridNote({ stop_reason: "cost", max_cost: 0.05, note: "n" }, "")).toBe("All stopped: limit on cost of $0.05. n");
  expect(gridNote({ stop_reason: "constructor" }, "kernel gone")).toBe("No way to the kernel: kernel gone. All stopped: constructor.");
});

test("how far repeats agree", () => {
  const found: Agreement = { cells: [0, 1, 2, 3, 4], distinct: 3, prefix: 42, before: "The answer", after: [" is 42.", " may be", " is 42."], alike: 0.724, chars: [120, 340], seconds: [1.2, 3.4] };
  expect(agreementWords(found)).toEqual([
    "3 different answers of 5", "first 42 characters in common, … “The answer” then “ is 42.” / “ may be”", "72 % of words alike", "120–340 characters", "1.2–3.4 s",
  ]);
  expect(agreementWords({ ...found, distinct: 1, chars: [17, 17] })).toEqual(["all 5 the same", "17 characters", "1.2–3.4 s"]);
  expect(agreementWords({ ...found, distinct: 5, prefix: 0 }).slice(0, 2)).toEqual(["all 5 differ", "from the first character on"]);
  expect(agreementWords({ ...found, after: ["", "a", "b", "c"] })[1]).toContain("then the end / “a” / “b” and 1 more");
  expect(agreementWords({ ...found, cells: [0] })).toEqual([]);
});
