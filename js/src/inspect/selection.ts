// What the reader points at, shared by all views of one track: a token or an event comes in from the view where it is
// pointed at, both go out to all. A press holds it until the next one; without, it goes with the pointer or the focus.
import type { Trace } from "./trace";

/** The numbers of a moment and a token of the trace; null where the moment brought none, or nothing is pointed at. */
export interface Pointed {
  readonly moment: number | null;
  readonly token: number | null;
}

export interface Selection {
  readonly now: Pointed;
  /** Whether it was pressed, and so stays. */
  readonly isHeld: boolean;
  pointToToken(token: number | null): void;
  pointToMoment(moment: number | null): void;
  /** Holds what is pointed at, or lets it go. */
  hold(isHeld: boolean): void;
  subscribe(listener: () => void, signal: AbortSignal): void;
}

const NOTHING: Pointed = { moment: null, token: null };

export function createSelection(trace: Trace): Selection {
  let now = NOTHING;
  let isHeld = false;
  const listeners = new Set<() => void>();
  const set = (next: Pointed): void => {
    if (isHeld || (next.moment === now.moment && next.token === now.token)) return;
    now = next;
    for (const listener of listeners) listener();
  };
  return {
    get now() {
      return now;
    },
    get isHeld() {
      return isHeld;
    },
    pointToToken(token) {
      const moment = token === null ? undefined : trace.tokens[token]?.moment;
      set(token === null || moment === undefined ? NOTHING : { token, moment });
    },
    pointToMoment(moment) {
      if (moment === null || !trace.moments[moment]) return set(NOTHING);
      const first = firstOf(trace, moment);
      set({ moment, token: trace.tokens[first]?.moment === moment ? first : null });
    },
    hold(value) {
      isHeld = value && now !== NOTHING;
      for (const listener of listeners) listener();
    },
    subscribe(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener));
    },
  };
}

/** The number of the first token of `moment` or later ones. */
function firstOf({ tokens }: Trace, moment: number): number {
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.moment ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
