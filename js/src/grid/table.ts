// Rows, columns and the boxes at their places come in, a scrolling grid with sticky headers goes out. What has its place
// stays where it is; what changes it is moved, never made anew.
import { visibleProse } from "../markdown/visible";
import { h, setAttribute } from "../view/dom";
import type { Layout } from "../wire";
import { isPlain, type Arrangement, type Line } from "./arrange";
import type { CellBox } from "./cell";
import { createLabel } from "./label";

export interface Table {
  element: HTMLElement;
  show(arrangement: Arrangement, isOut: (box: CellBox) => boolean): void;
  /** The box so many columns and rows away from `box`; undefined at the edge. */
  neighbour(box: CellBox, dx: number, dy: number): CellBox | undefined;
  first(): CellBox | undefined;
}

/** A node that is moved keeps its focus and the selection in it, where the browser can do that. */
type Mover = Element & { moveBefore?: (node: Node, before: Node | null) => void };

export function createTable(layout: Layout, boxes: ReadonlyMap<string, CellBox>): Table {
  const grid = h("div", { class: "grid", role: "grid", "aria-label": "Comparison" });
  const element = h("div", { class: "scroll" }, grid);
  const lines = new Map<string, HTMLElement>();
  const headRow = h("div", { class: "row head-row", role: "row" });
  let places: (CellBox | null)[][] = [];

  const line = (role: "columnheader" | "rowheader", { key, values }: Line): HTMLElement => {
    const id = `${role} ${values.map(([axis]) => axis).join(",")} ${key}`;
    const known = lines.get(id);
    if (known) return known;
    const labels = values.map(([at, value]) => createLabel(layout.axes[at], value, isNamed(layout, at, values)));
    const made = h("div", { class: role, role }, ...labels);
    lines.set(id, made);
    return made;
  };
  const rowOf = (key: string): HTMLElement => {
    const known = lines.get(key);
    const made = known ?? h("div", { class: "row", role: "row" });
    lines.set(key, made);
    return made;
  };
  const blanks = new Map<string, HTMLElement>();
  const blank = (key: string): HTMLElement => {
    const made = blanks.get(key) ?? h("div", { class: "cell blank", role: "gridcell" });
    blanks.set(key, made);
    return made;
  };

  return {
    element,
    show({ columns, rows, slots }, isOut) {
      places = slots.map((row) => row.map((slot) => (slot ? (boxes.get(slot.key) ?? null) : null)));
      const hasRowHeads = rows.some(({ values }) => values.length > 0);
      const hasColumnHeads = columns.some(({ values }) => values.length > 0);
      grid.style.setProperty("--columns", String(Math.max(1, columns.length)));
      setAttribute(grid, "data-no-rows", hasRowHeads ? null : "");
      setAttribute(grid, "aria-rowcount", String(rows.length + Number(hasColumnHeads)));
      setAttribute(grid, "aria-colcount", String(columns.length + Number(hasRowHeads)));
      const heads = columns.map((column) => line("columnheader", column));
      const corner = createCorner(layout, rows[0]);
      headRow.replaceChildren(...(hasRowHeads ? [corner] : []), ...heads);
      const contents = new Map<HTMLElement, Element[]>([[grid, hasColumnHeads ? [headRow] : []]]);
      for (const [at, row] of rows.entries()) {
        const made = rowOf(`row ${row.values.map(([axis]) => axis).join(",")} ${row.key}`);
        const cells = (places[at] ?? []).map((box, column) => box?.element ?? blank(`${row.key}/${column}`));
        contents.set(made, [...(hasRowHeads ? [line("rowheader", row)] : []), ...cells]);
        contents.get(grid)?.push(made);
      }
      // Rows first, and what is left over last: a cell that is taken out of the page loses its scroll position.
      for (const [parent, children] of contents) place(parent, children);
      for (const [parent, children] of contents) while (parent.children.length > children.length) parent.lastElementChild?.remove();
      for (const box of boxes.values()) box.setOut(isOut(box));
    },
    neighbour(box, dx, dy) {
      const row = places.findIndex((boxes) => boxes.includes(box));
      const column = places[row]?.indexOf(box) ?? -1;
      const [columns, rows] = [places[row]?.length ?? 0, places.length];
      // Over what is blank or left out on to the next.
      for (let x = column + dx, y = row + dy; x >= 0 && x < columns && y >= 0 && y < rows; x += dx, y += dy) {
        const found = places[y]?.[x];
        if (found && !found.element.hasAttribute("data-out")) return found;
      }
      return undefined;
    },
    first: () => places.flat().find((box) => box !== null && !box.element.hasAttribute("data-out")) ?? undefined,
  };
}

/** Makes `children` the first children of `parent`, and touches only those that are not in their place. */
function place(parent: Mover, children: readonly Element[]): void {
  for (const [at, child] of children.entries()) {
    const there = parent.children[at] ?? null;
    if (there !== child) move(parent, child, there);
  }
}

function move(parent: Mover, child: Element, before: Element | null): void {
  const scrolled = [...child.querySelectorAll(".body")].map((body) => [body, body.scrollTop] as const);
  if (parent.moveBefore && child.isConnected && parent.isConnected) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
  for (const [body, top] of scrolled) body.scrollTop = top;
}

/** Whether the label tells the name of its axis: where there are several, and where its value alone says nothing. */
function isNamed({ axes }: Layout, at: number, values: Line["values"]): boolean {
  const axis = axes[at];
  return values.length > 1 || (axis !== undefined && !isPlain(axis));
}

/** The name of the axis down, unless each label has it. */
function createCorner(layout: Layout, row: Line | undefined): HTMLElement {
  const [[at = -1] = []] = row?.values ?? [];
  const name = row && !isNamed(layout, at, row.values) ? (layout.axes[at]?.name ?? "") : "";
  const text = h("span", { class: "axis" }, visibleProse(name));
  return h("div", { class: "columnheader corner", role: "columnheader", "aria-label": "Rows" }, text);
}
