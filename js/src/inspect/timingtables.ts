// The pictures of the Timing view as tables, for who does not see them: the longest gaps, the rate by parts of the time,
// the bars of the histogram. Filled only while they are open.
import { h, setText } from "../view/dom";
import { gapBefore } from "./gaps";
import { tokensBetween } from "./rates";
import { duration, figure } from "./scales";
import type { Timing } from "./timingmodel";
import { textOf } from "./timingwords";
import type { Trace } from "./trace";

export interface Table {
  readonly element: HTMLDetailsElement;
  /** Fills it where it is open. */
  draw(timing: Timing): void;
}

type Rows = (timing: Timing) => string[][];

/** So many of the longest gaps, and so many parts of the time. */
const LONGEST = 20;
const PARTS = 10;

export const createTables = (trace: Trace, signal: AbortSignal): { gaps: Table; rates: Table; bins: Table } => ({
  gaps: createTable(`The ${LONGEST} longest gaps as a table`, ["Gap", "At", "Length", "Before"], longest(trace), signal),
  rates: createTable("Rate as a table", ["From", "To", "Came", "Per second"], parts, signal),
  bins: createTable("Gaps by length as a table", ["From", "To", "Gaps"], bins, signal),
});

function createTable(name: string, columns: string[], rows: Rows, signal: AbortSignal): Table {
  const body = h("tbody");
  const head = h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)));
  const element = h("details", { class: "as-table" }, h("summary", {}, name), h("table", {}, h("thead", {}, head), body));
  let latest: Timing | undefined;
  const fill = (): void => {
    if (element.open && latest) fillTable(body, rows(latest));
  };
  element.addEventListener("toggle", fill, { signal });
  return {
    element,
    draw(timing) {
      latest = timing;
      fill();
    },
  };
}

/** Rows that are there are written anew, so that what a reader marks in them stays. */
function fillTable(body: HTMLElement, rows: string[][]): void {
  while (body.children.length > rows.length) body.lastElementChild?.remove();
  rows.forEach((cells, number) => {
    const row = body.children[number] ?? body.appendChild(h("tr", {}, ...cells.map(() => h("td"))));
    cells.forEach((cell, column) => setText(row.children[column] as HTMLElement, cell));
  });
}

const longest =
  (trace: Trace): Rows =>
  ({ arrivals, shown }) => {
    const numbers = Array.from({ length: Math.max(0, shown - 1) }, (_, index) => index + 1);
    numbers.sort((one, other) => gapBefore(arrivals, other) - gapBefore(arrivals, one));
    return numbers.slice(0, LONGEST).map((number) => {
      const { at, moment } = arrivals[number] ?? { at: 0, moment: 0 };
      return [String(number), duration(at), duration(gapBefore(arrivals, number)), textOf(trace, moment)];
    });
  };

const parts: Rows = ({ arrivals, shown, firstAt, lastAt }) => {
  if (firstAt === null || lastAt === null || lastAt <= firstAt) return [];
  const step = (lastAt - firstAt) / PARTS;
  return Array.from({ length: PARTS }, (_, part) => {
    const from = firstAt + part * step;
    const to = part === PARTS - 1 ? lastAt : from + step;
    const came = tokensBetween(arrivals, shown, from, to);
    return [duration(from), duration(to), String(came), figure(came / (to - from))];
  });
};

const bins: Rows = ({ bins: all }) => all.filter(({ count }) => count > 0).map(({ from, to, count }) => [duration(from), duration(to), String(count)]);
