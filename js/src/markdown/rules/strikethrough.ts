// Markdown with tildes comes in at the rules' place in markdown-it, `s` tokens go out: GFM 0.29, section 6.5. One
// tilde strikes as two do, three or more are text, and what begins with one does not end with two.
import type { Delimiter, MarkdownIt, StateInline } from "markdown-it";

const TILDE = "~".charCodeAt(0);
/** The delimiter rule pairs what has the same `marker`; one tilde is given one that no character has. */
const SINGLE = TILDE + 0x11_0000;

export function strikethrough(md: MarkdownIt): void {
  md.inline.ruler.at("strikethrough", tokenize);
  md.inline.ruler2.at("strikethrough", pair);
}

function tokenize(state: StateInline, silent: boolean): boolean {
  if (silent || state.src.charCodeAt(state.pos) !== TILDE) return false;
  const { length, can_open, can_close } = state.scanDelims(state.pos, true);
  const token = state.push("text", "", 0);
  token.content = "~".repeat(length);
  state.pos += length;
  if (length > 2) return true;
  state.delimiters.push({
    marker: length === 1 ? SINGLE : TILDE,
    length: 0, // the "rule of three" is not for tildes
    token: state.tokens.length - 1,
    end: -1,
    open: can_open,
    close: can_close,
  });
  return true;
}

function pair(state: StateInline): void {
  pairAmong(state, state.delimiters);
  for (const meta of state.tokens_meta) if (meta?.delimiters) pairAmong(state, meta.delimiters);
}

function pairAmong(state: StateInline, delimiters: readonly Delimiter[]): void {
  for (const { marker, token, end } of delimiters) {
    const close = delimiters[end]?.token;
    if ((marker !== TILDE && marker !== SINGLE) || close === undefined) continue;
    strike(state, token, "s_open", 1);
    strike(state, close, "s_close", -1);
  }
}

function strike(state: StateInline, index: number, type: string, nesting: 1 | -1): void {
  const token = state.tokens[index];
  if (!token) return;
  token.type = type;
  token.tag = "s";
  token.nesting = nesting;
  token.markup = token.content;
  token.content = "";
}
