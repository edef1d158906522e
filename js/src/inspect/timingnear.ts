// A place of a picture over time comes in, the arrival that stands nearest to it goes out. Pure but for the plot's scale.
import { firstWhere, gapBefore } from "./gaps";
import type { TimePlot } from "./timeplot";
import type { Timing } from "./timingmodel";

/** Further away than this (pixels) nothing is meant. */
const REACH_PX = 24;
/** So many are looked at, around the pointer. */
const MOST = 2000;

/** `y` null: only the time counts. Gaps stand at the arrivals 1, 2, ...; the first arrival has none. */
export function nearestArrival({ arrivals, shown, gapScale }: Timing, plot: Pick<TimePlot, "xOf" | "area">, x: number, y: number | null): number | null {
  const xOf = (index: number): number => plot.xOf(arrivals[index]?.at ?? 0);
  const reach = REACH_PX * plot.area.scale;
  let from = Math.max(1, firstWhere(shown, (index) => xOf(index) >= x - reach));
  const to = firstWhere(shown, (index) => xOf(index) > x + reach);
  if (to - from > MOST) from = Math.max(from, firstWhere(shown, (index) => xOf(index) >= x) - (MOST >> 1));
  let [nearest, least] = [null as number | null, Infinity];
  for (let index = from; index < Math.min(to, from + MOST); index++) {
    const dy = y === null ? 0 : y - plot.area.y(gapScale.place(gapBefore(arrivals, index)));
    const distance = Math.hypot(xOf(index) - x, dy / 2); // the time counts more, for the marks stand close in height
    if (distance < least) [nearest, least] = [index, distance];
  }
  return nearest;
}
