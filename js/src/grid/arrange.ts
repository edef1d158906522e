// The places of a comparison's cells come in, with what is across, sorted and filtered; rows and columns go out. Pure.
import type { Axis, Layout } from "../wire";

/** The cells at one place of the grid, in the order of their repeats; usually one. */
export interface Slot {
  readonly key: string;
  readonly cells: readonly number[];
}

/** A column or a row: its values on the axes that it stands for, as [axis, value]. */
export interface Line {
  readonly key: string;
  readonly values: readonly (readonly [axis: number, value: number])[];
}

export interface Arrangement {
  columns: readonly Line[];
  rows: readonly Line[];
  /** By row, then by column; null where nothing was asked. */
  slots: readonly (readonly (Slot | null)[])[];
}

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === "string");
const isAxis = (value: unknown): value is Axis => {
  const { name, labels, details } = (value ?? {}) as Partial<Axis>;
  return typeof name === "string" && isStrings(labels) && isStrings(details);
};

/** The trait as it should be, else an empty layout. */
export function layoutOf(value: unknown): Layout {
  const { axes, points, across, repeats } = (value ?? {}) as Partial<Layout>;
  const isPoint = (point: unknown): boolean => Array.isArray(point) && point.length === axes?.length && point.every(Number.isInteger);
  const isWhole = Array.isArray(axes) && axes.every(isAxis) && Array.isArray(points) && points.every(isPoint);
  if (isWhole) return { axes, points, across: across ?? -1, repeats: repeats ?? -1 };
  console.warn("[notebook-stream] a comparison without its layout");
  return { axes: [], points: [], across: -1, repeats: -1 };
}

/** The axes that can be across: all that have several values but the repeats. */
export const choosable = ({ axes, repeats }: Layout): number[] =>
  axes.flatMap(({ labels }, axis) => (labels.length > 1 && axis !== repeats ? [axis] : []));

/** What stands at each place: one slot for all repeats of a point, the same one whatever is across. */
export function slotsOf(layout: Layout): readonly Slot[] {
  const slots = new Map<string, number[]>();
  for (const [cell, point] of layout.points.entries()) {
    const key = point.filter((_, axis) => axis !== layout.repeats).join(",");
    const cells = slots.get(key);
    if (cells) cells.push(cell);
    else slots.set(key, [cell]);
  }
  const repeat = (cell: number): number => layout.points[cell]?.[layout.repeats] ?? 0;
  return [...slots].map(([key, cells]) => ({ key, cells: cells.sort((a, b) => repeat(a) - repeat(b)) }));
}

/** The grid with the axis `across` across (-1: none), its lines in the order of their values. */
export function arrange(layout: Layout, slots: readonly Slot[], across: number): Arrangement {
  const down = layout.axes.flatMap((_, axis) => (axis !== across && axis !== layout.repeats ? [axis] : []));
  const columns = new Map<string, Line>();
  const rows = new Map<string, Line>();
  const places = new Map<string, Slot>();
  for (const slot of slots) {
    const point = layout.points[slot.cells[0] ?? 0] ?? [];
    const column = lineOf(across < 0 ? [] : [across], point);
    const row = lineOf(down, point);
    columns.set(column.key, column);
    rows.set(row.key, row);
    places.set(`${row.key}/${column.key}`, slot);
  }
  const [sortedColumns, sortedRows] = [inOrder(columns), inOrder(rows)];
  const slotAt = (row: Line, column: Line): Slot | null => places.get(`${row.key}/${column.key}`) ?? null;
  return { columns: sortedColumns, rows: sortedRows, slots: sortedRows.map((row) => sortedColumns.map((column) => slotAt(row, column))) };
}

function lineOf(axes: readonly number[], point: readonly number[]): Line {
  const values = axes.map((axis) => [axis, point[axis] ?? 0] as const);
  return { key: values.map(([, value]) => value).join(","), values };
}

function inOrder(lines: ReadonlyMap<string, Line>): Line[] {
  const compare = (a: Line, b: Line): number => {
    const at = a.values.findIndex(([, value], i) => value !== b.values[i]?.[1]);
    return at < 0 ? 0 : (a.values[at]?.[1] ?? 0) - (b.values[at]?.[1] ?? 0);
  };
  return [...lines.values()].sort(compare);
}

/**
 * The same with rows and columns sorted, each by the mean of `figure` over its cells: the best place is the upper left one.
 * Lines without a figure come last, whichever way; equal ones stay in their order.
 */
export function sort(from: Arrangement, figure: (cell: number) => number | null, isFalling: boolean): Arrangement {
  const order = (lines: readonly (readonly (Slot | null)[])[]): number[] => {
    const means = lines.map((slots) => mean(slots.flatMap((slot) => slot?.cells.map(figure) ?? [])));
    const compare = (a: number, b: number): number => {
      const [left, right] = [means[a] ?? null, means[b] ?? null];
      if (left === null || right === null) return Number(left === null) - Number(right === null);
      return isFalling ? right - left : left - right;
    };
    return lines.map((_, at) => at).sort((a, b) => compare(a, b) || a - b);
  };
  const across = order(from.columns.map((_, column) => from.slots.map((row) => row[column] ?? null)));
  return pick(from, order(from.slots), across);
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The same with only those lines that hold a slot which `isShown`. */
export function filter(from: Arrangement, isShown: (slot: Slot) => boolean): Arrangement {
  const has = (slots: readonly (Slot | null)[]): boolean => slots.some((slot) => slot !== null && isShown(slot));
  const rows = from.rows.flatMap((_, row) => (has(from.slots[row] ?? []) ? [row] : []));
  const columns = from.columns.flatMap((_, column) => (has(from.slots.map((row) => row[column] ?? null)) ? [column] : []));
  return pick(from, rows, columns);
}

function pick(from: Arrangement, rows: readonly number[], columns: readonly number[]): Arrangement {
  return {
    columns: columns.flatMap((column) => from.columns[column] ?? []),
    rows: rows.flatMap((row) => from.rows[row] ?? []),
    slots: rows.map((row) => columns.map((column) => from.slots[row]?.[column] ?? null)),
  };
}

/** Whether the values of an axis say by themselves what they are; "0.7" does not. */
export const isPlain = ({ name }: Axis): boolean => name === "model" || name === "prompt";

/** The values of a cell where they vary, for a name: "capital, demo/markdown, temperature 0.7"; at will which repeat it is. */
export function namesOf({ axes, points, repeats }: Layout, cell: number, withRepeat = false): string[] {
  const point = points[cell] ?? [];
  const names = (isNamed: (axis: number) => boolean): string[] =>
    axes.flatMap((axis, at) => {
      const label = axis.labels[point[at] ?? 0] ?? "";
      return !isNamed(at) ? [] : isPlain(axis) ? label : `${axis.name} ${label}`;
    });
  const varying = names((at) => (axes[at]?.labels.length ?? 0) > 1 && (withRepeat || at !== repeats));
  return varying.length > 0 ? varying : names((at) => at !== repeats);
}
