// The unfinished end of a text comes in, the part of it of which one can tell what block it is goes out: a last line
// that may become anything waits, as do a table's first row and a formula's lines. Knows no tokens and no DOM.
import { CLOSING, MAX_TEX } from "./rules/formula";

/** Indentation and marks of lists and quotes. */
const CONTAINERS = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*/u;
// What is left of the last line without these, if it may still become another block.
const HALF_FENCE = /^(?:`{3,}[^`]*|~{3,}.*)$/u;
const HALF_BLOCKS = [
  /^(?:[-+*_=~`#|:. \t]+|\d{1,9}[.)]?)?[ \t]*$/u, // a list, a rule, a heading, a setext underline, a fence
  HALF_FENCE,
  /^\[[ xX]?\]?[ \t]*$/u, // a task list's box
  /^\[(?!\^)[^\]]+\]:[ \t]*(?:\S+(?:[ \t]+(?:["'(].*)?)?)?$/u, // a definition
];
const DELIMITER_ROW = /^[|:-][|:\- \t]*$/u;
const BLANK_LINE = /(?:^|\n)[ \t]*\n/u;

/** Characters that wait behind the first bar of a line which may be a table's first row. */
const MAX_ROW = 200;
/** Characters before that bar. */
const MAX_CELL = 60;

/**
 * `tail` without an end of which one cannot tell yet what it is. `inTable`: the tail begins in a table, where rows
 * are no surprise.
 */
export function holdBack(tail: string, inTable: boolean): string {
  const start = tail.lastIndexOf("\n") + 1;
  const line = tail.slice(start);
  const head = tail.slice(0, start);
  if (inTable && !BLANK_LINE.test(head)) return line.trim() ? tail : head;
  const lines = openLines(head);
  if (lines === "fence") return /^[ \t>]*[`~]*[ \t]*$/u.test(line) ? head : tail;
  const formula = openFormula([...lines, line]);
  if (formula !== undefined) return tail.slice(0, tail.length - formula);
  const row = openRow(lines, line);
  if (row !== undefined) return tail.slice(0, tail.length - row).trimEnd();
  const inner = withoutPrefix(line);
  return HALF_BLOCKS.some((half) => half.test(inner)) ? head : tail;
}

/** The complete lines since the last blank one, or "fence" when a fence is open. */
function openLines(head: string): string[] | "fence" {
  let lines: string[] = [];
  let fence = "";
  for (const line of head.split("\n").slice(0, -1)) {
    const inner = withoutPrefix(line);
    if (fence) {
      const closing = /^[ \t>]*(`{3,}|~{3,})[ \t]*$/u.exec(line)?.[1] ?? "";
      if (closing.startsWith(fence)) fence = "";
      lines = [];
    } else if (inner === "") lines = [];
    else {
      fence = /^(`{3,})[^`]*$|^(~{3,})/u.exec(inner)?.slice(1).find(Boolean) ?? "";
      lines.push(line);
    }
  }
  return fence ? "fence" : lines;
}

/** `line` without indentation and marks of lists and quotes. */
export function withoutPrefix(line: string): string {
  return line.slice(CONTAINERS.exec(line)?.[0].length ?? 0);
}

/** How many characters at the end of `lines`, the last of which is being typed, belong to an open formula block. */
function openFormula(lines: readonly string[]): number | undefined {
  let from = -1;
  let opening = "";
  lines.forEach((line, index) => {
    let text = line.trimEnd();
    if (from < 0) {
      const inner = withoutPrefix(text);
      opening = /^(?:\$\$|\\\[)/u.exec(inner)?.[0] ?? "";
      if (!opening) return;
      from = index;
      text = inner.slice(2);
    }
    // At a line's end the mark closes the block; anywhere else in a line it says that there is none.
    if (text.includes(CLOSING[opening] ?? opening)) from = -1;
  });
  if (from < 0) return undefined;
  const held = lines.slice(from).join("\n");
  const tex = withoutPrefix(held).slice(2);
  return tex.length <= MAX_TEX && isLikelyFormula(tex, opening) ? held.length : undefined;
}

// A word of prose: TeX writes words as \commands or in braces.
const PROSE_WORD = /(?:^|[\s,.;:])\p{L}{3,}(?=[\s,.;:!?])|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const AMOUNT = /^\d[\d.,]*[\p{L}%]{0,8}(?:[.,;:!?)]*\s+\p{L}{2,}|[,;:!?)]\s)/u;
/** Words in a display formula that has forgotten its \text{...}; a single mark in prose shows itself sooner. */
const DISPLAY_WORDS = 4;
/** Characters after a single "$" in which it must look like TeX or be closed. */
const MAX_UNCLEAR = 80;

/** Whether `tex`, which follows an opening mark and is not closed yet, may be a formula rather than prose. */
export function isLikelyFormula(tex: string, opening: string): boolean {
  const bare = tex.replace(/\{[^{}]*\}?|\\[a-z]+/giu, "");
  const words = bare.match(PROSE_WORD)?.length ?? 0;
  if (opening !== "$") return words < DISPLAY_WORDS;
  if (words > 0 || AMOUNT.test(tex)) return false;
  return /[\\^_{]/u.test(tex) || (tex.length <= MAX_UNCLEAR && !tex.includes("\n"));
}

/** How many characters at the end are a table's first rows, or may be: a row is one only by the row after it. */
function openRow(lines: readonly string[], line: string): number | undefined {
  if (isInTable(lines)) return undefined;
  const previous = lines.at(-1);
  const from = previous === undefined ? -1 : startOfRow(previous);
  if (previous !== undefined && from >= 0 && (withoutPrefix(line) === "" || DELIMITER_ROW.test(withoutPrefix(line)))) {
    return previous.length - from + 1 + line.length;
  }
  const start = startOfRow(line);
  return start < 0 ? undefined : line.length - start;
}

function isInTable(lines: readonly string[]): boolean {
  return lines.some(
    (line, index) =>
      line.includes("-") && DELIMITER_ROW.test(withoutPrefix(line)) && startOfRow(lines[index - 1] ?? "") >= 0,
  );
}

/** Where `line` waits for the next one to tell whether it is a table's first row: at its first bar; else -1. */
function startOfRow(line: string): number {
  const inner = withoutPrefix(line);
  if (inner.startsWith("|")) return 0;
  if (inner.length > MAX_CELL + MAX_ROW) return -1;
  const text = inner.replace(/`[^`]*`|\\./gu, (code) => "x".repeat(code.length));
  const bar = text.search(/\s\|(?:\s|$)/u);
  // A table's first cell is short and has no bracket that is closed behind the bar: P(A | B) is no table.
  const isCell = bar >= 0 && bar <= MAX_CELL && !/[([{][^)\]}]*$/u.test(text.slice(0, bar));
  return isCell && inner.length - bar <= MAX_ROW ? line.length - inner.length + bar : -1;
}
