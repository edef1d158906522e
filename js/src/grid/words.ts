// A comparison's state comes in, its words go out: progress, what is to be said of the whole, how far repeats agree. Pure.
import { seconds } from "../view/words";
import type { Agreement, GridState } from "../wire";
import { costOf, dollars } from "./figures";
import { isQueued, type Cell, type Comparison } from "./comparison";

export interface Progress {
  total: number;
  ended: number;
  running: number;
  queued: number;
  failed: number;
  stopped: number;
  cost: number | null;
  isCostEstimated: boolean;
}

export type RunStatus = "queued" | "running" | "done" | "stopped" | "failed";

/** What a filter distinguishes. */
export function statusOf({ run, gone }: Pick<Cell, "run" | "gone">): RunStatus {
  if (!run.ended && gone) return "failed"; // it may go on, but nobody will hear of it
  if (isQueued(run)) return "queued";
  if (!run.ended) return "running";
  const { status } = run.state;
  return status === "stopped" ? "stopped" : status === "error" || status === "interrupted" ? "failed" : "done";
}

export function progressOf({ cells }: Pick<Comparison, "cells">): Progress {
  const progress: Progress = { total: cells.length, ended: 0, running: 0, queued: 0, failed: 0, stopped: 0, cost: null, isCostEstimated: false };
  for (const cell of cells) {
    const status = statusOf(cell);
    if (cell.run.ended) progress.ended += 1;
    if (status !== "done") progress[status] += 1;
    const cost = costOf(cell.run);
    if (!cost) continue;
    progress.cost = (progress.cost ?? 0) + cost.value;
    progress.isCostEstimated ||= cost.isEstimated;
  }
  return progress;
}

const some = (count: number, word: string): string[] => (count > 0 ? [`${count} ${word}`] : []);

/** "7 of 12 · 3 running · 2 queued · $0.004 · 12.3 s" */
export function progressWords(progress: Progress, elapsed: number): string {
  const { total, ended, running, queued, failed, stopped, cost, isCostEstimated } = progress;
  return [
    ended === total ? `${total} of ${total} ended` : `${ended} of ${total}`,
    ...some(running, "running"),
    ...some(queued, "queued"),
    ...some(failed, "failed"),
    ...some(stopped, "stopped"),
    ...(cost === null ? [] : [`${isCostEstimated ? "≈ " : ""}${dollars(cost)}`]),
    ...(elapsed > 0 ? [seconds(elapsed)] : []),
  ].join(" · ");
}

/** For the ear: the end, or how many have ended. */
export function spokenProgress({ total, ended, failed, stopped }: Progress): string {
  const ends = [...some(failed, "failed"), ...some(stopped, "stopped")];
  return [ended === total ? `All ${total} ended` : `${ended} of ${total} done`, ...ends].join(", ");
}

// Of a Stop by the user the line of progress says enough, and a line more would move the grid under the pointer.
const STOPPED: Record<string, string> = {
  user: "",
  seconds: "All stopped: limit of time.",
  cost: "All stopped: limit on cost.",
  abandoned: "All stopped: no view was left.",
};

/** What is to be said of the whole; empty where there is nothing. */
export function gridNote({ stop_reason, max_cost, note }: GridState, gone: string): string {
  const reason = stop_reason ?? "";
  const limit = reason === "cost" && max_cost != null ? `All stopped: limit on cost of ${dollars(max_cost)}.` : "";
  const stopped = reason ? limit || (Object.hasOwn(STOPPED, reason) ? STOPPED[reason] : `All stopped: ${reason.slice(0, 40)}.`) : "";
  return [gone ? `No way to the kernel: ${gone}.` : "", stopped, note].filter(Boolean).join(" ");
}

const range = ([from, to]: readonly number[], text: (value: number) => string, unit: string): string => {
  const [least, most] = [text(from ?? 0), text(to ?? from ?? 0)];
  return least === most ? `${most} ${unit}` : `${least}–${most} ${unit}`;
};
const whole = (value: number): string => value.toLocaleString("en-US");
const short = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
const quoted = (text: string): string => `“${text.replace(/\s+/g, " ")}”`;

/** Ways to go on that are told; the others are counted. */
const MAX_AFTER = 3;

/** How far the answers to one request agree, in plain words, the most important first. */
export function agreementWords({ cells, distinct, prefix, before, after, alike, chars, seconds: times }: Agreement): string[] {
  if (cells.length < 2) return [];
  const spread = [range(chars, whole, "characters"), range(times, short, "s")];
  if (distinct === 1) return [`all ${cells.length} the same`, ...spread];
  return [
    distinct === cells.length ? `all ${cells.length} differ` : `${distinct} different answers of ${cells.length}`,
    parting(prefix, before, [...new Set(after)]),
    `${Math.round(100 * alike)} % of words alike`,
    ...spread,
  ];
}

function parting(prefix: number, before: string, after: readonly string[]): string {
  if (prefix === 0) return "from the first character on";
  const told = after.slice(0, MAX_AFTER).map((text) => (text ? quoted(text) : "the end"));
  const more = after.length > MAX_AFTER ? ` and ${after.length - MAX_AFTER} more` : "";
  return `first ${whole(prefix)} characters in common, … ${quoted(before)} then ${told.join(" / ")}${more}`;
}
