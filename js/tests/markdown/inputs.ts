// Markdown for the tests: CommonMark's own examples, pieces of real-looking answers, and seeded ways to cut and mix.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** An example of a specification: Markdown, and the HTML it gives for it. */
export interface Example {
  /** Counted from 1, as in the specification. */
  number: number;
  markdown: string;
  html: string;
}

const commonmark = createRequire(import.meta.url).resolve("commonmark-spec/spec.txt");

/** The examples of CommonMark 0.31.2. */
export const commonmarkExamples = readExamples(commonmark);
/** Those of GFM's extensions: tables, task lists, strikethrough and autolinks. */
export const gfmExamples = readExamples(`${import.meta.dirname}/gfm.txt`);
export const examples: readonly string[] = [...commonmarkExamples, ...gfmExamples].map(({ markdown }) => markdown);

/** In the specification's format "→" stands for a tab. */
function readExamples(path: string): Example[] {
  const found = readFileSync(path, "utf8").matchAll(/^`{32} example\n([\s\S]*?)^\.\n([\s\S]*?)^`{32}$/gmu);
  return Array.from(found, ([, markdown = "", html = ""], index) => ({
    number: index + 1,
    markdown: markdown.replaceAll("→", "\t"),
    html: html.replaceAll("→", "\t"),
  }));
}

/** What answers are made of, and the corners where a stream may go wrong. */
export const pieces: readonly string[] = [
  "# Heading\n",
  "Some *prose* with **bold**, `code`, ~~old~~ and a [link](https://example.com/a_b).\n",
  "Two lines\nof one paragraph\n",
  "Setext\n---\n",
  "Setext\n===\n",
  "- one\n- two\n- three\n",
  "- one\n\n- two\n",
  "- a | b\n--|--\n1 | 2\n",
  " - indented\n  - a bit\n   - more\n",
  "1. first\n2. second\n   - nested\n   - more\n\n   a paragraph\n3. third\n",
  "7) seven\n8) eight\n",
  "* star\n+ plus\n- minus\n",
  "- [ ] open\n- [x] done\n",
  "-\n- empty before\n-\n",
  "-     code in an item\n- next\n",
  "- a\n-\n\n  - foo\n\n    bar\n",
  "-\tone\n-\ttwo\n  - three\n   - four\n",
  "10) ten\n11)  eleven\n  12) twelve\n",
  "```python\nprint('hi')\n\n```\n",
  "~~~\nno language\n~~~\n",
  "  ```js\n    indented fence\n\tx\n  ```\n",
  "````md\n```\ninner\n```\n````\n",
  "```\nnever closed\n",
  "    indented code\n\n    more\n",
  "| a | b |\n|---|:-:|\n| 1 | `2` |\n| 3 |\n",
  "a | b\n-|-\n1 | 2 | 3\n",
  "text\n| a | b |\n|---|---|\n| 1 | 2 |\n",
  "> quote\nlazy\n> more\n",
  "> - list in quote\n> - more\n>\n> ```\n> code\n",
  "- > quote in list\n  lazy\n- ```\n  code\n  ```\n",
  "# a | b\n--|--\n1 | 2\n",
  "``` a | b\n--|--\n1 | 2\n```\n",
  "> a | b\n--|--\n",
  "| [ref] | b |\n|---|---|\n| [late] | 2 |\n",
  "***\n",
  "[ref] and [text][ref] and ![image][ref]\n",
  "[ref]: https://example.com/ref\n",
  '[ref]: https://example.com/other\n"a title\nover lines"\n',
  "[foo\n===\nbar]: /url\n",
  "- [late]\n- [late]: https://example.com/late\n",
  "> [quoted]: https://example.com/quoted\n",
  "see [quoted] and [late]\n",
  '[a]: /u\n"title\n===\nmore"\n',
  "![alt *text*](https://example.com/i.png) <https://example.com/auto>\n",
  "<div onclick=x>raw *html*</div>\n",
  "&copy; &amp; &#x41; \\* \\\\ a\\\nhard  \nbreak\n",
  "a no-break\u00a0 space\u00a0*\u00a0 in prose\n",
  "emoji 👩‍👩‍👧 and é and שלום\n",
  "\r\nwindows\r\nline ends\r\n",
  "\n",
  "\n\n",
  "$x^2$ costs $5 and $6\n",
  "$$\nx\n- y\n# z\n===\n```\n$$\n",
  "$$x$$\n",
  "$$ x $$ in *text*, \\(a*b\\) and \\[c_d\\]\n",
  "text\n\\[\nx\n\\]\nmore\n",
  "\\[ never closed\n",
  "$$ never closed\n- a\n- b\n",
  "$$ these are words of prose\nand more of them $$\n",
  "- $$\n  x\n  $$\n- next\n",
  "- a\n$$\n- b\n- c\n",
  "> $$\n> x\n> $$\n> after\n",
  "> a\n$$\nlazy\n",
  "a | b\n--|--\n$$ | x\n1 | 2\n",
  "| $a$ | $$b$$ |\n|---|---|\n| \\(c\\) | $d |\n",
  "$$\n",
  "x $$\n",
  "\\]\n",
  "a * b * c _d_e_ **f*g\n",
  "see https://example.com/a_b_(c)?d=1&e; and www.example.org/_x_, **https://example.net/**\n",
  "[https://example.com/x](https://example.org) [https://example.com/y] (www.example.com).\n",
  "me@example.com, a_b.c+d@mail.example.org. not@this-\n",
  "~one~ ~~two~~ ~~~three~~~ ~a ~~b~ c~~\n",
  "a note[^1] here\n\n[^1]: the note\n    more\n",
  "\tcode\n- a\n\n\t- b\n\n\t\tc\n>\td\n",
  "nul \0 here\r\n\r\n- cr\r- lf\r\n",
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(from: readonly T[], next: () => number): T {
  return from[Math.floor(next() * from.length)]!;
}

/** `text` in pieces of 1 to `longest` UTF-16 units. */
export function chunks(text: string, longest: number, next: () => number): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + Math.floor(next() * longest);
    found.push(text.slice(at, end));
    at = end;
  }
  return found;
}

/** A mix of examples and pieces, sometimes without the blank line or the line end between them, some within others. */
export function mixture(next: () => number): string {
  let text = "";
  for (let count = 2 + Math.floor(next() * 7); count > 0; count--) {
    let piece = next() < 0.5 ? pick(pieces, next) : pick(examples, next);
    while (next() < 0.25) piece = within(piece + (next() < 0.5 ? pick(pieces, next) : ""), next);
    text += piece;
    if (next() < 0.4) text += "\n";
    if (next() < 0.08) text = text.trimEnd();
  }
  return text;
}

/** What a quote or an item begins with, and its other lines. */
const CONTAINERS: readonly [string, string][] = [
  ["> ", "> "],
  [">", ">"],
  ["- ", "  "],
  ["1. ", "   "],
  ["  * ", "    "],
  ["-\t", "\t"],
  ["12)   ", "      "],
  ["> - ", ">   "],
];

/** `text` in a quote or an item, a line of which sometimes does without: a lazy one, or the end of the container. */
function within(text: string, next: () => number): string {
  const [first, rest] = pick(CONTAINERS, next);
  const lazy = next() < 0.3;
  return text.replace(/^.*$/gmu, (line, at: number) => {
    if (at > 0 && at === text.length) return line;
    if (at === 0) return first + line;
    return lazy && next() < 0.3 ? line : rest + line;
  });
}
