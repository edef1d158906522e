// How many gaps there were of which length: bars over a logarithmic axis, with lines at the median, at p90 and at p99.
import { createPlot, px, s, setAll, type Plot, type Size } from "./plot";
import { duration, figure, ticksUntil } from "./scales";
import { BIN_STEPS, binOf, gapTicks, type Timing } from "./timingmodel";

export interface Histogram {
  readonly plot: Plot;
  draw(timing: Timing, size: Size): void;
  /** Marks the bar that a gap (seconds) is in; null marks none. */
  mark(gap: number | null): void;
}

/** Each line's name stands on a row of its own: none covers another, and no line crosses the name of one. */
const ROW_PX = 14;

export function createHistogram(): Histogram {
  const plot = createPlot("histogram", 96, 3 * ROW_PX + 4);
  const bars = s("path", { class: "bars" });
  const marked = s("path", { class: "marked", visibility: "hidden" });
  const lines = ["p50", "p90", "p99"].map((name) => ({ name, line: s("line", { class: "share" }), text: s("text", { class: "label name" }) }));
  plot.marks.append(bars, marked);
  plot.over.append(...lines.map(({ line }) => line), ...lines.map(({ text }) => text));
  let timing: Timing | undefined;

  const bar = (bin: number): string => {
    const { bins, binEnd } = timing ?? { bins: [], binEnd: 1 };
    const count = bins[bin]?.count ?? 0;
    if (count === 0) return "";
    const [from, to] = [plot.area.x(bin / bins.length) + 0.5, plot.area.x((bin + 1) / bins.length) - 0.5];
    return `M${px(from)} ${px(plot.area.bottom)}V${px(plot.area.y(count / binEnd))}H${px(to)}V${px(plot.area.bottom)}z`;
  };
  return {
    plot,
    draw(now, size) {
      timing = now;
      const { gapScale, gaps, bins, binEnd } = now;
      const y = ticksUntil(binEnd, BIN_STEPS).filter(Number.isInteger);
      plot.frame(size, gapTicks(now), y.map((value) => ({ at: value / binEnd, label: figure(value) })));
      setAll(bars, { d: bins.map((_, number) => bar(number)).join("") });
      const values = gaps ? [gaps.median, gaps.p90, gaps.p99] : [];
      const isRight = gaps !== null && gapScale.place(gaps.p99) > 0.75;
      lines.forEach(({ name, line, text }, row) => {
        const value = values[row];
        for (const element of [line, text]) setAll(element, { visibility: value === undefined ? "hidden" : "visible" });
        if (value !== undefined) drawShare(plot, line, text, isRight ? values.length - 1 - row : row, isRight, gapScale.place(value), `${name} ${duration(value)}`);
      });
    },
    mark(gap) {
      const d = gap === null || !timing ? "" : bar(binOf(gap, timing.gapScale));
      setAll(marked, d ? { visibility: "visible", d } : { visibility: "hidden" });
    },
  };
}

/** A line from its row down to the axis, the name beside it; on its left if `isBefore` and where there is room. */
function drawShare({ area }: Plot, line: SVGLineElement, text: SVGTextElement, row: number, isBefore: boolean, place: number, words: string): void {
  const x = Math.round(area.x(place)) + 0.5;
  const top = row * ROW_PX * area.scale;
  const isLeft = isBefore && place > 0.2;
  setAll(line, { x1: x, x2: x, y1: top + 3 * area.scale, y2: area.bottom });
  setAll(text, { x: x + (isLeft ? -5 : 5) * area.scale, y: top + 11 * area.scale, "text-anchor": isLeft ? "end" : "start" });
  if (text.textContent !== words) text.textContent = words;
}
