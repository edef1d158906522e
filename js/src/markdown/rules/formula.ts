// Markdown with formulas comes in at the rules' place in markdown-it, `math_inline` and `math_block` tokens go out:
// `content` is the TeX, `markup` the opening mark, `info` "display" for a display formula in a line. Knows no TeX.
//
// The grammar is that of Pandoc's tex_math_dollars and tex_math_single_backslash, with two limits of our own: what
// prose writes with a dollar ("US$5 to US$6", "$HOME/$PATH") stays prose, and no formula is unbounded.
import type { MarkdownIt, StateBlock, StateInline } from "markdown-it";

/** Characters (UTF-16 units) of the source that may stand between the marks of a formula. */
export const MAX_TEX = 10_000;

/** What ends a formula that begins with the mark. */
export const CLOSING: Readonly<Record<string, string>> = { $: "$", $$: "$$", "\\(": "\\)", "\\[": "\\]" };

const ALPHANUMERIC = /^[A-Za-z0-9]$/u;

export function formulas(md: MarkdownIt): void {
  // Before tables: a line that begins with a mark is no header, whatever follows it.
  md.block.ruler.before("table", "math_block", mathBlock, { alt: ["paragraph", "reference", "blockquote"] });
  // Before escapes, which would take the backslash of \( and \[.
  md.inline.ruler.before("escape", "math_inline", mathInline);
}

/** The formula of a token as it was written, with its marks. */
export function sourceOf(markup: string, tex: string): string {
  return markup + tex + (CLOSING[markup] ?? "");
}

/** Whether there is something to set. An empty line is not: "\\[\\\\\\]" is a row of escapes. */
function isTex(text: string): boolean {
  return /[^\s\\]/u.test(text);
}

/** Where the closing marks are. A backslash and what follows it are one, so "\\)" is no mark, but "\\\)" ends in one. */
interface Marks {
  $: number[];
  $$: number[];
  "\\)": number[];
  "\\]": number[];
}

function findMarks(text: string): Marks {
  const marks: Marks = { $: [], $$: [], "\\)": [], "\\]": [] };
  for (const { 0: found, index } of text.matchAll(/\\[\s\S]|\$+/gu)) {
    if (found === "\\)" || found === "\\]") marks[found].push(index);
    if (found[0] !== "$") continue;
    for (let at = 0; at < found.length; at++) marks.$.push(index + at);
    if (found.length === 2) marks.$$.push(index);
  }
  return marks;
}

// Found once for each text, since a text of nothing but opening marks would be searched from each of them.
const marksOf = new WeakMap<StateInline, Marks>();

function mathInline(state: StateInline, silent: boolean): boolean {
  const mark = markAt(state.src, state.pos);
  if (mark === "" || (mark === "$" && !opensInline(state.src, state.pos))) return false;
  const close = closingMark(state, mark);
  const from = state.pos + mark.length;
  const tex = close < 0 || close - from > MAX_TEX ? "" : state.src.slice(from, close);
  if (!isTex(tex) || (mark === "$" && !closesInline(state.src, close))) return false;
  if (!silent) {
    const token = state.push("math_inline", "", 0);
    token.content = tex;
    token.markup = mark;
    token.info = mark === "$$" || mark === "\\[" ? "display" : "";
  }
  state.pos = close + mark.length;
  return true;
}

/** The opening mark at `at`, or "". A run of three dollars or more is none, nor is any part of it. */
function markAt(text: string, at: number): string {
  const two = text.slice(at, at + 2);
  if (two === "\\(" || two === "\\[") return two;
  if (text[at] !== "$" || text[at - 1] === "$") return "";
  if (two !== "$$") return "$";
  return text[at + 2] === "$" ? "" : "$$";
}

function opensInline(text: string, at: number): boolean {
  return !ALPHANUMERIC.test(text[at - 1] ?? "") && /^\S$/u.test(text[at + 1] ?? "");
}

