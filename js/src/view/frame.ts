// Views that have something to show come in, at most one flush a frame goes out. All views of the page share it:
// first everyone writes, then everyone measures, so that many streams cost one layout and not one each.

export interface Painter {
  write(): void;
  measure(): void;
  settle(): void;
}

/** rAF is paused in a hidden tab; this long after the first request the flush runs without it. */
export const FALLBACK_MS = 150;

const due = new Set<Painter>();
let frame = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

export function schedule(painter: Painter): void {
  due.add(painter);
  if (timer !== undefined) return;
  frame = requestAnimationFrame(flush);
  timer = setTimeout(flush, FALLBACK_MS);
}

export function unschedule(painter: Painter): void {
  due.delete(painter);
  if (due.size === 0) cancel();
}

function cancel(): void {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  timer = undefined;
}

function flush(): void {
  cancel();
  const batch = [...due];
  due.clear();
  for (const phase of ["write", "measure", "settle"] as const) for (const painter of batch) guard(painter, phase);
}

/** One view's fault must not keep the others from being drawn. */
function guard(painter: Painter, phase: keyof Painter): void {
  try {
    painter[phase]();
  } catch (error) {
    console.warn(`[notebook-stream] view failed to ${phase}:`, error);
  }
}
