// Tokens of a text of which only complete lines are known come in; what can no longer change, whatever follows,
// goes out. Knows no DOM.
import type { Token } from "markdown-it";

import { MAX_TEX } from "./rules/formula";

/** A top-level block, list item or table row: its tokens, and its lines in the text that was parsed. */
export interface Block {
  open: Token;
  tokens: Token[];
  start: number;
  end: number;
}

/** The blocks of `tokens` at one nesting level: 0 for top-level blocks, 1 for the items of a lone list. */
export function blocksAt(level: number, tokens: readonly Token[]): Block[] {
  const blocks: Block[] = [];
  let from = 0;
  tokens.forEach((token, index) => {
    if (token.level !== level) return;
    if (token.nesting >= 0) from = index;
    if (token.nesting === 1) return;
    const open = tokens[from];
    if (!open) return;
    const [start, end] = open.map ?? [0, 0];
    blocks.push({ open, tokens: tokens.slice(from, index + 1), start, end });
  });
  return blocks;
}

export function itemsOf(list: Block): Block[] {
  return blocksAt(1, list.tokens).filter((block) => block.open.type === "list_item_open");
}

/** The body rows of a table. */
export function rowsOf(table: Block): Block[] {
  const body = table.tokens.findIndex((token) => token.type === "tbody_open");
  if (body < 0) return [];
  return blocksAt(2, table.tokens.slice(body)).filter((block) => block.open.type === "tr_open");
}

/** Whether a list's paragraphs stand apart; only of a list whose first item has a paragraph of its own. */
export function isLoose(list: Block): boolean {
  const paragraph = list.tokens.find((token) => token.type === "paragraph_open" && token.level === 2);
  return paragraph !== undefined && !paragraph.hidden;
}

/** Shows or hides the paragraphs of a list item, as the whole list is loose or tight. */
export function setLoose(item: readonly Token[], loose: boolean): void {
  for (const token of item) {
    if (token.level === 2 && token.type.startsWith("paragraph_")) token.hidden = !loose;
  }
}

/** Whether an open fence is still open: its closing line is not part of its content. */
export function isOpenFence(block: Block): boolean {
  if (block.open.type !== "fence") return false;
  return block.end - block.start - 1 === countLines(block.open.content);
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return text === "" || text.endsWith("\n") ? lines : lines + 1;
}

/** Block types that end a paragraph, or a definition that waits for more, by their first line alone. */
const TERMINATORS = new Set([
  "fence",
  "hr",
  "blockquote_open",
  "bullet_list_open",
  "ordered_list_open",
  "table_open",
]);

/**
 * How many of `blocks` are finished: all before the last block whose start no later text can move, or really all.
 * `lines` are the complete lines that were parsed, split at their line ends.
 */
export function countFinished(blocks: readonly Block[], lines: readonly string[]): number {
  const formula = openFormula(blocks, lines);
  const last = blocks.at(-1);
  if (last && formula === Infinity && isSettledEnd(last, lines)) return blocks.length;
  for (let index = blocks.length - 1; index > 0; index--) {
    const block = blocks[index];
    if (block && block.start <= formula && isSettledStart(block, lines)) return index;
  }
  return 0;
}

/** After the markers of any lists and quotes, the mark of a block formula, and its rest of the line. */
const FORMULA_START = /^[\s>*+\-\d.)]*(\$\$(?!\$)|\\\[)(.*)$/u;
// Marks after a backslash are left out, also those that two backslashes leave a mark: rather wait than be wrong.
const CLOSES_DOLLARS = /(?<![$\\])\$\$(?!\$)/u;
const CLOSES_BRACKET = /(?<!\\)\\\]/u;
const DECIDED = new Set(["fence", "code_block", "math_block"]);

/**
 * The first line that may still turn out to begin a formula, which then takes in what looks like other blocks after
 * it: no line since has a closing mark, and none is blank. Infinity if there is none.
 */
export function openFormula(blocks: readonly Block[], lines: readonly string[]): number {
  let first = Infinity;
  let dollars = false; // whether a later line closes such a formula
  let bracket = false;
  let length = 0;
  // The last of `lines` is what follows the last line end.
  for (let index = lines.length - 2; index >= 0 && !isBlank(lines[index]); index--) {
    const line = lines[index] ?? "";
    const [, mark, rest = ""] = FORMULA_START.exec(line) ?? [];
    const closed = mark === "$$" ? dollars || CLOSES_DOLLARS.test(rest) : bracket || CLOSES_BRACKET.test(rest);
    if (mark && !closed && !isDecided(blocks, index)) first = index;
    dollars ||= CLOSES_DOLLARS.test(line);
    bracket ||= CLOSES_BRACKET.test(line);
    length += line.length + 1;
    if ((dollars && bracket) || length > MAX_TEX) break;
  }
  return first;
}

