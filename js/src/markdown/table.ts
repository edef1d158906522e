// The rows of an open table come in; how many of them are finished goes out, counted as markdown-it's own rule does.
import { openFormula, withoutQuotes } from "./blocks";
import type { Block, Lines } from "./blocks";
import type { Table } from "./path";

/** Cells that markdown-it fills in for short rows before it ends a table; see `missingCells`. */
const MAX_FILLED_CELLS = 65_536;

/** Each row is decided by its own line, but for one that may begin a formula, and those after it. */
export function countFinishedRows(table: Table, rows: readonly Block[], source: Lines): number {
  const formula = openFormula(rows, source);
  let { filled } = table;
  const open = rows.findIndex((row) => {
    filled += missingCells(row, table, source);
    return row.start >= formula || filled > MAX_FILLED_CELLS;
  });
  return open < 0 ? rows.length : open;
}

/** Whether the table ends before `row`. */
export function isFull(table: Table, row: Block, source: Lines): boolean {
  return table.filled + missingCells(row, table, source) > MAX_FILLED_CELLS;
}

/** How many cells the line of `row` leaves out; counted as markdown-it's table rule splits lines. */
export function missingCells(row: Block, { columns }: Table, { lines, quotes }: Lines): number {
  const text = withoutQuotes(lines[row.start] ?? "", quotes).trim();
  const bars = [...text.matchAll(/(?<!\\)\|/gu)].map((bar) => bar.index);
  let cells = bars.length + 1;
  if (bars[0] === 0) cells--;
  if (bars.length > 0 && bars.at(-1) === text.length - 1 && cells > 0) cells--;
  return columns - cells;
}
