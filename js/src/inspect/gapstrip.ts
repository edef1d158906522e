// The gaps between arrivals as a strip over time, each a mark as high as the gap is long; stalls are told by their shape
// too. Many marks are drawn as columns, from the least to the longest gap of each.
import { gapBefore, type Arrival } from "./gaps";
import { px, s, setAll, type Size } from "./plot";
import { gapTicks, type Timing } from "./timingmodel";
import { createTimePlot, type Reactions, type TimePlot } from "./timeplot";

/** More marks than this are drawn as columns. */
export const MAX_MARKS = 2000;
/** How wide a column is (pixels). */
const COLUMN_PX = 3;

export interface Strip {
  readonly plot: TimePlot;
  draw(timing: Timing, size: Size): void;
  /** How many columns stand for the gaps; 0 where each has a mark of its own. */
  readonly columns: number;
  /** Marks an arrival (its number), or nothing. */
  mark(arrival: number | null, at: number | null): void;
}

/** Where the gap before an arrival stands, in pixels. */
interface Spot {
  readonly x: number;
  readonly y: number;
}

export function createStrip(reactions: Reactions, signal: AbortSignal): Strip {
  const plot = createTimePlot("strip", 128, 14, reactions, signal);
  const rule = s("line", { class: "rule", visibility: "hidden" });
  const ruleName = s("text", { class: "label rule-name", visibility: "hidden" }, "stalls above this line");
  const dots = s("path", { class: "dots" });
  const ranges = s("path", { class: "ranges" });
  const stalls = s("path", { class: "stalls" });
  const ring = s("circle", { class: "ring", visibility: "hidden" });
  plot.marks.append(rule, ranges, dots, stalls, ruleName);
  plot.over.append(ring);
  let timing: Timing | undefined;
  let columns = 0;
  const spotOf = (arrival: number): Spot => {
    const { arrivals, gapScale } = timing ?? { arrivals: [] as Arrival[], gapScale: undefined };
    return { x: plot.xOf(arrivals[arrival]?.at ?? 0), y: plot.area.y(gapScale?.place(gapBefore(arrivals, arrival)) ?? 0) };
  };
  return {
    plot,
    get columns() {
      return columns;
    },
    draw(now, size) {
      timing = now;
      const { gapScale, gaps, shown } = now;
      plot.frameTime(now, size, gapTicks(now));
      const isMany = now.arrivals.length > MAX_MARKS;
      const drawn = isMany ? columnsOf(shown, spotOf, plot.area.left) : { dots: dotsOf(shown, spotOf), ranges: "", columns: 0 };
      columns = drawn.columns;
      setAll(dots, { d: drawn.dots });
      setAll(ranges, { d: drawn.ranges });
      setAll(stalls, { d: (gaps?.stalls ?? []).map((stall) => diamond(spotOf(stall), size.scale)).join("") });
      const limit = gaps && gaps.stallAfter <= gapScale.high ? plot.area.y(gapScale.place(gaps.stallAfter)) : null;
      const { left, right, scale } = plot.area;
      setAll(rule, limit === null ? { visibility: "hidden" } : { visibility: "visible", x1: left, x2: right, y1: limit, y2: limit });
      setAll(ruleName, limit === null ? { visibility: "hidden" } : { visibility: "visible", x: left + 4 * scale, y: limit + 13 * scale });
    },
    mark(arrival, at) {
      plot.showPointed(at);
      if (arrival === null || arrival < 1) return setAll(ring, { visibility: "hidden" });
      const { x, y } = spotOf(arrival);
      setAll(ring, { visibility: "visible", cx: x, cy: y, r: 5 * plot.area.scale });
    },
  };
}

/** A line of no length with round ends is a dot; thousands of them are one element. */
const dot = ({ x, y }: Spot): string => `M${px(x)} ${px(y)}h0`;

function dotsOf(shown: number, spotOf: (arrival: number) => Spot): string {
  let path = "";
  for (let arrival = 1; arrival < shown; arrival++) path += dot(spotOf(arrival));
  return path;
}

/** Per column a line over all its gaps, and a dot at the median one. */
function columnsOf(shown: number, spotOf: (arrival: number) => Spot, left: number): { dots: string; ranges: string; columns: number } {
  let [dots, ranges, columns] = ["", "", 0];
  let heights: number[] = [];
  let column = -1;
  const close = (): void => {
    if (heights.length === 0) return;
    heights.sort((one, other) => one - other);
    const x = Math.round(left + (column + 0.5) * COLUMN_PX) + 0.5;
    ranges += `M${px(x)} ${px(heights[0] ?? 0)}V${px(heights.at(-1) ?? 0)}`;
    dots += dot({ x, y: heights[heights.length >> 1] ?? 0 });
    columns += 1;
    heights = [];
  };
  for (let arrival = 1; arrival < shown; arrival++) {
    const { x, y } = spotOf(arrival);
    const here = Math.floor((x - left) / COLUMN_PX);
    if (here !== column) close();
    column = here;
    heights.push(y);
  }
  close();
  return { dots, ranges, columns };
}

const diamond = ({ x, y }: Spot, scale: number): string => {
  const r = px(5.5 * scale);
  return `M${px(x)} ${px(y - 5.5 * scale)}l${r} ${r}l-${r} ${r}l-${r} -${r}z`;
};
