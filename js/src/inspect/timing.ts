// The Timing view: what came and when goes in, figures and pictures of it go out. It draws a few times a second at most;
// what is pointed at and the player's place are marked at once.
import { h, setText } from "../view/dom";
import { firstWhere, gapBefore } from "./gaps";
import { createGapSlider } from "./gapslider";
import { createHistogram } from "./histogram";
import type { MakePanel, Shown } from "./panel";
import { createPhases } from "./phases";
import type { Size } from "./plot";
import { createRateLine } from "./rateline";
import { createStrip } from "./gapstrip";
import type { Reactions } from "./timeplot";
import { createTiming, type Timing } from "./timingmodel";
import { nearestArrival } from "./timingnear";
import { createTables } from "./timingtables";
import { figuresOf, gapWords, histogramWords, notesOf, rateWords, stripWords, textOf, type Figure } from "./timingwords";

const REDRAW_MS = 100;
/** Where there is no layout (a test). */
const DEFAULT_WIDTH = 640;

export const createTimingPanel: MakePanel = (shown, signal) => {
  const { trace, selection } = shown;
  const timingAt = createTiming(trace);
  let timing = timingAt(shown.place);

  const pointing = createPointing(shown, () => timing);
  const reactions = (isHigh: boolean): Reactions => ({
    point: (at) => pointing.to(at && nearestArrival(timing, strip.plot, at.x, isHigh ? at.y : null)),
    press: (at) => pointing.press(nearestArrival(timing, strip.plot, at.x, isHigh ? at.y : null)),
    seek: (seconds) => shown.seek(seconds),
  });
  const strip = createStrip(reactions(true), signal);
  const line = createRateLine(reactions(false), signal);
  const histogram = createHistogram();
  const phases = createPhases();
  const tables = createTables(trace, signal);
  const slider = createGapSlider(strip.plot.svg, { point: pointing.move, press: pointing.press, release: pointing.release, leave: () => pointing.to(null) }, signal);

  const figures = h("dl", { class: "timing-figures" });
  const notes = h("p", { class: "timing-notes" });
  const readout = h("p", { class: "readout" });
  const stripPart = createPart("Gaps over time", slider.element, readout, tables.gaps.element);
  const ratePart = createPart("Rate over time", line.plot.svg, tables.rates.element);
  const binPart = createPart("Gaps by length", histogram.plot.svg, tables.bins.element);
  const wherePart = createPart("Where the time went", phases.element);
  const over = h("div", { class: "timing-column" }, stripPart.element, ratePart.element);
  const beside = h("div", { class: "timing-column" }, binPart.element);
  const element = h("section", { class: "timing", "aria-label": "Timing" }, figures, notes, wherePart.element, h("div", { class: "timing-parts" }, over, beside));

  const mark = (): void => {
    const { moment } = selection.now;
    const arrival = moment === null ? null : arrivalOf(timing, moment);
    const at = moment === null || moment >= shown.place.moments ? null : (trace.moments[moment]?.at ?? null);
    strip.mark(arrival, at);
    line.plot.showPointed(at);
    histogram.mark(arrival === null || arrival === 0 ? null : gapBefore(timing.arrivals, arrival));
    slider.setValue(arrival);
    showReadout(readout, timing, shown, arrival);
  };
  const showPlace = (): void => {
    for (const plot of [strip.plot, line.plot]) plot.showPlace(shown.place.seconds);
  };

  let drawnAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draw = (): void => {
    timer = undefined;
    const scale = scaleOf(element);
    const isHidden = element.isConnected && typeof ResizeObserver === "function" && element.clientWidth === 0;
    if (signal.aborted || isHidden) return; // the observer calls again where it becomes seen
    drawnAt = performance.now();
    timing = timingAt(shown.place);
    strip.draw(timing, sizeOf(over, scale));
    line.draw(timing, sizeOf(over, scale));
    histogram.draw(timing, sizeOf(beside, scale));
    phases.draw(timing);
    for (const table of Object.values(tables)) table.draw(timing);
    showFigures(figures, figuresOf(timing));
    setText(notes, notesOf(timing, trace));
    notes.hidden = !notes.textContent;
    stripPart.say(stripWords(timing, strip.columns));
    ratePart.setTitle(`${timing.unit === "token" ? "Tokens" : "Pieces"} per second over time`);
    ratePart.say(rateWords(timing));
    binPart.say(histogramWords(timing));
    slider.setRange(timing.shown - 1, (arrival) => spoken(timing, shown, arrival));
    showPlace();
    mark();
  };
  const update = (): void => {
    showPlace();
    if (timer !== undefined) return;
    const wait = drawnAt + REDRAW_MS - performance.now();
    if (wait <= 0) draw();
    else timer = setTimeout(draw, wait);
  };
  const observer = typeof ResizeObserver === "function" ? new ResizeObserver(draw) : undefined;
  observer?.observe(element);
  selection.subscribe(mark, signal);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    observer?.disconnect();
  });
  update();
  return { element, update };
};

