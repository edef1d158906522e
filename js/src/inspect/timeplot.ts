// A picture over time: a plot whose lower axis is the run's time. Where the reader points, presses or seeks goes out; what
// is pointed at elsewhere and the player's place come in and are marked.
import { createPlot, s, setAll, type Plot, type Size, type Tick } from "./plot";
import { axisDuration, ticksUntil } from "./scales";
import type { Timing } from "./timingmodel";

export interface TimePlot extends Plot {
  /** Its axes, for this span of time. */
  frameTime(timing: Timing, size: Size, y: readonly Tick[]): void;
  /** Where a time stands. */
  xOf(at: number): number;
  /** The player's place (seconds); beyond the axis none. */
  showPlace(seconds: number): void;
  /** A line at this time, for what is pointed at; null takes it away. */
  showPointed(at: number | null): void;
}

export interface Reactions {
  /** The pointer is at this place of the plot area, in pixels of the SVG; null where it left. */
  point(at: { x: number; y: number } | null): void;
  press(at: { x: number; y: number }): void;
  seek(seconds: number): void;
}

/** A label about every so many pixels, at scale 1. */
const TICK_PX = 90;

export function createTimePlot(name: string, height: number, above: number, reactions: Reactions, signal: AbortSignal): TimePlot {
  const plot = createPlot(name, height, above);
  const place = s("line", { class: "place", visibility: "hidden" });
  const hair = s("line", { class: "hair", visibility: "hidden" });
  // Invisible, over all else: the plot area and below it the axis, which is pressed to seek.
  const field = s("rect", { class: "field" });
  const axis = s("rect", { class: "seek" }, s("title", {}, "Go to this time"));
  plot.svg.append(place, hair, field, axis);
  plot.svg.insertBefore(plot.over, field);
  let span = 1;
  const xOf = (at: number): number => plot.area.x(Math.min(1, Math.max(0, at / span || 0)));
  const vertical = (line: SVGLineElement, at: number | null): void => {
    const { top, bottom } = plot.area;
    setAll(line, at === null ? { visibility: "hidden" } : { visibility: "visible", x1: xOf(at), x2: xOf(at), y1: top, y2: bottom });
  };
  listen(plot, field, axis, (share) => reactions.seek(share * span), reactions, signal);
  return Object.assign(plot, {
    frameTime(timing: Timing, size: Size, y: readonly Tick[]) {
      span = timing.span;
      const ticks = ticksUntil(span, Math.max(2, Math.min(10, size.width / (TICK_PX * size.scale))));
      plot.frame(size, ticks.map((at) => ({ at: at / span, label: at === 0 ? "0" : axisDuration(at, span >= 1) })), y);
      const { left, right, bottom, scale } = plot.area;
      setAll(field, { x: left, y: 0, width: right - left, height: bottom });
      setAll(axis, { x: left, y: bottom, width: right - left, height: 22 * scale });
    },
    xOf,
    showPlace: (seconds: number) => vertical(place, seconds < span ? seconds : null),
    showPointed: (at: number | null) => vertical(hair, at),
  });
}

function listen(plot: Plot, field: Element, axis: Element, seek: (share: number) => void, { point, press }: Reactions, signal: AbortSignal): void {
  const at = (event: MouseEvent): { x: number; y: number } => {
    const box = plot.svg.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const seekTo = (event: MouseEvent): void => {
    const { left, right } = plot.area;
    seek(Math.min(1, Math.max(0, (at(event).x - left) / (right - left))));
  };
  const on = (element: Element, type: string, react: (event: PointerEvent) => void): void =>
    element.addEventListener(type, react as EventListener, { signal });
  on(field, "pointermove", (event) => point(at(event)));
  on(field, "pointerleave", () => point(null));
  on(field, "click", (event) => press(at(event)));
  on(axis, "pointerdown", (event) => {
    if (event.button !== 0) return;
    axis.setPointerCapture?.(event.pointerId); // where it is dragged out of the axis it goes on
    seekTo(event);
  });
  on(axis, "pointermove", (event) => event.buttons & 1 && seekTo(event));
}
