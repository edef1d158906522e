// The frame of a picture: an SVG with a plot area, its two axes, and places for what is drawn in it. Sizes are pixels of
// the page; all of them follow --ns-scale. Elements by createElementNS only; knows nothing of tokens.

const SVG = "http://www.w3.org/2000/svg";

export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

/** Writes only what has changed. */
export function setAll(element: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) {
    const text = typeof value === "number" ? px(value) : value;
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** A tenth of a pixel is enough, and short. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

/** How large a picture is drawn. */
export interface Size {
  readonly width: number;
  /** What all lengths are multiplied by: --ns-scale. */
  readonly scale: number;
}

/** A label of an axis; `at` from 0 (left, or bottom) to 1. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** The edges of the plot area, in pixels of the SVG. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly scale: number;
  x(share: number): number;
  y(share: number): number;
}

export interface Plot {
  readonly svg: SVGSVGElement;
  /** What is drawn in the plot area, and what lies over it. */
  readonly marks: SVGGElement;
  readonly over: SVGGElement;
  readonly area: Area;
  /** Sizes it and draws its axes, where anything of them has changed. */
  frame(size: Size, x: readonly Tick[], y: readonly Tick[]): void;
}

/** At scale 1, in pixels: room for "100 ms" at the left, for half a label at the right. */
const LEFT = 52;
const RIGHT = 20;
const BELOW = 22;

/** `height` and `above`: of the plot area and of what is left free above it, at scale 1. */
export function createPlot(name: string, height: number, above: number): Plot {
  const axes = s("g", { class: "axes" });
  const marks = s("g", { class: "marks" });
  const over = s("g", { class: "over" });
  const svg = s("svg", { class: `plot ${name}`, "aria-hidden": "true", focusable: "false" }, axes, marks, over);
  let area = areaOf({ width: 0, scale: 1 }, height, above);
  let drawn = "";
  return {
    svg,
    marks,
    over,
    get area() {
      return area;
    },
    frame(size, x, y) {
      const key = JSON.stringify([size, x, y]);
      if (key === drawn) return;
      drawn = key;
      area = areaOf(size, height, above);
      setAll(svg, { width: size.width, height: (above + height + BELOW) * size.scale });
      axes.replaceChildren(base(area), ...y.flatMap((tick) => yTick(tick, area)), ...x.flatMap((tick) => xTick(tick, area)));
    },
  };
}

function areaOf({ width, scale }: Size, height: number, above: number): Area {
  const [left, right] = [LEFT * scale, Math.max(width - RIGHT * scale, (LEFT + 1) * scale)];
  const [top, bottom] = [above * scale, (above + height) * scale];
  return { left, right, top, bottom, scale, x: (share) => left + share * (right - left), y: (share) => bottom - share * (bottom - top) };
}

function base({ left, right, bottom }: Area): SVGElement {
  const y = Math.round(bottom) + 0.5; // a line of one pixel lies on one row of them
  return s("line", { class: "base", x1: left, x2: right, y1: y, y2: y });
}

function yTick({ at, label }: Tick, area: Area): SVGElement[] {
  const y = Math.round(area.y(at)) + 0.5;
  return [
    ...(at === 0 ? [] : [s("line", { class: "grid", x1: area.left, x2: area.right, y1: y, y2: y })]),
    s("text", { class: "label", x: area.left - 8 * area.scale, y, dy: "0.32em", "text-anchor": "end" }, label),
  ];
}

function xTick({ at, label }: Tick, area: Area): SVGElement[] {
  const x = Math.round(area.x(at)) + 0.5;
  return [
    s("line", { class: "base", x1: x, x2: x, y1: area.bottom, y2: area.bottom + 4 * area.scale }),
    s("text", { class: "label", x, y: area.bottom + 16 * area.scale, "text-anchor": "middle" }, label),
  ];
}
