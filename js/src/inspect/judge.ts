// What the reader guessed and the token that came go in; how near it was and the running score go out. Knows no DOM.
import { distributionOf, percent, rankWords, surpriseOf, type Alternative } from "./probability";
import { lineOf } from "./glyphs";
import type { Token } from "./trace";

export type Verdict =
  | { kind: "token" }
  | { kind: "alternative"; alternative: Alternative; rank: number }
  /** More was guessed than the token, which is how it begins. */
  | { kind: "longer" }
  | { kind: "none" };

/** Bits are the surprise of the tokens: of those that were guessed, of all that were asked for. */
export interface Score {
  readonly right: number;
  readonly of: number;
  readonly bitsRight: number;
  readonly bits: number;
}

export const NO_SCORE: Score = { right: 0, of: 0, bitsRight: 0, bits: 0 };

/** Who guesses a word does not think of the space that most tokens begin with. */
const forgive = (text: string): string => text.replace(/^[ \t]+/, "");
/** In a line of text a newline cannot be typed but so. */
const unescape = (guess: string): string => guess.replace(/⏎|\\n/g, "\n").replaceAll("\\t", "\t");
const isSame = (guess: string, text: string): boolean => guess !== "" && text !== "" && forgive(guess) === forgive(text);

export function judge(guess: string, token: Token): Verdict {
  const typed = [guess, unescape(guess)];
  const isIt = (text: string): boolean => typed.some((one) => isSame(one, text));
  if (isIt(token.text)) return { kind: "token" };
  const others = distributionOf(token)?.alternatives ?? [];
  const rank = others.findIndex(({ text, isToken }) => !isToken && isIt(text));
  const alternative = others[rank];
  if (alternative) return { kind: "alternative", alternative, rank: rank + 1 };
  const begins = forgive(token.text);
  return { kind: begins !== "" && typed.some((one) => forgive(one).startsWith(begins)) ? "longer" : "none" };
}

export function count(score: Score, verdict: Verdict, token: Token): Score {
  const bits = token.logprob === null ? 0 : surpriseOf(token.logprob);
  const isRight = verdict.kind === "token";
  return {
    right: score.right + (isRight ? 1 : 0),
    of: score.of + 1,
    bitsRight: score.bitsRight + (isRight ? bits : 0),
    bits: score.bits + bits,
  };
}

/** `guess` is null where the reader only wanted to be shown. */
export function verdictWords(guess: string | null, verdict: Verdict | null, token: Token): string {
  const found = distributionOf(token);
  const own = found?.alternatives.find(({ isToken }) => isToken);
  const told = own ? `, ${percent(own.probability)}` : "";
  const it = `“${lineOf(token.text)}”${told}`;
  if (guess === null || !verdict) return `It was ${it}.`;
  switch (verdict.kind) {
    case "token":
      return `Right: ${it}${found?.rank ? `, ${rankWords(found.rank, token.top.length)}` : ""}.`;
    case "alternative":
      return `It was ${it}. Yours was likely too: ${percent(verdict.alternative.probability)}, number ${verdict.rank}.`;
    case "longer":
      return `Nearly: yours begins with the token, which is only ${it}.`;
    case "none":
      return `It was ${it}. ${token.top.length ? `Yours is not among the ${token.top.length} told.` : "Yours was another."}`;
  }
}

export function scoreWords({ right, of, bitsRight, bits }: Score): string {
  if (of === 0) return "";
  return `${right} of ${of} right${bits > 0 ? `, ${bitsRight.toFixed(1)} of ${bits.toFixed(1)} bits` : ""}`;
}