function isDecided(blocks: readonly Block[], line: number): boolean {
  return blocks.some(
    (block) =>
      block.start <= line &&
      line < block.end &&
      block.tokens.some(({ type, map }) => DECIDED.has(type) && map && map[0] <= line && line < map[1]),
  );
}

/** Whether nothing can be added to `block`: it is one line by nature, is closed, or a blank line has ended it. */
function isSettledEnd(block: Block, lines: readonly string[]): boolean {
  const { type, markup } = block.open;
  if (type === "fence") return !isOpenFence(block);
  if (type === "hr" || (type === "heading_open" && markup.startsWith("#"))) return !mayBecomeTable(block, lines);
  // Lists and indented code go on after blank lines. The last of `lines` is what follows the last line end.
  if (type === "code_block" || type.endsWith("_list_open")) return false;
  return block.end < lines.length - 1 && isBlank(lines[block.end]);
}

/** A line with a bar is a table's header if a delimiter row follows, whatever else it looks like. */
export function mayBecomeTable(block: Block, lines: readonly string[]): boolean {
  return block.start + 1 >= lines.length - 1 && (lines[block.start] ?? "").includes("|");
}

function isSettledStart(block: Block, lines: readonly string[]): boolean {
  if (isBlank(lines[block.start - 1])) return true;
  if (TERMINATORS.has(block.open.type)) return true;
  if (block.open.type === "heading_open" && block.open.markup.startsWith("#")) return true;
  // A definition may go on over lines that look like other blocks: [a]: /u, then "title, then more".
  for (let line = block.start - 1; line >= 0 && !isBlank(lines[line]); line--) {
    if (/^[\s>*+\-\d.)]*\[/u.test(lines[line] ?? "")) return false;
  }
  return true;
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || /^[ \t]*$/u.test(line);
}

const ITEM_START = /^( {0,3}(?:[-+*]|\d{1,9}[.)]))([ \t]*)(.*)$/u;

/** Whether an item's first line is its marker alone. What follows a blank line then is no longer its content. */
export function isEmptyItem(firstLine: string): boolean {
  return ITEM_START.exec(firstLine)?.[3] === "";
}

/**
 * A line that stands for the list items already finished: parsed before the rest of the list, it makes markdown-it
 * go on with that list. It is indented as the last of them was, since that decides what the next line belongs to.
 */
export function sentinelItem(firstLine: string, loose: boolean): string {
  const [, marker = "-", padding = "", content = ""] = ITEM_START.exec(firstLine) ?? [];
  // More than four columns are one, and an indented code block (CommonMark 5.2, rule 2).
  const width = columnsAfter(marker.length, padding) - marker.length;
  return `${marker}${content && width <= 4 ? padding : " "}x\n${loose ? "\n" : ""}`;
}

/** Whether `line`, of the item that begins with `firstLine`, stands left of the item's text: it may end the list. */
export function isOutdented(line: string, firstLine: string): boolean {
  const [, marker = "-", padding = " "] = ITEM_START.exec(firstLine) ?? [];
  const text = columnsAfter(marker.length, padding);
  return columnsAfter(0, /^[ \t]*/u.exec(line)?.[0] ?? "") < (text - marker.length > 4 ? marker.length + 1 : text);
}

function columnsAfter(column: number, padding: string): number {
  for (const character of padding) column += character === "\t" ? 4 - (column % 4) : 1;
  return column;
}

/** Cells that markdown-it fills in for short rows before it ends a table; see `missingCells`. */
export const MAX_FILLED_CELLS = 65_536;

/** How many cells of a row of `columns` the line leaves out; counted as markdown-it's table rule splits lines. */
export function missingCells(line: string, columns: number): number {
  const text = line.trim();
  const bars = [...text.matchAll(/(?<!\\)\|/gu)].map((bar) => bar.index);
  let cells = bars.length + 1;
  if (bars[0] === 0) cells--;
  if (bars.length > 0 && bars.at(-1) === text.length - 1 && cells > 0) cells--;
  return columns - cells;
}
