// Ranges of numbers come in, round steps and places between 0 and 1 go out, and words for a duration. Pure.
import { seconds } from "../view/words";

const STEPS = [1, 2, 5, 10];

/** The next 1, 2 or 5 times a power of ten, not below `value`. */
export const niceUp = (value: number): number => nice(value, (steps) => steps.find((step) => step >= 1 - 1e-9));
/** The same, not above. */
export const niceDown = (value: number): number => nice(value, (steps) => steps.findLast((step) => step <= 1 + 1e-9));

/** `choose` gets the steps around the value as shares of it. */
function nice(value: number, choose: (steps: number[]) => number | undefined): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return round((choose(STEPS.map((step) => (step * power) / value)) ?? 1) * value);
}

/** Without what the floating point left behind: 0.30000000000000004. */
const round = (value: number): number => Number(value.toPrecision(12));

/** Where an axis from 0 ends that shows `most`: at a whole number of round steps, `count` of them at most. */
export function endAbove(most: number, count: number): number {
  const step = niceUp(most / count);
  return round(step * Math.max(1, Math.ceil(most / step - 1e-9)));
}

/** Round numbers from 0 to `end`, `count` of them at most, beside the 0. */
export function ticksUntil(end: number, count: number): number[] {
  const step = niceUp(end / Math.max(1, count));
  const found: number[] = [];
  for (let number = 0; number * step <= end * (1 + 1e-9); number++) found.push(round(number * step));
  return found;
}

/** A logarithmic scale. */
export interface LogScale {
  readonly low: number;
  readonly high: number;
  /** Where a value stands, from 0 to 1; what is below `low` stands at 0. */
  place(value: number): number;
  readonly ticks: readonly number[];
}

export function logScale(low: number, high: number): LogScale {
  const [from, to] = [Math.log(low), Math.log(high)];
  const place = (value: number): number => Math.min(1, Math.max(0, (Math.log(Math.max(value, low)) - from) / (to - from)));
  const isWide = high / low > 150;
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low) + 1e-9); power <= high * (1 + 1e-9); power *= 10) {
    for (const step of isWide ? [1] : [1, 2, 5]) {
      const value = round(step * power);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push(value);
    }
  }
  return { low, high, place, ticks };
}

/** "0.4 ms", "23 ms", "1.2 s" */
export function duration(value: number): string {
  const ms = 1000 * value;
  if (ms >= 999.5) return seconds(Math.max(1, value));
  return ms >= 9.95 ? `${Math.round(ms)} ms` : `${Number(ms.toFixed(1))} ms`;
}

/** For an axis: no digits that are not needed. `isLong`: seconds also below one. */
export const axisDuration = (value: number, isLong: boolean): string =>
  isLong || value >= 1 ? `${Number(value.toPrecision(6)).toLocaleString("en-US")} s` : `${Number((1000 * value).toPrecision(6))} ms`;

/** For a rate or a number of an axis: two digits at least, no more than are of use. */
export const figure = (value: number): string =>
  value < 9.95 ? String(Number(value.toFixed(1))) : Math.round(value).toLocaleString("en-US");
