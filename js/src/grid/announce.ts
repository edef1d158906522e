// How far a comparison is comes in, at any rate; a polite live region says it every few seconds, and the end.
import { h } from "../view/dom";
import type { Comparison } from "./comparison";
import { progressOf, spokenProgress } from "./words";

const SPEAK_EVERY_MS = 5000;

/** Two views of one comparison say everything once. */
const speakers = new WeakMap<Comparison, symbol>();

export function createAnnouncer(comparison: Comparison, signal: AbortSignal) {
  const element = h("div", { class: "unseen", role: "status", "aria-live": "polite", "aria-label": "Progress" });
  const self = Symbol("view");
  let ended = progressOf(comparison).ended; // what was so before this view is for reading
  let spokenAt = performance.now();
  signal.addEventListener("abort", () => {
    if (speakers.get(comparison) === self) speakers.delete(comparison);
  });
  return {
    element,
    update(): void {
      const progress = progressOf(comparison);
      if (progress.ended === ended || signal.aborted) return;
      const isEnd = progress.ended === progress.total;
      const now = performance.now();
      if (!isEnd && now - spokenAt < SPEAK_EVERY_MS) return;
      [ended, spokenAt] = [progress.ended, now];
      if (!speakers.has(comparison)) speakers.set(comparison, self);
      if (speakers.get(comparison) === self) element.replaceChildren(h("p", {}, spokenProgress(progress)));
    },
  };
}
