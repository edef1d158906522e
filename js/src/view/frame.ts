// Wishes to draw come in, at any rate; one drawing each a frame goes out, also where there are no frames.

/** rAF is paused in a hidden tab; this long after the first wish it is drawn without (ms). */
const FALLBACK_MS = 150;

/** A function that calls `draw` with the next frame, once, until `signal` aborts. */
export function onFrame(draw: () => void, signal: AbortSignal): () => void {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    timer = undefined;
  };
  const run = (): void => {
    cancel();
    draw();
  };
  signal.addEventListener("abort", cancel);
  return () => {
    if (timer !== undefined || signal.aborted) return;
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, FALLBACK_MS);
  };
}
