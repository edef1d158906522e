// The end of what is shown comes in, as text and as tokens: its last words are repaired, and what kind of end it is goes
// out. Knows no DOM.
import type { Token } from "markdown-it";

import { withoutPrefix } from "./hold";
import { repairInline } from "./repair";
import type { OpenEnd } from "./rules/autolink";

/** What kind of block a line belongs to shows in so many characters, at the least. */
const LONG_LINE = 4096;

/** Where to cut `text`, whose last line begins at `from`: within a word, so that neither side loses spaces. */
export function cutOf(text: string, from: number): number {
  for (let at = from + LONG_LINE; at < text.length; at++) if (/^\S\S/u.test(text.slice(at - 1, at + 1))) return at;
  return text.length;
}

/** Makes the paragraph that ends `tokens` longer, if it is one: what was cut off in its last line can be nothing else. */
export function addToParagraph(tokens: readonly Token[], text: string): boolean {
  const last = lastContent(tokens);
  if (!last || !isOfParagraph(last, tokens)) return false;
  last.content += withoutEnd(text);
  return true;
}

/** A paragraph that ends a text, and the rest of its last line can only make longer. */
export interface Prose {
  tokens: readonly Token[];
  content: string;
  /** Where in the text the content ends, and where its last line begins. */
  end: number;
  lineStart: number;
}

// What the lines before may be the beginning of, which later ones end: a definition, or a formula.
const UNDECIDED = /^[ \t>*+\-\d.)]*\[|\$\$|\\\[/mu;

/**
 * The paragraph that ends `text`, of which `tokens` are the tokens, if no more of its last line, which begins at
 * `lineStart`, can make anything else of it. A line that begins with a letter is neither a list, a rule nor a fence.
 */
export function proseOf(tokens: readonly Token[], text: string, lineStart: number): Prose | undefined {
  const last = lastContent(tokens);
  if (!last || !isOfParagraph(last, tokens)) return undefined;
  if (!/^\p{L}/u.test(withoutPrefix(text.slice(lineStart))) || UNDECIDED.test(text)) return undefined;
  return { tokens, content: last.content, end: withoutEnd(text).length, lineStart };
}

/** The tokens of `text`, which goes on with `prose` in the same line; undefined where they must be parsed after all. */
export function goOnWith({ tokens, content, end, lineStart }: Prose, text: string): readonly Token[] | undefined {
  const last = lastContent(tokens);
  if (!last || text.includes("|", lineStart)) return undefined; // may be a table's first row
  last.content = content + withoutEnd(text.slice(end));
  return tokens;
}

/** Repairs the inline content that ends the text, unless the text ends with something else; gives whether it had to. */
export function repairLast(tokens: readonly Token[], lineEnded: boolean): boolean {
  const last = lastContent(tokens);
  if (last?.type !== "inline") return false;
  const repaired = repairInline(last.content, lineEnded);
  const isRepaired = repaired !== last.content;
  last.content = repaired;
  last.meta = { open: !lineEnded } satisfies OpenEnd;
  return isRepaired;
}

/** Whether `text` ends in a paragraph's last line; a heading hides marks at its end, and a row has empty cells there. */
export function endsInProse(tokens: readonly Token[], text: string): boolean {
  const last = lastContent(tokens);
  return last !== undefined && isOfParagraph(last, tokens) && !text.includes("\n", text.trimEnd().length);
}

/** Whether a blank line ends `text`. Not by one expression, which would look at each character of a long text. */
export function endsBlank(text: string): boolean {
  return text.endsWith("\n") && /\n[ \t]*\n$/u.test(text);
}

/** `text` without the white space that markdown-it takes off a paragraph's end: a no-break space is none. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (/^[ \t\r\n]$/u.test(text[end - 1] ?? "")) end--;
  return text.slice(0, end);
}

function isOfParagraph(inline: Token, tokens: readonly Token[]): boolean {
  return inline.type === "inline" && tokens[tokens.lastIndexOf(inline) - 1]?.type === "paragraph_open";
}

function lastContent(tokens: readonly Token[]): Token | undefined {
  return tokens.findLast((token) => token.nesting === 0 && (token.type !== "inline" || token.content));
}
