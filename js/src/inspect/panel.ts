// What a view of the inspector is given and gives: the trace up to where the player stands comes in, an element goes out.
import type { Selection } from "./selection";
import type { Trace } from "./trace";

/** How far a trace is shown: all that came up to now where it is live, up to the player's place in a replay. */
export interface Place {
  /** Moments shown, from the first on; those after it have not come yet for the reader. */
  readonly moments: number;
  /** Tokens among them. */
  readonly tokens: number;
  /** Seconds since the run's start. */
  readonly seconds: number;
}

/** What a view draws from. */
export interface Shown {
  readonly trace: Trace;
  readonly selection: Selection;
  readonly place: Place;
  /** Asks the kernel to go on from `token` with `alternative` (its number in `top`) in its place; null where that cannot be. */
  readonly branch: ((token: number, alternative: number) => void) | null;
  /** Puts the player at this moment, for a view where the reader presses on a time. */
  seek(seconds: number): void;
}

/** One of the views: Tokens, Timing or Wire. `update` is called at most once a frame, after the trace or the place changed. */
export interface Panel {
  readonly element: HTMLElement;
  update(): void;
}

export type MakePanel = (shown: Shown, signal: AbortSignal) => Panel;
