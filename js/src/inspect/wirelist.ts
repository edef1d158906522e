// The moments that are to be listed come in by their numbers, a list goes out that draws only the rows in sight: so twenty
// thousand scroll like twenty. Rows have one height; the keyboard moves a cursor. Knows the rows' words from wirerows.ts.
import { visibleCode } from "../markdown/visible";
import { h, setAttribute, setText } from "../view/dom";
import { countBelow } from "./playback";
import type { Trace } from "./trace";
import { gap, kindOf, nameOf, offset, summaryOf } from "./wirerows";

export interface WireList {
  readonly element: HTMLElement;
  /** The number of the moment with the cursor; -1 for none. */
  readonly cursor: number;
  /** Draws the first `count` of `numbers`. */
  show(numbers: readonly number[], count: number): void;
  /** Lights up a moment, and brings it into sight if `isToBeSeen`. */
  mark(moment: number | null, isToBeSeen: boolean): void;
  moveTo(moment: number): void;
  /** Keeps the end in sight until the reader scrolls up. */
  follow(): void;
  /** Which moments have what is looked for. */
  setFound(isFound: ((moment: number) => boolean) | null): void;
}

export interface WireListOptions {
  trace: Trace;
  /** The pointer has come to this row, or the cursor; null: it has left. */
  onPoint(moment: number | null): void;
  /** Pressed, or opened by a key. */
  onOpen(moment: number): void;
}

/** Rows drawn beyond the edges of the list. */
const OVERSCAN = 6;
/** Pixels by which "at the end" may be missed. */
const NEAR = 4;
/** Where there is no layout to be measured. */
const ROW_PX = 24;

interface Row {
  element: HTMLElement;
  cells: HTMLElement[];
  at: number;
  moment: number;
}

let lists = 0;

export function createWireList({ trace, onPoint, onOpen }: WireListOptions, signal: AbortSignal): WireList {
  const prefix = `ns-wire-${++lists}`;
  const space = h("div", { class: "space", role: "presentation" });
  const element = h("div", { class: "rows", role: "listbox", tabindex: "0", "aria-label": "Events" }, space);
  const rows: Row[] = [];
  let numbers: readonly number[] = [];
  let count = 0;
  let cursor = -1;
  let marked: number | null = null;
  let isFound: ((moment: number) => boolean) | null = null;
  let follows = !trace.hasEnded; // what is there already is read from its beginning
  let rowPx = ROW_PX;
  let height = 0;
  let top = 0;

  const placeOf = (moment: number): number => countBelow(count, (at) => (numbers[at] ?? 0) < moment);

  const createRow = (): Row => {
    const cells = ["number", "at", "gap", "name", "what"].map((name) => h("span", { class: name }));
    const made: Row = { element: h("div", { class: "row", role: "option" }, ...cells), cells, at: -1, moment: -1 };
    made.element.addEventListener("pointerenter", () => onPoint(made.moment), { signal });
    made.element.addEventListener("click", () => {
      setCursor(made.at);
      onOpen(made.moment);
    }, { signal }); // prettier-ignore
    space.append(made.element);
    return made;
  };
  const fill = (row: Row, at: number): void => {
    const number = numbers[at] ?? -1;
    const moment = trace.moments[number];
    if (!moment) return;
    if (row.moment !== number || row.at !== at) {
      const texts = [String(number + 1), offset(moment.at), gap(trace, number), visibleCode(nameOf(moment)), visibleCode(summaryOf(moment))];
      row.cells.forEach((cell, i) => setText(cell, texts[i] ?? ""));
      row.element.style.transform = `translateY(${at * rowPx}px)`;
      row.element.id = `${prefix}-${number}`;
      setAttribute(row.element, "data-kind", kindOf(moment));
      setAttribute(row.element, "aria-posinset", String(at + 1));
      [row.at, row.moment] = [at, number];
    }
    setAttribute(row.element, "aria-setsize", String(count));
    setAttribute(row.element, "aria-selected", String(number === cursor));
    setAttribute(row.element, "data-marked", number === marked ? "" : null);
    setAttribute(row.element, "data-found", isFound?.(number) ? "" : null);
  };
  const draw = (): void => {
    const first = Math.max(0, Math.floor(element.scrollTop / rowPx) - OVERSCAN);
    const wanted = Math.min(count - first, Math.ceil((height || 20 * rowPx) / rowPx) + 2 * OVERSCAN);
    while (rows.length < wanted) rows.push(createRow());
    // A row keeps its place: by its number, so that scrolling fills only those that come into sight.
    for (let at = first; at < first + wanted; at++) {
      const row = rows[at % rows.length] as Row;
      row.element.hidden = false;
      fill(row, at);
    }
    for (const row of rows) if (row.at < first || row.at >= first + wanted) row.element.hidden = true;
    const isHere = cursor >= 0 && numbers[placeOf(cursor)] === cursor && rows.some(({ moment, element: { hidden } }) => moment === cursor && !hidden);
    setAttribute(element, "aria-activedescendant", isHere ? `${prefix}-${cursor}` : null);
  };
  const measure = (): void => {
    height = element.clientHeight;
    const measured = rows.find((row) => !row.element.hidden)?.element.getBoundingClientRect().height || ROW_PX;
    if (measured === rowPx) return;
    rowPx = measured;
    for (const row of rows) row.moment = -1;
    setSpace();
  };
  const setSpace = (): void => void (space.style.height = `${count * rowPx}px`);

  const reveal = (at: number): void => {
    const top = at * rowPx;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowPx > element.scrollTop + height) element.scrollTop = top + rowPx - height;
  };
  const setCursor = (at: number): void => {
    const to = Math.min(Math.max(at, 0), count - 1);
    if (to < 0) return;
    cursor = numbers[to] ?? -1;
    follows = to === count - 1;
    reveal(to);
    draw();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(height / rowPx) - 1);
    const here = cursor < 0 ? -1 : placeOf(cursor);
    const moves: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page, Home: 0, End: count - 1 };
    if (Object.hasOwn(moves, event.key)) {
      setCursor(moves[event.key] ?? 0);
      onPoint(cursor < 0 ? null : cursor);
    } else if (event.key === "Enter" && cursor >= 0) onOpen(cursor);
    else return;
    event.preventDefault();
  };
  element.addEventListener("keydown", onKey, { signal });
  element.addEventListener("pointerleave", () => onPoint(null), { signal });
  element.addEventListener("scroll", () => {
    if (element.scrollTop + height >= count * rowPx - NEAR) follows = true;
    else if (element.scrollTop < top) follows = false;
    top = element.scrollTop;
    draw();
  }, { signal, passive: true }); // prettier-ignore
  if (typeof ResizeObserver === "function") {
    const observer = new ResizeObserver(() => {
      measure();
      if (follows) element.scrollTop = count * rowPx;
      draw();
    });
    observer.observe(element);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  return {
    element,
    get cursor() {
      return cursor;
    },
    show(which, shown) {
      if (which !== numbers) for (const row of rows) row.moment = -1;
      [numbers, count] = [which, shown];
      setSpace();
      if (count * rowPx <= height) follows = true;
      if (follows) element.scrollTop = count * rowPx;
      draw();
    },
    mark(moment, isToBeSeen) {
      marked = moment;
      const at = moment === null ? count : placeOf(moment);
      if (isToBeSeen && at < count && numbers[at] === moment) reveal(at);
      draw();
    },
    follow() {
      follows = true;
    },
    moveTo(moment) {
      const at = placeOf(moment);
      if (numbers[at] === moment) setCursor(at);
    },
    setFound(test) {
      isFound = test;
      draw();
    },
  };
}
