// The unfinished end of a text comes in, text that does not flash when the rest comes goes out: what is half-typed
// is closed or held back. Only for showing; never for what is finished. Knows no tokens and no DOM.

/** Longer inline content is shown as it is: the repair would cost more than the flash. */
const MAX_REPAIR = 16_384;
/** More constructs than this are never open in prose; hostile text would make closing them quadratic. */
const MAX_OPEN = 64;

// A last line that may still become a list, a rule, a heading, a setext underline, a fence, a quote or a table.
const HALF_BLOCK = /^[ \t>]*(?:[-+*_=~`#|:. \t]+|\d{1,9}[.)]?)?[ \t]*$/u;
const HALF_FENCE = /^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(?:`{3,}[^`]*|~{3,}.*)$/u;
const HALF_DEFINITION = /^ {0,3}\[[^\]]*\]:[ \t]*$/u;
const TABLE_ROW = /^[ \t>]*\|/u;
const DELIMITER_ROW = /^[ \t>]*[|:][|:\- \t]*$/u;
const BLANK_LINE = /(?:^|\n)[ \t]*\n/u;

/**
 * `tail` without a last line of which one cannot tell yet what it is. `inTable`: the tail begins in a table, where
 * rows are no surprise.
 */
export function holdBack(tail: string, inTable: boolean): string {
  const start = tail.lastIndexOf("\n") + 1;
  const line = tail.slice(start);
  const head = tail.slice(0, start);
  if (inTable && !BLANK_LINE.test(head)) return line.trim() ? tail : head;
  if (TABLE_ROW.test(line) || (line === "" && TABLE_ROW.test(lastLine(head)))) return holdTable(head, line);
  return line && [HALF_BLOCK, HALF_FENCE, HALF_DEFINITION].some((half) => half.test(line)) ? head : tail;
}

/** A table's first row is a paragraph until its second one is complete: both are held until then. */
function holdTable(head: string, line: string): string {
  const previous = lastLine(head);
  const beforePrevious = lastLine(head.slice(0, head.length - previous.length));
  if (TABLE_ROW.test(beforePrevious)) return head + line;
  const withoutPrevious = head.slice(0, head.length - previous.length);
  if (line === "") return withoutPrevious;
  if (!TABLE_ROW.test(previous)) return head;
  return DELIMITER_ROW.test(line) ? withoutPrevious : head + line;
}

/** The last line of `text`, which ends with a line end or is empty. */
function lastLine(text: string): string {
  return text.slice(text.lastIndexOf("\n", text.length - 2) + 1);
}

interface Opener {
  mark: string;
  at: number;
}

/** Inline `content` whose last words are still being typed, with open emphasis, code, links and images closed. */
export function repairInline(content: string): string {
  if (content.length > MAX_REPAIR) return content;
  const openers: Opener[] = [];
  let at = 0;
  while (at < content.length) {
    if (openers.length > MAX_OPEN) return content;
    const character = content[at] ?? "";
    if (character === "\\") {
      if (at === content.length - 1) content = content.slice(0, at);
      at += 2;
    } else if (character === "`") {
      const end = endOfCode(content, at);
      if (end < 0) return close(closeCode(content, at), openers);
      at = end;
    } else if (character === "[" || (character === "!" && content[at + 1] === "[")) {
      const mark = character === "[" ? "[" : "![";
      openers.push({ mark, at });
      at += mark.length;
    } else if (character === "]") {
      const end = endOfLink(content, at, openers);
      if (end.cut !== undefined) return close(end.cut, openers);
      at = end.at;
    } else if (character === "*" || character === "_" || character === "~") {
      const end = emphasis(content, at, openers);
      if (end < 0) return close(content.slice(0, at), openers);
      at = end;
    } else if (character === "<" && isHalfAutolink(content.slice(at))) {
      return close(content.slice(0, at) + content.slice(at + 1), openers);
    } else at++;
  }
  return close(content, openers);
}

