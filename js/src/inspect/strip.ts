<<<<<<< HEAD
// Entropy along the text: a figure in bits for each token comes in, a strip of bars goes out that is read and pointed at
// from left to right. It is one element cut to the bars' shape, so it takes its colour and its width from the styles.
import { h, setText } from "../view/dom";
import { bits, distributionOf, surpriseOf } from "./probability";
import type { Shown } from "./panel";
import type { Token } from "./trace";

/** More bars than this cannot be told apart: each is then the highest of some tokens. */
const MAX_BARS = 600;
/** So wide that a short answer's bars do not become blocks. */
const LEAST_WIDTH = 80;

export interface Strip {
  readonly element: HTMLElement;
  /** Draws the first `count` tokens of all that there are. */
  show(count: number): void;
  point(token: number | null): void;
}

/** `point`: called with a token; `press`: it is to be held. */
export function createStrip({ trace }: Shown, actions: { point: (token: number) => void; press: (token: number) => void }, signal: AbortSignal): Strip {
  const name = h("span", {});
  const figures = h("span", { class: "quiet" });
  const bars = h("div", { class: "bars" });
  const cursor = h("div", { class: "cursor", hidden: true });
  const plot = h("div", { class: "plot", role: "img" }, bars, cursor);
  const top = h("span", {});
  const axis = h("div", { class: "axis quiet", "aria-hidden": "true" }, top, h("span", {}, "0"));
  const element = h("div", { class: "strip" }, h("p", { class: "caption" }, name, figures), h("div", { class: "plane" }, axis, plot));
  const values: number[] = [];
  let isEntropy: boolean | null = null;
  let count = 0;
  let drawn = "";

  const width = (): number => Math.max(trace.tokens.length, LEAST_WIDTH);
  const take = (): void => {
    if (isEntropy !== true && trace.tokens.slice(values.length).some(({ top }) => top.length > 0)) {
      isEntropy = true;
      values.length = 0; // what there was was surprise
    }
    for (const token of trace.tokens.slice(values.length)) values.push(bitsOf(token, isEntropy === true));
  };
  const tokenAt = (event: MouseEvent): number | null => {
    const box = plot.getBoundingClientRect();
    const token = Math.floor(((event.clientX - box.left) / box.width) * width());
    return token >= 0 && token < count ? token : null;
  };
  plot.addEventListener("pointermove", (event) => {
    const token = tokenAt(event);
    if (token !== null) actions.point(token);
  }, { signal }); // prettier-ignore
  plot.addEventListener("click", (event) => {
    const token = tokenAt(event);
    if (token !== null) actions.press(token);
  }, { signal }); // prettier-ignore

  return {
    element,
    show(next) {
      take();
      element.hidden = !trace.hasLogprobs;
      count = Math.min(next, values.length);
      const state = `${count} ${values.length}`;
      if (element.hidden || state === drawn) return;
      drawn = state;
      const scale = scaleOf(values);
      const { mean, highest, at } = summaryOf(values, count);
      const kind = isEntropy ? "Entropy" : "Surprise";
      setText(name, isEntropy ? "Entropy of what could come, in bits (at least)" : "Surprise at each token, in bits");
      setText(figures, count > 0 ? `mean ${mean.toFixed(2)}, highest ${highest.toFixed(2)}` : "");
      setText(top, String(scale));
      plot.setAttribute("aria-label", count > 0 ? `${kind} along the text: mean ${bits(mean)}, highest ${bits(highest)} at token ${at + 1}` : kind);
      bars.style.setProperty("clip-path", shapeOf(values, count, width(), scale));
    },
    point(token) {
      cursor.hidden = token === null || token >= count;
      if (token === null) return;
      cursor.style.left = `${(100 * token) / width()}%`;
      cursor.style.width = `${100 / width()}%`;
=======
// The gaps between arrivals as a strip over time, each a mark as high as the gap is long; stalls are told by their shape
// too. Many marks are drawn as columns, from the least to the longest gap of each.
import { gapBefore, type Arrival } from "./gaps";
import { px, s, setAll, type Size } from "./plot";
import { duration } from "./scales";
import { createTimePlot, type Reactions, type TimePlot } from "./timeplot";
import type { Timing } from "./timingmodel";

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
  const dots = s("path", { class: "dots" });
  const ranges = s("path", { class: "ranges" });
  const stalls = s("path", { class: "stalls" });
  const ring = s("circle", { class: "ring", visibility: "hidden" });
  plot.marks.append(rule, ranges, dots, stalls);
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
      plot.frameTime(now, size, gapScale.ticks.map((value) => ({ at: gapScale.place(value), label: duration(value) })));
      const isMany = now.arrivals.length > MAX_MARKS;
      const drawn = isMany ? columnsOf(shown, spotOf, plot.area.left) : { dots: dotsOf(shown, spotOf), ranges: "", columns: 0 };
      columns = drawn.columns;
      setAll(dots, { d: drawn.dots });
      setAll(ranges, { d: drawn.ranges });
      setAll(stalls, { d: (gaps?.stalls ?? []).map((stall) => diamond(spotOf(stall), size.scale)).join("") });
      const limit = gaps && gaps.stallAfter <= gapScale.high ? plot.area.y(gapScale.place(gaps.stallAfter)) : null;
      setAll(rule, limit === null ? { visibility: "hidden" } : { visibility: "visible", x1: plot.area.left, x2: plot.area.right, y1: limit, y2: limit });
    },
    mark(arrival, at) {
      plot.showPointed(at);
      if (arrival === null || arrival < 1) return setAll(ring, { visibility: "hidden" });
      const { x, y } = spotOf(arrival);
      setAll(ring, { visibility: "visible", cx: x, cy: y, r: 5 * plot.area.scale });
>>>>>>> e0632e94497b7a9bf49eeaf0196ae1fb38ceca1c
    },
  };
}

