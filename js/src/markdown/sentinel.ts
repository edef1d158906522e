// Marks stand for what is finished in text that is parsed again: a rule of markdown-it comes from here that reads
// them, and what it made is taken out of the tokens here. A mark begins with NUL, which no text has (see `normalize`).
import type { MarkdownIt, StateBlock, Token } from "markdown-it";

/** A line of one of these marks is a block of its own: nothing goes on with it, and it goes on with nothing. */
export const NOTHING = "\0-";
/** Stands for finished blocks of the quote or the list item it is in. */
export const BLOCKS = "\0b";
/** Alone in a list item: stands for the finished items of a list; after it the number that the list starts with. */
export const ITEMS = "\0i";
/** In the first cell of a row: stands for the finished rows of a table. */
export const ROWS = "\0r";

/** Lets markdown-it read the marks; a paragraph each, so that it says whether the list around it is loose. */
export function sentinels(md: MarkdownIt): void {
  md.block.ruler.before("table", "sentinel", sentinel);
}

function sentinel(state: StateBlock, line: number): boolean {
  const at = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
  if (state.src.charCodeAt(at) !== 0) return false;
  state.line = line + 1;
  state.push("paragraph_open", "p", 1).map = [line, line + 1];
  const inline = state.push("inline", "", 0);
  inline.content = state.src.slice(at, state.eMarks[line]);
  inline.children = [];
  state.push("paragraph_close", "p", -1);
  return true;
}

/** Whether the block, list item or row that `tokens` begin with is there only for its mark. */
export function isSentinel(tokens: readonly Token[]): boolean {
  const [first, second, third] = tokens;
  if (first?.type === "paragraph_open") return isMark(second);
  if (first?.type === "list_item_open") return second?.type === "paragraph_open" && isMark(third, ITEMS);
  return first?.type === "tr_open" && isMark(third, ROWS);
}

function isMark(token: Token | undefined, mark = "\0"): boolean {
  return token?.type === "inline" && token.content.startsWith(mark);
}

/** `tokens` without what stands for finished parts: what is left of them to be shown. */
export function withoutSentinels(tokens: readonly Token[]): Token[] {
  const left: Token[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (!token) break;
    const rest = tokens.slice(index, index + 3);
    if (!isSentinel(rest)) {
      left.push(token);
      continue;
    }
    const inline = rest.find(({ type }) => type === "inline");
    if (token.type === "list_item_open") setStart(left.at(-1), inline?.content.slice(ITEMS.length) ?? "");
    // What follows is not the first thing in its list item: something that shows nothing says so.
    if (inline?.content === BLOCKS) left.push(Object.assign(inline, { type: "sentinel", content: "" }));
    index = endOf(tokens, index);
  }
  return left;
}

function setStart(list: Token | undefined, start: string): void {
  if (list?.type === "ordered_list_open") list.attrs = start ? [["start", start]] : null;
}

/** The index of the token that closes the one at `index`. */
function endOf(tokens: readonly Token[], index: number): number {
  const level = tokens[index]?.level;
  return tokens.findIndex((token, at) => at > index && token.level === level);
}
