// A comparison comes in, the seconds that something of it has run go out: the kernel's count, counted on here while runs go
// on. Where the kernel tells none this page counts; what had ended before it came is then not known, and the time is 0.
import type { Comparison } from "./comparison";

export interface Clock {
  elapsed(): number;
}

export function createClock(comparison: Comparison): Clock {
  const own = createOwnClock(comparison);
  let told = comparison.state.elapsed_s;
  let toldAt = performance.now();
  let goneAt: number | null = null;
  comparison.subscribe(() => {
    goneAt = comparison.gone ? (goneAt ?? performance.now()) : null;
    const { elapsed_s } = comparison.state;
    if (elapsed_s === told) return;
    [told, toldAt] = [elapsed_s, performance.now()];
  }, comparison.signal);
  return {
    elapsed(): number {
      const { elapsed_s, total_s } = comparison.state;
      if (elapsed_s === undefined) return own.elapsed();
      if (!comparison.isRunning) return total_s ?? elapsed_s;
      return elapsed_s + Math.max(0, (goneAt ?? performance.now()) - toldAt) / 1000;
    },
  };
}

function createOwnClock(comparison: Comparison): Clock {
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
