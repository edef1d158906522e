// Jobs that may wait come in; they are done in short slices between which the page can draw and be used. One queue
// serves all streams of a page, so that many of them together take no more of a frame than one.

/** Milliseconds of one slice. */
export const SLICE_MS = 6;
/** A job that cannot go on now is asked again this much later (ms). */
const RETRY_MS = 300;

/** Works until nothing is left (`done`), `isTimeUp`, or something is in the way that will pass (`later`). */
export type Job = (isTimeUp: () => boolean) => "done" | "more" | "later";

export interface Slices {
  /** Does `job` soon, the first slice of it before the next frame is drawn; adding it again changes nothing. */
  add(job: Job): void;
  remove(job: Job): void;
}

export function createSlices(): Slices {
  const jobs = new Set<Job>();
  const waiting = new Map<Job, ReturnType<typeof setTimeout>>();
  let isPlanned = false;

  function work(): void {
    isPlanned = false;
    const until = performance.now() + SLICE_MS;
    const isTimeUp = (): boolean => performance.now() >= until;
    for (const job of jobs) {
      const state = job(isTimeUp);
      if (state !== "more") jobs.delete(job);
      if (state === "later") waiting.set(job, setTimeout(add, RETRY_MS, job));
      if (isTimeUp()) break;
    }
    // A task of its own: a chain of microtasks would keep the page from drawing.
    if (jobs.size > 0) plan((next) => setTimeout(next));
  }

  function plan(start: (next: () => void) => void): void {
    if (isPlanned) return;
    isPlanned = true;
    start(work);
  }

  function add(job: Job): void {
    clearTimeout(waiting.get(job));
    waiting.delete(job);
    jobs.add(job);
    plan(queueMicrotask);
  }

  return {
    add,
    remove(job) {
      clearTimeout(waiting.get(job));
      waiting.delete(job);
      jobs.delete(job);
    },
  };
}
