// A token with its log probability and what was likely in its place comes in; probabilities, rank, entropy in bits and the
// step of the colour scale go out, as numbers and as text. Knows no DOM.
import type { Token } from "./trace";

/** One of the texts that could have stood in a token's place. */
export interface Alternative {
  text: string;
  probability: number;
  /** Its number in `top`; null where the token itself is not among what was told. */
  number: number | null;
  isToken: boolean;
}

/** What the server told of one place. */
export interface Distribution {
  /** The likeliest first, the token itself among them. */
  alternatives: Alternative[];
  /** Of the token, from 1; null where it is not among what was told. */
  rank: number | null;
  /** The probability of all that was not told. */
  rest: number;
  /** Entropy; at least so much where not all was told. */
  bits: number;
  isWhole: boolean;
}

/** Least probabilities of the colour scale's steps, the likeliest first; below the last is a step more. */
export const STEPS: readonly number[] = [0.9, 0.5, 0.2, 0.05];
/** What is left of all probability when servers' figures are rounded. */
const ROUNDING = 1e-3;

export function probabilityOf(logprob: number): number {
  return Number.isNaN(logprob) ? 0 : Math.min(1, Math.exp(logprob));
}

export function stepOf(probability: number): number {
  const step = STEPS.findIndex((least) => probability >= least);
  return step < 0 ? STEPS.length : step;
}

/** Surprise: how many bits the token told who knew the distribution. */
export function surpriseOf(logprob: number): number {
  return Math.max(0, -logprob / Math.LN2);
}

/** Null where the server told nothing of this token. */
export function distributionOf(token: Token): Distribution | null {
  if (token.logprob === null) return null;
  const own = numberOf(token);
  const alternatives = token.top.map(
    ([text, logprob], number): Alternative => ({ text, probability: probabilityOf(logprob), number, isToken: number === own }),
  );
  if (own === null) alternatives.push({ text: token.text, probability: probabilityOf(token.logprob), number: null, isToken: true });
  alternatives.sort((a, b) => b.probability - a.probability);
  const told = alternatives.reduce((sum, { probability }) => sum + probability, 0);
  const rest = Math.max(0, 1 - told);
  const isWhole = rest < ROUNDING;
  return {
    alternatives,
    rank: own === null ? null : 1 + alternatives.findIndex(({ isToken }) => isToken),
    rest,
    bits: entropyOf(alternatives, isWhole ? 0 : rest),
    isWhole,
  };
}

/** Two tokens may have the same text; then it is the one with the nearer log probability. */
function numberOf({ text, logprob, top }: Token): number | null {
  let found: number | null = null;
  let nearest = Infinity;
  top.forEach(([other, told], number) => {
    const distance = Math.abs(probabilityOf(told) - probabilityOf(logprob ?? NaN));
    if (other !== text || distance >= nearest) return;
    [found, nearest] = [number, distance];
  });
  return found;
}

/** In bits; the rest counts as one outcome, which is the least that it can be. */
function entropyOf(alternatives: readonly Alternative[], rest: number): number {
  const of = (probability: number): number => (probability > 0 ? -probability * Math.log2(probability) : 0);
  return alternatives.reduce((sum, { probability }) => sum + of(probability), of(rest));
}

/** "42 %", with digits that say something at both ends. */
export function percent(probability: number): string {
  if (probability >= 0.99995) return "100 %";
  if (probability >= 0.9995) return "> 99.9 %";
  if (probability < 0.0001) return "< 0.01 %";
  const digits = probability < 0.001 ? 2 : probability < 0.0995 || probability >= 0.99 ? 1 : 0;
  return `${(100 * probability).toFixed(digits)} %`;
}

export const bits = (value: number): string => `${value < 0.005 ? "0" : value.toFixed(value < 10 ? 2 : 1)} ${value === 1 ? "bit" : "bits"}`;

/** What the colours mean, in words, the likeliest first. */
export function stepWords(): string[] {
  const figures = STEPS.map((least) => `${Math.round(100 * least)}`);
  const between = figures.slice(1).map((least, step) => `${least}–${figures[step] ?? ""} %`);
  return [`≥ ${figures[0] ?? ""} %`, ...between, `< ${figures.at(-1) ?? ""} %`];
}

/** "1st of 5 told", or that it is none of them; empty where no alternatives were told. */
export function rankWords(rank: number | null, told: number): string {
  if (told === 0) return "";
  return rank === null ? `not among the ${told} told` : `${rank} of ${told} told`;
}
