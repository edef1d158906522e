// Whether a comparison runs comes in, now and then; for how many seconds it has goes out. The kernel tells only the time of
// each run: where runs had ended before this page came, the time of the whole is not known, and 0.
import type { Comparison } from "./comparison";

export interface Clock {
  elapsed(): number;
}

export function createClock(comparison: Comparison): Clock {
  const elapsed = comparison.cells.map((cell) => cell.elapsed());
  const isKnown = !comparison.cells.some(({ run }) => run.ended);
  let startedAt = isKnown ? performance.now() - 1000 * Math.max(0, ...elapsed) : null;
  const runs = (): boolean => comparison.isRunning && !comparison.gone;
  let wasRunning = runs();
  let total = 0;
  comparison.subscribe(() => {
    const isRunning = runs();
    if (isRunning === wasRunning) return;
    wasRunning = isRunning;
    if (isRunning) startedAt = performance.now();
    else if (startedAt !== null) total = (performance.now() - startedAt) / 1000;
  }, comparison.signal);
  return {
    elapsed: () => (!wasRunning ? total : startedAt === null ? 0 : (performance.now() - startedAt) / 1000),
  };
}
