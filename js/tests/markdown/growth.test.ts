// What a flush costs while a block grows: never more for what is finished in it, however deep it is.
import { beforeEach, describe, expect, test, vi } from "vitest";

import { createEngine } from "../../src/markdown/engine";
import { md } from "../../src/markdown/parser";

vi.setConfig({ testTimeout: 60_000 }); // a busy machine is no failure

const PARTS = process.env["NOTEBOOK_STREAM_WHOLE"] ? 5000 : 100;
/** Characters that one flush may parse, all its parses together, and nodes that it may create. */
const MOST_PARSED = 700;
const MOST_CREATED = 60;

let parsed = 0;
let created = 0;

beforeEach(() => {
  const parse = md.block.parse.bind(md.block);
  vi.spyOn(md.block, "parse").mockImplementation((src, ...rest) => {
    parsed += src.length;
    parse(src, ...rest);
  });
  const createElement = document.createElement.bind(document);
  vi.spyOn(document, "createElement").mockImplementation((...name: Parameters<typeof createElement>) => {
    created++;
    return createElement(...name);
  });
  const createTextNode = document.createTextNode.bind(document);
  vi.spyOn(document, "createTextNode").mockImplementation((data) => {
    created++;
    return createTextNode(data);
  });
});

interface Cost {
  parsed: number;
  created: number;
}

/** The highest cost of a flush, of each part and of the end. */
function grow(first: string, part: (index: number) => string): { most: Cost; root: HTMLElement } {
  const root = document.createElement("div");
  const engine = createEngine(root);
  const most: Cost = { parsed: 0, created: 0 };
  const measure = (work: () => void) => {
    parsed = created = 0;
    work();
    most.parsed = Math.max(most.parsed, parsed);
    most.created = Math.max(most.created, created);
  };
  engine.write(first);
  engine.flush();
  for (let index = 0; index < PARTS; index++) {
    engine.write(part(index));
    measure(() => { engine.flush(); });
  }
  measure(() => { engine.finish(); });
  return { most, root };
}

const TABLE = "| a | b |\n|---|---|\n";

describe("a flush costs the same at the end", () => {
  test.each<[name: string, first: string, part: string, selector: string]>([
    ["a list", "- first\n", "- item with **bold**\n", "li"],
    ["a loose list", "- first\n\n", "- item with **bold**\n\n", "li > p"],
    ["a table", TABLE, "| 1 | `2` |\n", "tbody > tr"],
    ["a list in a list", "- first\n", "  - item\n", "li li"],
    ["a list in a list in a quote", "> - first\n", ">   - item\n", "blockquote li li"],
    ["a numbered list in a loose item", "1. first\n\n", "   7. item\n", "li li"],
    ["a table in a quote", TABLE.replaceAll(/^/gmu, "> ").slice(0, -2), "> | 1 | 2 |\n", "blockquote tbody > tr"],
    ["a table in an item", `- text\n\n${TABLE.replaceAll(/^/gmu, "  ").slice(0, -2)}`, "  | 1 | 2 |\n", "li tbody > tr"],
    ["paragraphs in a quote", "> first\n>\n", "> a *paragraph*\n>\n", "blockquote > p"],
    ["paragraphs in an item", "- first\n\n", "  a *paragraph*\n\n", "li > p"],
    ["paragraphs in an item on a tab", "-\tfirst\n\n", "\ta *paragraph*\n\n", "li > p"],
    ["headings in a tight item", "- first\n", "  # heading\n", "li > h1"],
    ["paragraphs in a quote in an item in a quote", "> 1. > first\n>    >\n", ">    > more\n>    >\n", "blockquote li blockquote > p"],
    ["definitions in a quote", "> first\n\n> [a]: /u\n", "> [b]: https://example.com\n>\n> [b]\n>\n", "blockquote a"],
    ["items with paragraphs", "* first\n", "* item\n\n  its paragraph\n", "li > p:last-child"],
    ["lists in quotes in items", "- > - first\n", "- > - item\n  >\n  >   more\n", "li > blockquote > ul > li"],
  ])("%s", (_name, first, part, selector) => {
    const { most, root } = grow(first, () => part);
    expect(root.querySelectorAll(selector).length).toBeGreaterThanOrEqual(PARTS);
    expect(most.parsed).toBeLessThan(MOST_PARSED);
    expect(most.created).toBeLessThan(MOST_CREATED);
  });

  test.each([
    ["at the top", "```python\n", ""],
    ["in an item", "- text\n\n  ```python\n", "  "],
    ["on an item's first line", "1. ```python\n", "   "],
    ["in a quote", "> ```python\n", "> "],
    ["in a list in a quote in an item", "- > text\n  >\n  > * ```python\n", "  >   "],
  ])("a fence %s", (_name, first, indentation) => {
    const { most, root } = grow(first, (index) => `${indentation}line ${index}\n${index % 9 ? "" : `${indentation.trimEnd()}\n`}`);
    const code = root.querySelector("code")!.textContent.split("\n");
    expect(code.filter((line) => /^line \d+$/u.test(line)).length).toBe(PARTS);
    expect(most.parsed).toBeLessThan(MOST_PARSED);
    expect(most.created).toBeLessThan(MOST_CREATED);
  });
});

describe("what is finished in an open container is not touched", () => {
  test.each([
    ["quote", "> *one*\n>\n> two\n>\n", "> three\n>\n> four\n", "em"],
    ["item", "- *one*\n\n  two\n\n", "  three\n\n  four\n", "em"],
    ["inner list", "- a\n  - *one*\n  - two\n", "  - three\n  - four\n", "em"],
    ["fence's container", "> *one*\n>\n> ```\n> code\n", "> more\n> ```\n>\n> text\n", "em"],
    ["inner table", "> | a |\n> |---|\n> | *one* |\n> | two |\n", "> | three |\n", "em"],
  ])("%s", (_name, first, more, selector) => {
    const root = document.createElement("div");
    const engine = createEngine(root);
    engine.write(first);
    engine.flush();
    const node = root.querySelector(selector)!;
    const changed: MutationRecord[] = [];
    const observer = new MutationObserver((records) => changed.push(...records));
    observer.observe(node.parentElement!, { subtree: true, childList: true, characterData: true, attributes: true });
    for (const character of more) {
      engine.write(character);
      engine.flush();
    }
    engine.finish();
    changed.push(...observer.takeRecords());
    observer.disconnect();
    const touched = changed.filter(({ target }) => target === node || node.contains(target));
    expect(touched).toEqual([]);
    expect(root.contains(node)).toBe(true);
  });

  test("a late loose item gives paragraphs to finished blocks of its own, and of items before", () => {
    const root = document.createElement("div");
    const engine = createEngine(root);
    for (const character of "- one\n- two\n  # head\n  [x]\n  - inner\n  - more\n") {
      engine.write(character);
      engine.flush();
    }
    expect(root.querySelectorAll("li > p").length).toBe(0);
    for (const character of "\n  end\n") {
      engine.write(character);
      engine.flush();
    }
    engine.finish();
    expect(Array.from(root.querySelectorAll("p"), (p) => p.textContent)).toEqual(["one", "two", "[x]", "end"]);
  });
});
