// The specification's own examples against the specification's own HTML, whole, by character and cut in two anywhere.
import MarkdownIt from "markdown-it";
import { describe, expect, test, vi } from "vitest";

import { streamed, whole, withoutBareLinks } from "./harness";
import { commonmarkExamples, gfmExamples } from "./inputs";
import type { Example } from "./inputs";
import { shapeOfHtml, shapeOfPage } from "./shape";

vi.setConfig({ testTimeout: 600_000 }); // a busy machine is no failure

const ways: [string, (markdown: string) => string[]][] = [
  ["whole", (markdown) => [shapeOfPage(whole(markdown))]],
  ["by character", (markdown) => [shapeOfPage(streamed(Array.from(markdown)))]],
];
if (process.env["NOTEBOOK_STREAM_WHOLE"]) {
  const splits = (text: string) => Array.from({ length: text.length }, (_, at) => [text.slice(0, at), text.slice(at)]);
  ways.push(["cut in two anywhere", (markdown) => splits(markdown).map((parts) => shapeOfPage(streamed(parts)))]);
}

/** Markdown that lets HTML through: what it takes for HTML we show as text, on purpose. */
const html = new MarkdownIt("default", { html: true });

function hasHtml({ markdown }: Example): boolean {
  return html.parse(markdown, {}).some((token) => [token, ...(token.children ?? [])].some(({ type }) => type.startsWith("html_")));
}

/** CommonMark's examples of what is no link there, and is one in GFM. */
const BARE_ADDRESSES = [602, 608, 611, 612];

function failing(examples: readonly Example[], render: (markdown: string) => string[]): number[] {
  const fails = ({ markdown, html: expected }: Example) => render(markdown).some((shape) => shape !== shapeOfHtml(expected));
  return examples.filter(fails).map(({ number }) => number);
}

const numbersOf = (examples: readonly Example[]) => examples.map(({ number }) => number);

test("the examples are all here", () => {
  expect([commonmarkExamples.length, commonmarkExamples.filter(hasHtml).length]).toEqual([652, 72]);
  expect([gfmExamples.length, gfmExamples.filter(hasHtml).length]).toEqual([48, 1]);
});

// Each list is exact: an example that needs no excuse fails as one does that has none.
describe.each(ways)("%s", (_name, render) => {
  test("CommonMark but for HTML, bare addresses being text", () => {
    const fails = withoutBareLinks(() => failing(commonmarkExamples, render));
    expect(fails).toEqual(numbersOf(commonmarkExamples.filter(hasHtml)));
  });

  test("CommonMark but for HTML and bare addresses", () => {
    const excused = commonmarkExamples.filter((example) => hasHtml(example) || BARE_ADDRESSES.includes(example.number));
    expect(failing(commonmarkExamples, render)).toEqual(numbersOf(excused));
  });

  test("GFM but for HTML", () => {
    expect(failing(gfmExamples, render)).toEqual(numbersOf(gfmExamples.filter(hasHtml)));
  });
});