function closesInline(text: string, at: number): boolean {
  return !/\s/u.test(text[at - 1] ?? "") && !ALPHANUMERIC.test(text[at + 1] ?? "");
}

function closingMark(state: StateInline, mark: string): number {
  let marks = marksOf.get(state);
  if (!marks) marksOf.set(state, (marks = findMarks(state.src)));
  const places = marks[CLOSING[mark] as keyof Marks];
  const close = places[firstAtLeast(places, state.pos + mark.length)] ?? -1;
  return close + mark.length <= state.posMax ? close : -1;
}

/** The index of the first of the sorted `numbers` that is `least` or more. */
function firstAtLeast(numbers: readonly number[], least: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lines of a text, of which it is known that they have no closing mark: none is searched twice. */
interface Searched {
  from: number;
  to: number;
}

const searchedFor = new WeakMap<StateBlock, Partial<Record<string, Searched>>>();

function mathBlock(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const start = lineStart(state, startLine);
  const mark = markAt(state.src, start);
  const margin = marginOf(state, startLine);
  if (mark.length < 2 || mark === "\\(" || columnOf(state, startLine) - margin >= 4) return false;
  const last = closingLine(state, startLine, endLine, mark, margin);
  if (last < 0) return false;
  const from = start + mark.length;
  const close = closeIn(state, last, last === startLine ? from : lineStart(state, last), mark);
  if (close - from > MAX_TEX || /[^ \t]/u.test(state.src.slice(close + 2, state.eMarks[last]))) return false;
  const tex = textOf(state, startLine, last, from, close);
  if (!isTex(tex)) return false;
  if (silent) return true;
  state.line = last + 1;
  const token = state.push("math_block", "", 0);
  token.content = tex;
  token.markup = mark;
  token.map = [startLine, state.line];
  return true;
}

/**
 * The column that the lines of a formula must not fall short of: that of the block they are in. A line that stands
 * left of it, asked whether it ends a paragraph, would be in a block further out, of which only the next is known.
 */
function marginOf(state: StateBlock, line: number): number {
  const column = columnOf(state, line);
  return column >= state.blkIndent ? state.blkIndent : Math.max(0, Math.min(state.listIndent, column));
}

/** The first line with a closing mark, or -1 if a blank line or the end of the block comes before. */
function closingLine(state: StateBlock, startLine: number, endLine: number, mark: string, margin: number): number {
  if (closeIn(state, startLine, lineStart(state, startLine) + mark.length, mark) >= 0) return startLine;
  const searched = searchedFor.get(state) ?? {};
  searchedFor.set(state, searched);
  const known = searched[mark];
  const region = known && known.from <= startLine && startLine < known.to ? known : { from: startLine, to: startLine + 1 };
  searched[mark] = region;
  for (let line = region.to; line < endLine; line++) {
    if (state.isEmpty(line) || columnOf(state, line) < margin) return -1;
    if (closeIn(state, line, lineStart(state, line), mark) >= 0) return line;
    region.to = line + 1;
  }
  return -1;
}

/** Where in `line`, from `from` on, the formula is closed, or -1. */
function closeIn(state: StateBlock, line: number, from: number, mark: string): number {
  const places = findMarks(state.src.slice(from, state.eMarks[line]))[CLOSING[mark] as keyof Marks];
  return places[0] === undefined ? -1 : from + places[0];
}

function textOf(state: StateBlock, startLine: number, last: number, from: number, close: number): string {
  if (last === startLine) return state.src.slice(from, close);
  const rest = state.getLines(startLine + 1, last + 1, columnOf(state, startLine), false).trimEnd();
  return `${state.src.slice(from, state.eMarks[startLine])}\n${rest.slice(0, -2)}`;
}

function lineStart(state: StateBlock, line: number): number {
  return (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
}

function columnOf(state: StateBlock, line: number): number {
  return state.sCount[line] ?? 0;
}
