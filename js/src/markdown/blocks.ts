// Tokens of a text of which only complete lines are known come in; what can no longer change, whatever follows,
// goes out. Knows no DOM.
import type { Token } from "markdown-it";

import { MAX_TEX } from "./rules/formula";

/** A block, list item or table row: its tokens, and its lines in the text that was parsed. */
export interface Block {
  open: Token;
  tokens: Token[];
  start: number;
  end: number;
}

/** The blocks of `tokens` at one nesting level: 0 for top-level blocks. */
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

/** The blocks of one type that stand for themselves, like fences, at any level. */
export function blocksOfType(type: string, tokens: readonly Token[]): Block[] {
  return tokens
    .filter((token) => token.type === type)
    .map((open) => ({ open, tokens: [open], start: open.map?.[0] ?? 0, end: open.map?.[1] ?? 0 }));
}

export type ContainerKind = "quote" | "list" | "item" | "table";

const CONTAINERS: Partial<Record<string, ContainerKind>> = {
  blockquote_open: "quote",
  bullet_list_open: "list",
  ordered_list_open: "list",
  list_item_open: "item",
  table_open: "table",
};

/** What kind of container `block` is, if it is one. */
export function containerKind(block: Block): ContainerKind | undefined {
  return CONTAINERS[block.open.type];
}

/** The blocks in a quote or an item, the items of a list, the body rows of a table. */
export function childrenOf(block: Block): Block[] {
  const { type, level } = block.open;
  if (type !== "table_open") return blocksAt(level + 1, block.tokens);
  const body = block.tokens.findIndex((token) => token.type === "tbody_open");
  return body < 0 ? [] : blocksAt(level + 2, block.tokens.slice(body, -1));
}

/** Whether a list's paragraphs stand apart; only of a list whose first item has a paragraph of its own. */
export function isLoose(list: Block): boolean {
  const level = list.open.level + 2;
  const paragraph = list.tokens.find((token) => token.type === "paragraph_open" && token.level === level);
  return paragraph !== undefined && !paragraph.hidden;
}

/** The paragraphs of a list item, or of blocks directly in one, that a loose list shows and a tight one does not. */
function ownParagraphs(tokens: readonly Token[]): Token[] {
  const [first] = tokens;
  const level = (first?.level ?? 0) + (first?.type === "list_item_open" ? 1 : 0);
  return tokens.filter((token) => token.level === level && token.type.startsWith("paragraph_"));
}

export function hasOwnParagraph(tokens: readonly Token[]): boolean {
  return ownParagraphs(tokens).length > 0;
}

/** Shows or hides the paragraphs of a list item, or of blocks directly in one, as the whole list is loose or tight. */
export function setLoose(tokens: readonly Token[], loose: boolean): void {
  for (const token of ownParagraphs(tokens)) token.hidden = !loose;
}

/** Whether an open fence is still open: its closing line is not part of its content. */
export function isOpenFence(block: Block): boolean {
  if (block.open.type !== "fence") return false;
  return block.end - block.start - 1 === countLines(block.open.content);
}

export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return text === "" || text.endsWith("\n") ? lines : lines + 1;
}

/**
 * Block types that end a paragraph, or a definition that waits for more, by their first line alone. No quote: it may go
 * on with the one in which the definition stands, once the lazy lines between them turn out to be its title.
 */
const TERMINATORS = new Set([
  "fence",
  "hr",
  "bullet_list_open",
  "ordered_list_open",
  "table_open",
]);

/** Complete lines that were parsed, and how many quotes are around the blocks in question. */
export interface Lines {
  /** The text, split at its line ends: the last is what follows the last of them. */
  lines: readonly string[];
  quotes: number;
}

/** How many of `blocks` are finished: all before the last block whose start no later text can move, or really all. */
export function countFinished(blocks: readonly Block[], source: Lines): number {
  const formula = openFormula(blocks, source);
  const last = blocks.at(-1);
  if (last && formula === Infinity && isSettledEnd(last, source)) return blocks.length;
  for (let index = blocks.length - 1; index > 0; index--) {
    const block = blocks[index];
    if (block && block.start <= formula && isSettledStart(block, source)) return index;
  }
  return 0;
}

