// Keys pressed on a cell of the grid come in: arrows go from cell to cell, Enter enlarges, p pins. Escape is the view's.
import type { CellBox } from "./cell";
import type { Actions } from "./pane";
import type { Table } from "./table";

const STEPS: Record<string, readonly [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

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
    const box = boxes.get(event.target as Element); // in what is inside a cell these keys have their usual meaning
    if (!box || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = Object.hasOwn(STEPS, event.key) ? STEPS[event.key] : undefined;
    if (step) table.neighbour(box, ...step)?.element.focus();
    else if (event.key === "Enter") actions.enlarge(box.cell);
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
