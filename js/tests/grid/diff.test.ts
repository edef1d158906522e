// Word differences: they rebuild both texts, whatever these are; readable pieces; bounded work.
import fc from "fast-check";
import { expect, test } from "vitest";
import { diff, type Piece } from "../../src/grid/diff";

const join = (pieces: readonly Piece[], without: Piece["kind"]): string =>
  pieces.flatMap(({ kind, text }) => (kind === without ? [] : text)).join("");
const short = (from: string, to: string): string =>
  diff(from, to).map(({ kind, text }) => (kind === "same" ? text : kind === "gone" ? `[-${text}]` : `[+${text}]`)).join("");

/** Texts that share much, so that there is something to find. */
const words = fc.array(fc.constantFrom("the ", "cat", " sat", "\n", ", ", "über ", "🎉", "don't ", "x=1", ""), { maxLength: 60 });

test("what is the same and gone is the first text, what is the same and new the second", () => {
  const rebuilds = (from: string, to: string): void => {
    const pieces = diff(from, to);
    expect([join(pieces, "new"), join(pieces, "gone")]).toEqual([from, to]);
    expect(pieces.every(({ text }) => text !== "")).toBe(true);
  };
  fc.assert(fc.property(words, words, (a, b) => rebuilds(a.join(""), b.join(""))), { numRuns: 500 });
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), rebuilds), { numRuns: 300 });
});

test("equal texts have no difference", () => {
  fc.assert(fc.property(words, (a) => diff(a.join(""), a.join("")).every(({ kind }) => kind === "same")));
  expect(diff("", "")).toEqual([]);
});

test.each([
  ["the cat sat on the mat", "the dog sat on the mat", "the [-cat ][+dog ]sat on the mat"],
  ["one two three", "one three", "one [-two ]three"],
  ["", "all new", "[+all new]"],
  ["all gone", "", "[-all gone]"],
  ["it is so", "it is so still", "it is so[+ still]"],
  ["one\n\ntwo", "one\ntwo", "one\n[-\n]two"],
  ["It is 42.", "It is 43.", "It is [-42][+43]."],
  // "of" is shared by chance: alone between long changes it is no help.
  ["a hundred kinds of very small birds", "quite many sorts of enormous mammals", "[-a hundred kinds of very small birds][+quite many sorts of enormous mammals]"],
])("%j and %j", (from, to, expected) => {
  expect(short(from, to)).toBe(expected);
});

test("it finds the fewest edits: one word in a thousand", () => {
  const text = Array.from({ length: 1000 }, (_, n) => `w${n % 37} `);
  const changed = text.with(500, "other ");
  expect(diff(text.join(""), changed.join("")).filter(({ kind }) => kind !== "same").map(({ text }) => text)).toEqual(["w19 ", "other "]);
});

test("twenty thousand words that differ throughout take no longer than a reader waits", () => {
  const text = (seed: number): string => Array.from({ length: 20_000 }, (_, n) => `w${(n * seed) % 9973}${n % 12 === 11 ? "\n" : " "}`).join("");
  const [from, to] = [text(7), text(11)];
  const start = performance.now();
  const pieces = diff(from, to);
  expect(performance.now() - start).toBeLessThan(5000);
  expect([join(pieces, "new"), join(pieces, "gone")]).toEqual([from, to]);
});

test("where too many words differ, lines are compared", () => {
  const line = (n: number, seed: number): string => Array.from({ length: 12 }, (_, k) => `${(n * 31 + k * seed) % 997}`).join(" ") + "\n";
  const from = Array.from({ length: 400 }, (_, n) => (n % 2 ? `all of this long line is kept as it is in both of the texts, it is number ${n}\n` : line(n, 7))).join("");
  const to = Array.from({ length: 400 }, (_, n) => (n % 2 ? `all of this long line is kept as it is in both of the texts, it is number ${n}\n` : line(n, 13))).join("");
  const pieces = diff(from, to);
  expect([join(pieces, "new"), join(pieces, "gone")]).toEqual([from, to]);
  expect(pieces.filter(({ kind }) => kind === "same").length).toBeGreaterThan(100);
});