/** Where the code span that starts at `at` ends, or -1 when it is still open. */
function endOfCode(content: string, at: number): number {
  const run = /^`+/u.exec(content.slice(at))?.[0] ?? "`";
  const closing = new RegExp(`(?<!\`)${run}(?!\`)`, "u");
  const found = closing.exec(content.slice(at + run.length));
  return found ? at + run.length + found.index + run.length : -1;
}

function closeCode(content: string, at: number): string {
  const run = /^`+/u.exec(content.slice(at))?.[0] ?? "`";
  // The end of the text may be the first half of the closing run.
  const inside = content.slice(at + run.length).replace(/`+$/u, "");
  return inside.trim() ? content.slice(0, at + run.length) + inside + run : content.slice(0, at);
}

/** What follows a "]" at `at`: where to go on, or what to show when its target is still being typed. */
function endOfLink(content: string, at: number, openers: Opener[]): { at: number; cut?: string } {
  const index = openers.findLastIndex((opener) => opener.mark.endsWith("["));
  const opener = openers[index];
  if (!opener) return { at: at + 1 };
  const next = content[at + 1];
  const end = next === "(" ? endOfTarget(content, at + 1) : next === "[" ? content.indexOf("]", at + 2) : at;
  if (end < 0 || next === undefined) {
    openers.length = index; // emphasis that was opened inside the label ends with it
    const label = content.slice(opener.at + opener.mark.length, at);
    const box = opener.at === 0 && /^[ xX]$/u.test(label); // a task list's box, not a link
    return { at, cut: content.slice(0, opener.at) + (opener.mark === "![" || box ? "" : closeInside(label)) };
  }
  openers.splice(index);
  return { at: end + 1 };
}

/** Where a link's "(" is closed, or -1. */
function endOfTarget(content: string, at: number): number {
  let depth = 0;
  for (let i = at; i < content.length; i++) {
    if (content[i] === "\\") i++;
    else if (content[i] === "(") depth++;
    else if (content[i] === ")" && --depth === 0) return i;
  }
  return -1;
}

function closeInside(label: string): string {
  return label.includes("[") ? label : repairInline(label);
}

/**
 * Takes the run of emphasis marks at `at` as an opener or a closer. Gives where to go on, or -1 when it is neither
 * and ends the text: then it is half of one.
 */
function emphasis(content: string, at: number, openers: Opener[]): number {
  const run = /^(?:\*+|_+|~+)/u.exec(content.slice(at))?.[0] ?? "";
  const end = at + run.length;
  const before = content[at - 1] ?? " ";
  const after = content[end] ?? " ";
  const index = openers.findLastIndex((opener) => opener.mark[0] === run[0] && opener.mark.length <= run.length);
  const closes = !/\s/u.test(before) && index >= 0 && openers.slice(index).every((o) => !o.mark.endsWith("["));
  if (closes) openers.splice(index);
  else if (end === content.length && (openers.length > 0 || /\s/u.test(before))) return -1;
  else if (!/\s/u.test(after) && /[\s\p{P}\p{S}]/u.test(before) && (run[0] !== "~" || run.length === 2)) {
    openers.push({ mark: run, at });
  }
  return end;
}

function isHalfAutolink(rest: string): boolean {
  const scheme = rest.slice(1).toLowerCase();
  return ["https:", "http:", "mailto:"].some((known) =>
    scheme.length < known.length
      ? scheme !== "" && known.startsWith(scheme)
      : scheme.startsWith(known) && !/[\s<>]/u.test(scheme),
  );
}

/** Closes what is open, the innermost first. */
function close(content: string, openers: Opener[]): string {
  let text = content;
  for (const { mark, at } of openers.toReversed()) {
    if (mark.endsWith("[")) text = mark === "![" ? text.slice(0, at) : text.slice(0, at) + text.slice(at + 1);
    else if (text.slice(at + mark.length).trim()) text = text.trimEnd() + mark;
    else text = text.slice(0, at);
  }
  return text;
}
