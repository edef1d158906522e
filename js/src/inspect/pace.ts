// Wishes for some work come in, at any rate; the work is done right after what is on its way to the screen, and takes but a
// part of the time: so that the views beside the answer hold up neither the answer nor the player's clock.

/** The pause after the work, in times of what it took; what the browser does to lay it out comes on top. */
const PAUSE = 5;
/** And at least this long (ms): no reader takes in more pictures a second. */
const MIN_PAUSE_MS = 30;

/** Calls `work` once for all wishes before it, until `signal` aborts. */
export function pace(work: () => void, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let freeAt = 0;
  const run = (): void => {
    const start = performance.now();
    timer = undefined;
    work();
    const now = performance.now();
    freeAt = now + Math.max(MIN_PAUSE_MS, (now - start) * PAUSE);
  };
  signal.addEventListener("abort", () => clearTimeout(timer));
  return () => {
    if (timer === undefined && !signal.aborted) timer = setTimeout(run, Math.max(0, freeAt - performance.now()));
  };
}