/** What the view does to the selection. */
function createPointing({ selection }: Shown, timing: () => Timing) {
  const momentOf = (arrival: number | null): number | null => (arrival === null ? null : (timing().arrivals[arrival]?.moment ?? null));
  return {
    to: (arrival: number | null): void => selection.pointToMoment(momentOf(arrival)),
    /** From gap to gap; where one is held, the next is. */
    move(arrival: number): void {
      const wasHeld = selection.isHeld;
      if (wasHeld) selection.hold(false);
      selection.pointToMoment(momentOf(arrival));
      if (wasHeld) selection.hold(true);
    },
    /** Holds this arrival; where it is held already, or there is none, lets go. */
    press(arrival: number | null): void {
      const moment = momentOf(arrival);
      const isSame = selection.isHeld && moment === selection.now.moment;
      if (selection.isHeld) selection.hold(false);
      if (isSame) return;
      selection.pointToMoment(moment);
      if (moment !== null) selection.hold(true);
    },
    release(): boolean {
      const wasHeld = selection.isHeld;
      if (wasHeld) selection.hold(false);
      return wasHeld;
    },
  };
}

interface Part {
  readonly element: HTMLElement;
  setTitle(title: string): void;
  say(words: string): void;
}

function createPart(title: string, ...content: Element[]): Part {
  const heading = h("div", { class: "part-title" }, title);
  const words = h("p", { class: "part-words", hidden: true });
  const [picture, ...rest] = content;
  const element = h("figure", {}, h("figcaption", {}, heading, words), ...(picture ? [picture] : []), ...rest);
  return {
    element,
    setTitle: (text) => setText(heading, text),
    say(text) {
      words.hidden = text === "";
      setText(words, text);
    },
  };
}

function showFigures(list: HTMLElement, figures: readonly Figure[]): void {
  while (list.children.length < figures.length) list.append(h("div", {}, h("dt"), h("dd", {}, h("span", { class: "figure-value" }), h("span", { class: "figure-detail" }))));
  figures.forEach(({ name, value, detail }, number) => {
    const [term, told] = [...(list.children[number]?.children ?? [])] as HTMLElement[];
    if (!term || !told) return;
    setText(term, name);
    setText(told.firstElementChild as HTMLElement, value);
    setText(told.lastElementChild as HTMLElement, detail);
  });
}

/** The shown arrival of a moment; null where it brought nothing, or has not come yet. */
function arrivalOf({ arrivals, shown }: Timing, moment: number): number | null {
  const found = firstWhere(shown, (index) => (arrivals[index]?.moment ?? 0) >= moment);
  return found < shown && arrivals[found]?.moment === moment ? found : null;
}

function showReadout(readout: HTMLElement, timing: Timing, { trace }: Shown, arrival: number | null): void {
  if (arrival === null) return setText(readout, timing.shown > 1 ? "Point at a mark, or go over them with the arrow keys." : "\u00a0");
  const { gap, at } = gapWords(timing, arrival);
  readout.replaceChildren(`${gap} `, h("bdi", {}, textOf(trace, timing.arrivals[arrival]?.moment ?? 0)), ` ${at}`);
}

function spoken(timing: Timing, { trace }: Shown, arrival: number): string {
  const { gap, at } = gapWords(timing, arrival);
  return `${gap} ${textOf(trace, timing.arrivals[arrival]?.moment ?? 0)} ${at}`;
}

const sizeOf = (element: HTMLElement, scale: number): Size => ({ width: element.clientWidth || DEFAULT_WIDTH, scale });

/** `--ns-scale` as the view's styles resolve it. */
function scaleOf(element: HTMLElement): number {
  const scale = Number.parseFloat(getComputedStyle(element).getPropertyValue("--ns-scale"));
  return scale > 0 && scale < 10 ? scale : 1;
}
