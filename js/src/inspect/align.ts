// The Markdown of an answer and the words that are shown of it come in; where each shown word stands in the source goes
// out, or that it is not known: rather no place than a wrong one. Knows no DOM.

/** Letters and digits in a row, or one mark that is neither; white space is nothing. */
const WORD = /[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu;
const HAS_WORDS = /[\p{L}\p{N}]/u;

/** What Markdown does not show though it has words: the target of a link, the language of a fence, numbers of a list. */
const UNSHOWN = [
  /\]\([^)\s]*(?:\s+(?:"[^"]*"|'[^']*'))?\)/gu,
  /\]\[[^\]]*\]/gu,
  /^[ \t>]*(?:```+|~~~+)[^\n]*/gmu,
  /^[ \t>]*(?:\d{1,9}[.)]|[-*+])[ \t]+(?:\[[ xX]\](?=\s))?/gmu,
  /&#?\w{1,31};/gu,
  /^\s*\[[^\]]+\]:.*$/gmu,
];
/** A shown word is looked for no further than so many words on. */
const REACH = 400;
/** So many words in a row show the way on, where something stands in between that is not shown. */
const CONTEXT = 4;

export interface Word {
  text: string;
  /** Where it stands in the text that it was taken from, UTF-16 units. */
  at: number;
}

export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(WORD), (match) => ({ text: match[0], at: match.index }));
}

/** For each of the `shown` words where it begins in `source`, or -1. */
export function align(source: string, shown: readonly string[]): Int32Array {
  const places = new Int32Array(shown.length).fill(-1);
  const words = shownWordsOf(source);
  let next = 0;
  for (let i = 0; i < shown.length; i++) {
    const found = nearest(words, next, shown[i] ?? "") ?? inContext(words, next, shown, i);
    if (found === undefined) continue;
    places[i] = words[found]?.at ?? -1;
    next = found + 1;
  }
  return places;
}

/** The words of the source but for those in what Markdown does not show. */
function shownWordsOf(source: string): Word[] {
  const unshown = UNSHOWN.flatMap((pattern) => Array.from(source.matchAll(pattern), ({ index, 0: { length } }) => [index, index + length] as const));
  unshown.sort(([a], [b]) => a - b);
  let current = 0;
  let end = 0;
  return wordsOf(source).filter(({ at }) => {
    for (; (unshown[current]?.[0] ?? Infinity) <= at; current++) end = Math.max(end, unshown[current]?.[1] ?? 0);
    return at >= end;
  });
}

/** The word's next place, if nothing but marks stands before it. */
function nearest(words: readonly Word[], next: number, word: string): number | undefined {
  for (let at = next; at < words.length; at++) {
    const { text } = words[at] as Word;
    if (text === word) return at;
    if (!isMark(text)) return undefined;
  }
  return undefined;
}

const isMark = (text: string): boolean => !HAS_WORDS.test(text);

/** The next place where this word and those after it follow each other as they are shown. */
function inContext(words: readonly Word[], next: number, shown: readonly string[], i: number): number | undefined {
  if (isMark(shown[i] ?? "")) return undefined;
  const wanted = lettersFrom(shown, i);
  if (wanted.length < CONTEXT) return undefined;
  const texts = words.slice(next, next + REACH).map(({ text }) => text);
  for (let at = 0; at < texts.length; at++) {
    if (texts[at] === wanted[0] && lettersFrom(texts, at).join(" ") === wanted.join(" ")) return next + at;
  }
  return undefined;
}

function lettersFrom(texts: readonly string[], from: number): string[] {
  const found: string[] = [];
  for (let at = from; at < texts.length && found.length < CONTEXT && at < from + 6 * CONTEXT; at++) {
    const text = texts[at] ?? "";
    if (!isMark(text)) found.push(text);
  }
  return found;
}
