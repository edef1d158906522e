// Markdown with brackets comes in before the rules for links and images; a "[" after which no "]" comes is text, at once.
// Those rules would look for its end through all that follows, and again for each of a hundred thousand of them.
import type { MarkdownIt, StateInline } from "markdown-it";

const OPENING = "[".charCodeAt(0);
const EXCLAMATION = "!".charCodeAt(0);

const lastClosings = new WeakMap<StateInline, number>();

export function unclosedBrackets(md: MarkdownIt): void {
  md.inline.ruler.before("link", "unclosed_bracket", unclosedBracket);
}

function unclosedBracket(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  const bracket = src.charCodeAt(pos) === EXCLAMATION ? pos + 1 : pos;
  if (src.charCodeAt(bracket) !== OPENING || bracket < lastClosing(state)) return false;
  if (!silent) state.pending += src.charAt(pos);
  state.pos++;
  return true;
}

function lastClosing(state: StateInline): number {
  let last = lastClosings.get(state);
  if (last === undefined) lastClosings.set(state, (last = state.src.lastIndexOf("]")));
  return last;
}
