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
  let pointed: number | null = null;

  const width = (): number => Math.max(trace.tokens.length, LEAST_WIDTH);
  const take = (): void => {
    if (isEntropy !== true && trace.tokens.slice(values.length).some(({ top }) => top.length > 0)) {
      isEntropy = true;
      values.length = 0; // what there was was surprise
    }
    for (const token of trace.tokens.slice(values.length)) values.push(bitsOf(token, isEntropy === true));
  };
  const placeCursor = (): void => {
    cursor.hidden = pointed === null || pointed >= count;
    if (pointed === null) return;
    cursor.style.left = `${(100 * pointed) / width()}%`;
    cursor.style.width = `${100 / width()}%`;
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
      bars.style.setProperty("--ns-shape", shapeOf(values, count, width(), scale));
      placeCursor();
    },
    point(token) {
      pointed = token;
      placeCursor();
    },
  };
}

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