<<<<<<< HEAD
/** Entropy of what could have come where that is told, else how surprising the token was. */
export function bitsOf(token: Token, isEntropy: boolean): number {
  if (token.logprob === null) return 0;
  return isEntropy ? (distributionOf(token)?.bits ?? 0) : surpriseOf(token.logprob);
}

/** The polygon of the first `count` bars; `width`: how many would fill the strip, `scale`: what would fill its height. */
export function shapeOf(values: readonly number[], count: number, width: number, scale: number): string {
  const each = Math.ceil(width / MAX_BARS);
  const air = each === 1 && width <= MAX_BARS / 2 ? 0.15 : 0;
  const points = ["0% 100%"];
  for (let first = 0; first < count; first += each) {
    let value = 0;
    for (let at = first; at < Math.min(first + each, count); at++) value = Math.max(value, values[at] ?? 0);
    const [left, right] = [first, first + each - air].map((at) => `${((100 * at) / width).toFixed(3)}%`);
    const height = `${(100 * (1 - Math.min(1, value / scale))).toFixed(1)}%`;
    points.push(`${left ?? ""} 100%`, `${left ?? ""} ${height}`, `${right ?? ""} ${height}`, `${right ?? ""} 100%`);
  }
  return `polygon(${points.join(",")})`;
}

/** A whole number of bits over the highest. */
export function scaleOf(values: readonly number[]): number {
  let highest = 1;
  for (const value of values) highest = Math.max(highest, value);
  return Math.ceil(highest);
}

function summaryOf(values: readonly number[], count: number): { mean: number; highest: number; at: number } {
  let [sum, highest, at] = [0, 0, 0];
  for (let token = 0; token < count; token++) {
    const value = values[token] ?? 0;
    sum += value;
    if (value > highest) [highest, at] = [value, token];
  }
  return { mean: count > 0 ? sum / count : 0, highest, at };
}
=======
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
    const x = left + (column + 0.5) * COLUMN_PX;
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
>>>>>>> e0632e94497b7a9bf49eeaf0196ae1fb38ceca1c
