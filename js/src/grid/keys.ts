// Keys pressed anywhere in a cell of the grid come in: arrows go from cell to cell, Enter enlarges, p pins; where a control
// uses a key itself it is left to that. Escape is the view's.
import type { CellBox } from "./cell";
import type { Actions } from "./pane";
import type { Table } from "./table";

const STEPS: Record<string, readonly [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where arrows have a meaning of their own: along the tabs, and up and down in a text. */
const OWN_ARROWS = "[role=tablist], .body";
/** What Enter does something to. */
const OWN_ENTER = "button, a[href], summary";

export interface Roving {
  /** The cell that Tab comes to; it follows the focus. */
  readonly current: CellBox | undefined;
  /** Another cell, where the current one is no longer shown. */
  refresh(): void;
}

export function moveBetweenCells(table: Table, boxes: ReadonlyMap<Element, CellBox>, actions: Actions, signal: AbortSignal): Roving {
  let current: CellBox | undefined;
  const setCurrent = (box: CellBox | undefined): void => {
    if (box === current) return;
    current?.setCurrent(false);
    box?.setCurrent(true);
    current = box;
  };
  const boxOf = (target: EventTarget | null): CellBox | undefined => {
    const element = target instanceof Element ? target.closest(".cell") : null;
    return element ? boxes.get(element) : undefined;
  };

  const onKey = (event: KeyboardEvent): void => {
    const box = boxOf(event.target);
    if (!box || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const isIn = (controls: string): boolean => (event.target as Element).closest(controls) !== null;
    const step = Object.hasOwn(STEPS, event.key) && !isIn(OWN_ARROWS) ? STEPS[event.key] : undefined;
    if (step) table.neighbour(box, ...step)?.element.focus();
    else if (event.key === "Enter" && !isIn(OWN_ENTER)) actions.enlarge(box.cell);
    else if (event.key === "p") actions.pin(box.cell);
    else return;
    event.preventDefault();
  };
  table.element.addEventListener("keydown", onKey, { signal });
  table.element.addEventListener("focusin", (event) => setCurrent(boxOf(event.target) ?? current), { signal });
  return {
    get current() {
      return current;
    },
    refresh() {
      if (!current?.element.isConnected || current.element.hasAttribute("data-out")) setCurrent(table.first());
    },
  };
}