/** How many of a list's `items` are finished: all but the last, unless a formula may have begun before. */
export function countFinishedItems(items: readonly Block[], source: Lines): number {
  const formula = openFormula(items, source);
  let count = items.findLastIndex((item) => item.start <= formula);
  // What follows a blank line is no longer in an item of nothing: none of text can stand for it.
  while (count > 0 && isNothing(items[count - 1]) && areApart(items.slice(count - 1, count + 1), source)) count--;
  return Math.max(0, count);
}

function isNothing(item: Block | undefined): boolean {
  return item?.tokens.length === 2;
}

/** Whether a blank line is between any two of `blocks`. */
export function areApart(blocks: readonly Block[], { lines, quotes }: Lines): boolean {
  return blocks.some((block, index) => index > 0 && isBlank(lines[block.start - 1], quotes));
}

/** After the markers of any lists and quotes, the mark of a block formula, and its rest of the line. */
const FORMULA_START = /^[\s>*+\-\d.)]*(\$\$(?!\$)|\\\[)(.*)$/u;
// Marks after a backslash are left out, also those that two backslashes leave a mark: rather wait than be wrong.
const CLOSES_DOLLARS = /(?<![$\\])\$\$(?!\$)/u;
const CLOSES_BRACKET = /(?<!\\)\\\]/u;
const DECIDED = new Set(["fence", "code_block", "math_block"]);

/**
 * The first line that may still turn out to begin a formula, which then takes in what looks like other blocks after
 * it: no line since has a closing mark, and none is blank. Infinity if there is none. A lazy line of a quote begins one
 * outside of it, for which the quote's own blank lines are none.
 */
export function openFormula(blocks: readonly Block[], { lines, quotes }: Lines): number {
  let first = Infinity;
  let dollars = false; // whether a later line closes such a formula
  let bracket = false;
  let length = 0;
  let onlyLazy = false;
  for (let index = lines.length - 2; index >= 0 && !isBlank(lines[index]); index--) {
    const line = lines[index] ?? "";
    onlyLazy ||= isBlank(line, quotes);
    const [, mark, rest = ""] = FORMULA_START.exec(line) ?? [];
    const closed = mark === "$$" ? dollars || CLOSES_DOLLARS.test(rest) : bracket || CLOSES_BRACKET.test(rest);
    const isLazy = withoutQuotes(line, quotes) === withoutQuotes(line, quotes - 1);
    if (mark && !closed && (isLazy || !onlyLazy) && !isDecided(blocks, index)) first = index;
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
function isSettledEnd(block: Block, { lines, quotes }: Lines): boolean {
  const { type, markup } = block.open;
  if (type === "fence") return !isOpenFence(block);
  if (type === "hr" || (type === "heading_open" && markup.startsWith("#"))) return !mayBecomeTable(block, lines);
  // Lists and indented code go on after blank lines.
  if (type === "code_block" || type.endsWith("_list_open")) return false;
  return block.end < lines.length - 1 && isBlank(lines[block.end], quotes);
}

/** A line with a bar is a table's header if a delimiter row follows, whatever else it looks like. */
export function mayBecomeTable(block: Block, lines: readonly string[]): boolean {
  return block.start + 1 >= lines.length - 1 && (lines[block.start] ?? "").includes("|");
}

function isSettledStart(block: Block, { lines, quotes }: Lines): boolean {
  if (isBlank(lines[block.start - 1], quotes)) return true;
  if (TERMINATORS.has(block.open.type)) return true;
  if (block.open.type === "heading_open" && block.open.markup.startsWith("#")) return true;
  // A definition may go on over lines that look like other blocks: [a]: /u, then "title, then more".
  for (let line = block.start - 1; line >= 0 && !isBlank(lines[line], quotes); line--) {
    if (/^[\s>*+\-\d.)]*\[/u.test(lines[line] ?? "")) return false;
  }
  return true;
}

/** Whether nothing stands in `line` behind the marks of the quotes it is in. */
export function isBlank(line: string | undefined, quotes = 0): boolean {
  return /^[ \t]*$/u.test(withoutQuotes(line ?? "", quotes));
}

export function withoutQuotes(line: string, quotes: number): string {
  let at = 0;
  for (let count = quotes; count > 0; count--) {
    let mark = at;
    while (line[mark] === " " || line[mark] === "\t") mark++;
    if (line[mark] !== ">") break;
    at = mark + 1;
  }
  return line.slice(at);
}
