// A trace and a number of its moments come in, the run as it stood then goes out: forward by what is new, elsewhere by
// making it anew. Knows no clock and no DOM.
import { answersOf, createRun, receive, type Run } from "../store";
import type { Place } from "./panel";
import type { Moment, Trace } from "./trace";

export interface Playback {
  readonly trace: Trace;
  readonly place: Place;
  readonly run: Run;
  /** Counts the runs: at a higher one views of the run before must be made anew. */
  readonly version: number;
  /** Shows `moments` moments at `seconds`. `isJump`: not what comes next, so that the text may be drawn anew at once. */
  goTo(moments: number, seconds: number, isJump?: boolean): void;
}

export function createPlayback(trace: Trace): Playback {
  let run = createRun();
  let version = 0;
  let shown = 0;
  let seconds = 0;
  let tokens = 0;

  const place: Place = {
    get moments() {
      return shown;
    },
    get tokens() {
      return tokens;
    },
    get seconds() {
      return seconds;
    },
  };

  const begin = (made: Run): void => {
    run = made;
    version++;
  };
  /** Whether the answer is JSON is fixed when a view is made. */
  const forward = (to: number): void => {
    const before = kindOf(run);
    fold(run, trace, shown, to);
    if (kindOf(run) !== before) begin({ ...run });
  };
  const jump = (to: number): void => {
    const made = createRun();
    fold(made, trace, 0, to);
    if (shapeOf(made) === shapeOf(run)) {
      const { text } = run;
      const epoch = text.epoch + 1;
      Object.assign(text, made.text, { epoch });
      const { state, ended, seq, newest } = made;
      Object.assign(run, { state, ended, seq, newest });
    } else begin(made);
  };

  return {
    trace,
    place,
    get run() {
      return run;
    },
    get version() {
      return version;
    },
    goTo(moments, at, isJump = false) {
      const to = Math.min(Math.max(moments, 0), trace.moments.length);
      seconds = at;
      if (to === shown) return;
      if (to < shown || isJump) jump(to);
      else forward(to);
      shown = to;
      tokens = tokensBefore(trace, to);
    },
  };
}

/** Takes the moments `from` up to `to` into `run`. */
function fold(run: Run, { moments }: Trace, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const moment = moments[at];
    if (moment) take(run, moment, at + 1);
  }
}

function take(run: Run, { name, piece, state }: Moment, seq: number): void {
  receive(run, { ...piece, ...(state ? { state } : {}), type: "append", seq });
  if (name === ":end") run.ended = true;
}

const kindOf = ({ state }: Run): boolean => state.asked?.json ?? false;

/** What a view of a run can only add to. */
const shapeOf = (run: Run): string =>
  JSON.stringify([
    kindOf(run),
    answersOf(run).map((answer) => [
      answer === run ? 0 : answer.text.length,
      answer.reasoning.length,
      answer.refusal.length,
      answer.tools.map((tool) => tool.arguments.length),
      answer.results.length,
      answer.citations.length,
      answer.media.map(({ version }) => version),
    ]),
  ]);

/** How many tokens the first `moments` moments brought. */
export function tokensBefore({ tokens }: Trace, moments: number): number {
  return countBelow(tokens.length, (at) => (tokens[at]?.moment ?? 0) < moments);
}

/** How many moments came in the first `seconds`. */
export function momentsUntil({ moments }: Trace, seconds: number): number {
  return countBelow(moments.length, (at) => (moments[at]?.at ?? 0) <= seconds);
}

/** How many of `length` things, in order, fulfil what those before the others do. */
export function countBelow(length: number, isBelow: (at: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
