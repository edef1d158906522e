// Guesses of the next token: what is forgiven, what is not, and what the score counts.
import { expect, test } from "vitest";
import { count, judge, NO_SCORE, scoreWords, verdictWords } from "../../src/inspect/judge";
import { ln, token } from "./tokensfake";

const SEA = token(" sea", ln(0.25), [[" ocean", ln(0.5)], [" sea", ln(0.25)], [" lake", ln(0.125)]]);
const kind = (guess: string, of = SEA): string => judge(guess, of).kind;

test("the token, its leading space forgiven, but neither case nor other spaces", () => {
  expect(["sea", " sea", "  sea"].map((guess) => kind(guess))).toEqual(["token", "token", "token"]);
  expect(["Sea", "se", "s ea", "sea."].map((guess) => kind(guess))).toEqual(["none", "none", "none", "longer"]);
  expect(kind(" is", token("is", -1))).toBe("token");
});

test("an alternative tells its probability and its number", () => {
  expect(judge("lake", SEA)).toMatchObject({ kind: "alternative", rank: 3, alternative: { number: 2, probability: expect.closeTo(0.125, 9) as number } });
  expect(verdictWords("lake", judge("lake", SEA), SEA)).toBe("It was “·sea”, 25 %. Yours was likely too: 13 %, number 3.");
});

test("more than the token, or something else", () => {
  expect(verdictWords("seaside", judge("seaside", SEA), SEA)).toBe("Nearly: yours begins with the token, which is only “·sea”, 25 %.");
  expect(verdictWords("x", judge("x", SEA), SEA)).toBe("It was “·sea”, 25 %. Yours is not among the 3 told.");
  expect(verdictWords("sea", judge("sea", SEA), SEA)).toBe("Right: “·sea”, 25 %, 2 of 3 told.");
  expect(verdictWords(null, null, SEA)).toBe("It was “·sea”, 25 %.");
});

test("newlines can be typed, spaces be guessed, and an empty token is none of them", () => {
  const newline = token(".\n", -1);
  expect([".\\n", ".⏎"].map((guess) => kind(guess, newline))).toEqual(["token", "token"]);
  expect(kind("\\n", token("\\n", -1))).toBe("token");
  expect([" ", "x"].map((guess) => kind(guess, token("    ", -1)))).toEqual(["token", "none"]);
  expect([" ", "", "x"].map((guess) => kind(guess, token("", -1)))).toEqual(["none", "none", "none"]);
  expect(kind("", SEA)).toBe("none");
});

test("pieces without probabilities can be guessed too", () => {
  const piece = token(" sea", null);
  expect(verdictWords("sea", judge("sea", piece), piece)).toBe("Right: “·sea”.");
  expect(scoreWords(count(NO_SCORE, judge("sea", piece), piece))).toBe("1 of 1 right");
});

test("the score counts right ones, and bits of those among all", () => {
  const once = count(NO_SCORE, judge("sea", SEA), SEA);
  const twice = count(once, judge("lake", SEA), SEA);
  expect(once).toMatchObject({ right: 1, of: 1, bitsRight: 2, bits: 2 });
  expect(scoreWords(twice)).toBe("1 of 2 right, 2.0 of 4.0 bits");
  expect(scoreWords(NO_SCORE)).toBe("");
});
