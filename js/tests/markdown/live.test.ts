// What the page shows while text is still coming: half-typed Markdown does not flash, finished blocks are not touched.
import { beforeEach, describe, expect, test, vi } from "vitest";

import { createEngine } from "../../src/markdown/engine";
import type { Engine } from "../../src/markdown/engine";
import { chunks, pieces, random } from "./inputs";

vi.setConfig({ testTimeout: 60_000 }); // a busy machine is no failure

let root: HTMLElement;
let engine: Engine;

beforeEach(() => {
  root = document.createElement("div");
  engine = createEngine(root);
});

function type(text: string): void {
  for (const character of text) {
    engine.write(character);
    engine.flush();
  }
}

/** The page's texts after each character, each once. */
function typed(text: string): string[] {
  const seen: string[] = [];
  for (const character of text) {
    type(character);
    const now = shape(root);
    if (now && now !== seen.at(-1)) seen.push(now);
  }
  return seen;
}

/** Tags and texts, without attributes and without the furniture. */
function shape(node: Node): string {
  if (node instanceof Text) return node.data;
  if (!(node instanceof Element) || node.matches("[role=toolbar]")) return "";
  const inside = Array.from(node.childNodes, shape).join("");
  if (node === root || node.matches("div")) return inside;
  const tag = node.localName;
  return `<${tag}>${inside}</${tag}>`;
}

describe("half-typed text does not flash", () => {
  test.each([
    ["emphasis", "a **bo** *c* ~~d~~ _e_", /[*~_]/u],
    ["nested emphasis", "**a *b* c**", /\*/u],
    ["a link", "[link](https://example.com/a_(b)) x", /[[\]()]|https/u],
    ["a link in emphasis", "**[bold link](https://example.com)**", /[[\]()*]/u],
    ["an image", "![alt](https://example.com/i.png)", /[[\]()]|https/u],
    ["an autolink", "<https://example.com>", /<h|h>/u],
    ["code", "`a * b` and ``c ` d``", /``|<p>`/u],
    ["a fence", "```python\nx = 1\n```\n", /`|python/u],
    ["a list", "- one\n- two\n  - three\n\n1. x\n", /<p>|-/u],
    ["a task list", "- [ ] open\n- [x] done\n", /\[|\]/u],
    ["a table", "| a | b |\n|---|---|\n| 1 | 2 |\n", /<p>|--/u],
    ["a table after text", "text\n| a | b |\n|:-:|---|\n| 1 | 2 |\n", /\| |--/u],
    ["a heading", "# head\n", /<p>|#/u],
    ["a rule", "a\n\n---\n\nb\n", /-|<h2>/u],
    ["a definition", "[a]\n\n[a]: https://example.com\n", /\]:/u],
  ])("%s", (_name, text, flash) => {
    for (const now of typed(text)) expect(now).not.toMatch(flash);
  });

  test("a setext heading is one only when its line is complete", () => {
    expect(typed("text\n- ")).toEqual(["<p>t</p>", "<p>te</p>", "<p>tex</p>", "<p>text</p>"]);
    engine.write("--\n");
    engine.flush();
    expect(shape(root)).not.toContain("<h2>"); // "- --" is no underline
  });

  test("what is no Markdown is shown as it is", () => {
    expect(typed("5*3 = 15 a_b").at(-1)).toBe("<p>5*3 = 15 a_b</p>");
    type("\n\ncost is $5 and");
    expect(shape(root)).toContain("<p>cost is $5 and</p>");
  });
});

describe("a link lives only when it is closed", () => {
  test("never with half a target", () => {
    const hrefs = new Set<string | null>();
    for (const character of "[a](https://example.com/path) <https://example.org/x>") {
      type(character);
      root.querySelectorAll("a").forEach((a) => hrefs.add(a.getAttribute("href")));
    }
    expect([...hrefs]).toEqual(["https://example.com/path", "https://example.org/x"]);
  });

  test("a definition counts once nothing can change it", () => {
    type("[a] b\n\n[a]: https://example.co");
    expect(root.querySelector("a")).toBeNull();
    type("m\n\nnext");
    expect(root.querySelector("a")?.getAttribute("href")).toBe("https://example.com/");
  });

  test("a late definition reaches finished paragraphs, items and rows, and only those that wait", () => {
    type("[a]\n\nother\n\n- [a]\n- x\n- y\n\n| h |\n|---|\n| [a] |\n| z |\n\nend\n\n");
    const other = root.querySelectorAll("p")[1]!.firstChild;
    type("[a]: https://example.com/late\n\nmore");
    expect(Array.from(root.querySelectorAll("a"), (a) => a.closest("p, li, td")?.localName)).toEqual(["p", "li", "td"]);
    expect(root.querySelectorAll("p")[1]!.firstChild).toBe(other);
  });
});

