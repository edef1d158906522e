// Where the words of a rendered answer stand in its Markdown: by the real renderer, with every mark that it knows.
import { afterEach, expect, test } from "vitest";
import { align, wordsOf } from "../../src/inspect/align";
import { shownWords } from "../../src/inspect/shownwords";
import { createMarkdownStream } from "../../src/markdown/index";

afterEach(() => document.body.replaceChildren());

/** Each shown word with what stands at its place in the source. */
function pairs(markdown: string): [shown: string, found: string | null][] {
  const root = document.body.appendChild(document.createElement("div"));
  const stream = createMarkdownStream(root);
  stream.append(markdown);
  stream.end();
  const words = shownWords(root);
  const starts = align(markdown, words.map(({ text }) => text));
  return words.map(({ text }, i) => [text, starts[i]! < 0 ? null : markdown.slice(starts[i], starts[i]! + text.length)]);
}

const MARKDOWN: [name: string, markdown: string][] = [
  ["plain words", "The cat sat. The cat sat again."],
  ["emphasis", "One **bold** and *leaning* and `code` and ~~gone~~ word."],
  ["headings and lists", "# Title\n\n1. first\n2. second\n   - inner `x = 1`\n\n> quoted words\n\nafter"],
  ["a link whose target has the words around it", "See [the page](https://example.org/and/so/on) and so on."],
  ["a link with a title", 'A [b](https://c.org "d e") d e f.'],
  ["a fence", "Before\n\n```python\nprint('before')\nreturn 1\n```\n\nreturn after"],
  ["a table", "| a | b |\n|---|---|\n| one | two |\n\nthree"],
  ["an escaped mark", "2 \\* 3 and 4"],
  ["words of other scripts", "Grüße, 世界 und мир!"],
];

test.each(MARKDOWN)("%s: each word is found, at its place", (_, markdown) => {
  const found = pairs(markdown);
  expect(found.length).toBeGreaterThan(2);
  for (const [shown, place] of found) expect(place).toBe(shown);
});

test("in order, each place once", () => {
  const markdown = "a a **a** a [a](a) a";
  const starts = align(markdown, wordsOf("a a a a a a").map(({ text }) => text));
  expect([...starts]).toEqual([0, 2, 6, 10, 13, 19]);
});

test("what is not of the source has no place, and those after it have theirs", () => {
  const starts = align("one two three four five six", ["one", "extra", "two", "three", "four", "five", "six"]);
  expect([...starts]).toEqual([0, -1, 4, 8, 14, 19, 24]);
});

test("what is not shown is left out, where the words after it are sure", () => {
  const starts = align("one <b>hidden words</b> two three four five", ["one", "two", "three", "four", "five"]);
  expect([...starts].map((start) => start >= 0)).toEqual([true, true, true, true, true]);
  expect(starts[1]).toBe("one <b>hidden words</b> ".length);
});

test("rather no place than a wrong one", () => {
  expect([...align("one hidden two", ["one", "two"])]).toEqual([0, -1]);
});

test("a long answer takes no long time", () => {
  const markdown = Array.from({ length: 3000 }, (_, i) => `word${i % 50} *and* [link](https://x.org/${i}) `).join("");
  const shown = wordsOf(markdown).filter(({ text }) => !/https|org|^x$/u.test(text)).map(({ text }) => text);
  const start = performance.now();
  align(markdown, shown);
  expect(performance.now() - start).toBeLessThan(2000); // takes 30 ms
});
