// The inline content of a paragraph that grows comes in, whole each time; its views go out, those of its beginning as
// they were: what is closed there no later character can change, so that only the rest is parsed again.
import type { Token } from "markdown-it";

import type { View } from "./nodes";

/** Characters (UTF-16 units) that are closed at once, and that at least are parsed again. */
const PART = 1024;

/** Whether anything of `content` may be closed. */
export function isLong(content: string): boolean {
  return content.length > 2 * PART;
}

/** What has been closed of a paragraph. */
export interface Closed {
  content: string;
  views: View[];
  /** Characters that are tried next: more, after a part with something open in it. */
  next: number;
}

/** What a part of the content becomes; `isWhole`, if it needs no definition that may still come. */
export interface Read {
  tokens: Token[];
  views: View[];
  isWhole: boolean;
}

/** `closed` is what the last call left, of this paragraph or another one. */
export function readGrowing(
  content: string,
  closed: Closed | undefined,
  read: (part: string, isRest: boolean) => Read,
): { views: View[]; closed: Closed } {
  const known = closed && goesOnFrom(content, closed) ? closed : { content: "", views: [], next: PART };
  const views = [...known.views];
  let { next } = known;
  let from = known.content.length;
  while (content.length - from >= next + PART) {
    const to = boundary(content, from + next);
    const part = to > from ? read(content.slice(from, to), false) : undefined;
    if (!part?.isWhole || !isClosed(part.tokens)) {
      next *= 2;
      continue;
    }
    views.push(...part.views);
    from = to;
    next = PART;
  }
  const rest = read(content.slice(from), true);
  return { views: [...views, ...rest.views], closed: { content: content.slice(0, from), views, next } };
}

/** Whether `content` is longer by its end than what has been closed; `startsWith` takes ten times as long. */
export function goesOnFrom(content: string, closed: Closed): boolean {
  return content.slice(0, closed.content.length) === closed.content;
}

/** The last place before `end` where a word begins after one space or line end: neither side looks at the other. */
function boundary(content: string, end: number): number {
  for (let at = end; at > end - PART; at--) {
    if (/^\S[ \n]\S$/u.test(content.slice(at - 2, at + 1))) return at;
  }
  return -1;
}

/** Whether nothing in `tokens` waits for a closing mark. */
function isClosed(tokens: readonly Token[]): boolean {
  return tokens.every(({ type, content }) => {
    if (type === "text_special") return content !== "(" && content !== "["; // may be half a formula's mark
    return type !== "text" || !/[*_~`[$]/u.test(withoutHarmless(content));
  });
}

/** Marks between spaces, and underscores within words, are never emphasis. */
function withoutHarmless(text: string): string {
  return text.replace(/(?<=\s)[*_~]+(?=\s)|(?<=[\p{L}\p{N}])_+(?=[\p{L}\p{N}])/gu, "");
}