describe("what is finished is not touched", () => {
  test("nodes of frozen blocks, items, rows and code lines stay the same", () => {
    const text = "# Title\n\nA *paragraph*.\n\n- one\n- two\n- three\n\n```\ncode\nmore\n```\n\n| a |\n|---|\n| 1 |\n| 2 |\n\nlast";
    type(text.slice(0, text.indexOf("- three")));
    const early = [...root.querySelectorAll("h1, p, em, li:first-child")].map((node) => node.firstChild);
    type(text.slice(text.indexOf("- three"), text.indexOf("| 2")));
    const middle = [...root.querySelectorAll("code, td")].map((node) => node.firstChild);
    type(text.slice(text.indexOf("| 2")));
    engine.finish();
    expect(early.length + middle.length).toBe(6);
    for (const node of [...early, ...middle]) expect(root.contains(node ?? null)).toBe(true);
  });

  test("no mutation happens in a frozen block", () => {
    type("# Title\n\nA *paragraph* with `code`.\n\n> quote\n\nnow ");
    const changed: MutationRecord[] = [];
    const observer = new MutationObserver((records) => changed.push(...records));
    for (const frozen of [...root.children].slice(0, -1)) {
      observer.observe(frozen, { subtree: true, childList: true, characterData: true, attributes: true });
    }
    type("more text\n\n- and\n- a list\n");
    engine.finish();
    changed.push(...observer.takeRecords());
    observer.disconnect();
    expect(changed).toEqual([]);
  });

  test("growing text keeps its node", () => {
    type("some text");
    const node = root.querySelector("p")?.firstChild;
    type(" that grows");
    expect(root.querySelector("p")?.firstChild).toBe(node);
    expect(node?.textContent).toBe("some text that grows");
  });

  test("a list that turns out loose gets its paragraphs, in finished items too", () => {
    type("- one\n- two\n- three\n");
    expect(root.querySelectorAll("li > p").length).toBe(0);
    type("\n- four\n");
    expect(root.querySelectorAll("li > p").length).toBe(4);
  });

  test("top-level nodes are reported once each, in order", () => {
    const frozen: ChildNode[] = [];
    const into = document.createElement("div");
    const other = createEngine(into, (node) => frozen.push(node));
    const next = random(7);
    for (const part of chunks(pieces.join("\n"), 9, next)) {
      other.write(part);
      other.flush();
    }
    other.finish();
    expect(frozen).toEqual([...into.childNodes]);
  });
});

describe("long blocks", () => {
  test.each([
    ["formulas", "start *of*\n", "$x$ ".repeat(200), "p"],
    ["items", "- *a*\n- b\n", "- more\n".repeat(200), "ul"],
  ])("many %s at once come to a block that has no direction of its own until they are in", (_name, start, more, tag) => {
    const page = document.createElement("div");
    page.dir = "auto"; // not ours
    const root = page.appendChild(document.createElement("div"));
    root.className = "ns-markdown";
    const engine = createEngine(root);
    engine.write(start);
    engine.flush();
    const block = root.querySelector(tag)!;
    const directions: (string | null)[] = [];
    const insert = block.insertBefore.bind(block);
    vi.spyOn(block, "insertBefore").mockImplementation((node, before) => {
      directions.push(block.getAttribute("dir"), page.getAttribute("dir"));
      return insert(node, before);
    });
    engine.write(more);
    engine.flush();
    expect(directions.length).toBeGreaterThan(300);
    expect(new Set(directions)).toEqual(new Set([null, "auto"]));
    expect(block.getAttribute("dir")).toBe("auto");
  });

  test("a list has room for the number it starts with, also while it grows", () => {
    const classes = [99, 100, 9999, 10_000, 123_456_789].map((start) => {
      root.replaceChildren();
      engine = createEngine(root);
      type(`${start}. one\n${start}. two\n${start}. three\n`);
      return root.querySelector("ol")!.className;
    });
    expect(classes).toEqual(["", "ns-wide", "ns-wide", "ns-widest", "ns-widest"]);
  });

  test("an open fence grows by text nodes of bounded length", () => {
    engine.write("```\n");
    for (let line = 0; line < 500; line++) {
      engine.write(`line ${line} ${"x".repeat(40)}\n`);
      engine.flush();
    }
    const lengths = [...root.querySelectorAll("code > *")].flatMap(({ childNodes }) => Array.from(childNodes, (node) => (node as Text).length));
    expect(lengths.length).toBeGreaterThan(4);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(4096);
  });

  // 65,536 cells take jsdom seconds.
  test.runIf(process.env["NOTEBOOK_STREAM_WHOLE"])("a table stops where markdown-it stops filling in cells", () => {
    const columns = 700;
    engine.write(`|${"h|".repeat(columns)}\n|${"-|".repeat(columns)}\n`);
    for (let row = 0; row < 100; row++) {
      engine.write("|x|\n");
      if (row % 10 === 0) engine.flush();
    }
    engine.finish();
    expect(root.querySelectorAll("tbody tr").length).toBe(Math.floor(65_536 / (columns - 1)));
  }, 60_000);
});
