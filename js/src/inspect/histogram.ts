// How many gaps there were of which length: bars over a logarithmic axis, with lines at the median, at p90 and at p99.
import { createPlot, px, s, setAll, type Plot, type Size } from "./plot";
import { duration, figure, ticksUntil } from "./scales";
import { binOf, type Timing } from "./timingmodel";

export interface Histogram {
  readonly plot: Plot;
  draw(timing: Timing, size: Size): void;
  /** Marks the bar that a gap (seconds) is in; null marks none. */
  mark(gap: number | null): void;
}

/** Each line's name stands on a row of its own, so that none covers another. */
const ROW_PX = 14;

export function createHistogram(): Histogram {
  const plot = createPlot("histogram", 96, 3 * ROW_PX + 4);
  const bars = s("path", { class: "bars" });
  const marked = s("path", { class: "marked", visibility: "hidden" });
  const lines = ["p50", "p90", "p99"].map((name) => ({ name, line: s("line", { class: "share" }), text: s("text", { class: "label name" }) }));
  plot.marks.append(bars, marked);
  plot.over.append(...lines.flatMap(({ line, text }) => [line, text]));
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
      const y = ticksUntil(binEnd, 3).filter(Number.isInteger);
      plot.frame(size, gapScale.ticks.map((value) => ({ at: gapScale.place(value), label: duration(value) })), y.map((value) => ({ at: value / binEnd, label: figure(value) })));
      setAll(bars, { d: bins.map((_, number) => bar(number)).join("") });
      const values = gaps ? [gaps.median, gaps.p90, gaps.p99] : [];
      lines.forEach(({ name, line, text }, row) => {
        const value = values[row];
        for (const element of [line, text]) setAll(element, { visibility: value === undefined ? "hidden" : "visible" });
        if (value !== undefined) drawShare(plot, line, text, row, gapScale.place(value), `${name} ${duration(value)}`);
      });
    },
    mark(gap) {
      const d = gap === null || !timing ? "" : bar(binOf(gap, timing.gapScale));
      setAll(marked, d ? { visibility: "visible", d } : { visibility: "hidden" });
    },
  };
}

/** A line from its row down to the axis, the name beside it, on the side where there is room. */
function drawShare({ area }: Plot, line: SVGLineElement, text: SVGTextElement, row: number, place: number, words: string): void {
  const x = Math.round(area.x(place)) + 0.5;
  const top = row * ROW_PX * area.scale;
  const isRight = place > 0.7;
  setAll(line, { x1: x, x2: x, y1: top + 3 * area.scale, y2: area.bottom });
  setAll(text, { x: x + (isRight ? -5 : 5) * area.scale, y: top + 11 * area.scale, "text-anchor": isRight ? "end" : "start" });
  if (text.textContent !== words) text.textContent = words;
}
