// A wish to flush comes in, at any rate; one flush a frame goes out. Knows nothing of Markdown.

/** Milliseconds after which a flush happens though no frame came: a hidden page has no frames. */
const WITHOUT_FRAME_MS = 200;

export interface Scheduler {
  /** Asks for a flush, in the next frame or `delay` milliseconds from now. */
  request(delay?: number): void;
  cancel(): void;
}

export function createScheduler(flush: () => void): Scheduler {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Infinity;

  function cancel(): void {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
    timer = undefined;
    due = Infinity;
  }

  function run(): void {
    cancel();
    flush();
  }

  return {
    request(delay = 0) {
      const at = performance.now() + delay;
      if (due <= at) return;
      cancel();
      due = at;
      if (delay === 0) frame = requestAnimationFrame(run);
      timer = setTimeout(run, delay || WITHOUT_FRAME_MS);
    },
    cancel,
  };
}
