// A run comes in, its five figures go out as numbers and as text; of all runs, which is the largest and which the best.
import type { Run } from "../store";
import { rateSoFar, seconds, tokensSoFar } from "../view/words";
import type { RunState } from "../wire";

export interface Figure {
  value: number;
  isEstimated: boolean;
}

export interface FigureKind {
  readonly name: FigureName;
  /** Above the value; in a list of choices; in full. */
  readonly label: string;
  readonly word: string;
  readonly title: string;
  readonly best: "least" | "most";
  /** What the best one is, in words; empty where least or most is no merit. */
  readonly praise: string;
  /** A run that goes on can be better already: its value will not become worse for its going on. */
  readonly isEarly?: boolean;
  text(value: number): string;
}

export type FigureName = "first" | "seconds" | "rate" | "tokens" | "cost";
export type Figures = Readonly<Record<FigureName, Figure | null>>;

/**
 * `isKnown`: some run has a value; `largest`: what a full bar stands for; `best`: the best value of those runs that are done,
 * if there are several and none that goes on is better already.
 */
export interface Scale {
  isKnown: boolean;
  largest: number;
  best: number | null;
}
export type Scales = Readonly<Record<FigureName, Scale>>;

const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** US dollars with two digits that say something: $0.0042, $0.38, $12.50. */
export function dollars(value: number): string {
  if (value === 0) return "$0";
  if (value >= 0.995) return `$${value.toFixed(2)}`;
  const digits = Math.min(8, 1 - Math.floor(Math.log10(value)));
  return `$${value.toFixed(digits).replace(/(\.\d+?)0+$/, "$1")}`;
}

export const FIGURES: readonly FigureKind[] = [
  { name: "first", label: "first", word: "first token", title: "time to first token", best: "least", praise: "soonest", isEarly: true, text: seconds },
  { name: "seconds", label: "time", word: "seconds", title: "seconds in all", best: "least", praise: "shortest", text: seconds },
  { name: "rate", label: "tok/s", word: "tokens/s", title: "tokens per second", best: "most", praise: "fastest", isEarly: true, text: (value) => (value < 10 ? value.toFixed(1) : count(value)) },
  { name: "tokens", label: "tokens", word: "tokens", title: "tokens written", best: "least", praise: "", text: count },
  { name: "cost", label: "cost", word: "cost", title: "cost in US dollars", best: "least", praise: "cheapest", text: dollars },
]; // prettier-ignore

/** What the kernel says of cost, where it knows the price. */
type Costs = RunState & { cost?: number | null; cost_estimated?: boolean };

const figure = (value: number | null | undefined, isEstimated = false): Figure | null =>
  value === null || value === undefined ? null : { value, isEstimated };

export function costOf(run: Run): Figure | null {
  const { cost, cost_estimated = false } = run.state as Costs;
  return figure(cost, cost_estimated);
}

/** `elapsed`: seconds since the run's start; 0 before it. */
export function figuresOf(run: Run, elapsed: number): Figures {
  const { state, ended } = run;
  const isEstimated = state.estimated !== false;
  const tokens = ended ? (state.tokens ?? 0) : tokensSoFar(run);
  const rate = ended ? state.tokens_per_s : rateSoFar(run, elapsed);
  return {
    first: figure(state.ttft_s),
    seconds: elapsed > 0 ? figure(elapsed) : null,
    rate: rate ? figure(rate, isEstimated) : null,
    tokens: tokens >= 1 ? figure(tokens, isEstimated) : null,
    cost: costOf(run),
  };
}

/** Only a whole answer competes. */
const isDone = ({ ended, state }: RunEnd): boolean => ended && state.status === "done";
type RunEnd = Pick<Run, "ended"> & { state: Pick<RunState, "status"> };

export function scalesOf(all: readonly { figures: Figures; run: RunEnd }[]): Scales {
  const scale = ({ name, best, praise, isEarly }: FigureKind): Scale => {
    const valuesOf = (counts: (run: RunEnd) => boolean): number[] =>
      all.flatMap(({ figures, run }) => (counts(run) ? (figures[name]?.value ?? []) : []));
    const values = valuesOf(() => true);
    const choose = best === "least" ? Math.min : Math.max;
    const competing = valuesOf(isDone);
    const leading = choose(...competing, ...(isEarly ? valuesOf(({ ended }) => !ended) : []));
    const isBest = praise !== "" && competing.length > 1 && competing.includes(leading);
    return { isKnown: values.length > 0, largest: Math.max(0, ...values), best: isBest ? leading : null };
  };
  return Object.fromEntries(FIGURES.map((kind) => [kind.name, scale(kind)])) as Scales;
}

/** What a run is the best in, in words, for one kind of figure; empty where it is not. */
export function praiseOf({ name, praise }: FigureKind, run: RunEnd, figures: Figures, scales: Scales): string {
  const value = figures[name]?.value;
  return isDone(run) && value !== undefined && value === scales[name].best ? praise : "";
}

/** The same for all kinds: "soonest, fastest". */
export const praisesOf = (run: RunEnd, figures: Figures | undefined, scales: Scales): string =>
  figures ? FIGURES.flatMap((kind) => praiseOf(kind, run, figures, scales) || []).join(", ") : "";
