// Every prefix of half-typed Markdown: no raw mark shows, no wrong block, and what is shown is not taken back.
import { beforeEach, describe, expect, test, vi } from "vitest";

import { createEngine } from "../../src/markdown/engine";
import type { Engine } from "../../src/markdown/engine";
import { answers } from "./answers";
import { CASES, shape, visible } from "./half_typed";

vi.setConfig({ testTimeout: 60_000 }); // a busy machine is no failure

let root: HTMLElement;
let engine: Engine;

beforeEach(() => {
  root = document.createElement("div");
  engine = createEngine(root);
});

/** Types `text` and gives what the page shows after each character: shapes, and the texts that were taken back. */
function type(text: string): { shapes: string[]; takenBack: [string, string][] } {
  const shapes: string[] = [];
  const takenBack: [string, string][] = [];
  let before = visible(root);
  for (const character of text) {
    engine.write(character);
    engine.flush();
    shapes.push(shape(root));
    const now = visible(root);
    if (!now.startsWith(before.trimEnd())) takenBack.push([before, now]);
    before = now;
  }
  engine.finish();
  shapes.push(shape(root));
  if (!visible(root).startsWith(before.trimEnd())) takenBack.push([before, visible(root)]);
  return { shapes, takenBack };
}

describe("half-typed", () => {
  test.each(CASES)("%s", (_name, text, forbidden) => {
    const { shapes, takenBack } = type(text);
    for (const now of shapes) expect(now).not.toMatch(forbidden);
    expect(takenBack).toEqual([]);
  });
});

/** Text that looks like Markdown and is none: it shows as it is, soon. */
const PROSE: [name: string, text: string][] = [
  ["a price", "costs $5 and"],
  ["two prices", "US$5 to US$6, or $7 and $8, or $9.50, then"],
  ["a price in Chinese", "大约$5左右"],
  ["variables", "set $HOME/bin and $PATH to"],
  ["an index", "arr[0] and f[x] + g[1, 2] then"],
  ["brackets", "a [remark] and [1] and a list [1, 2, 3] then"],
  ["arithmetic", "5*3 = 15 and 2**10 is a_b then"],
  ["comparison", "a < b and c <d> e then"],
  ["an ampersand", "AT&T and Q & A then"],
  ["a bar", "P(A | B) is the then"],
  ["an exclamation", "Hello! It is ~5 then"],
  ["an escaped bracket", "a \\[remark with some more words then"],
];

describe("prose", () => {
  test.each(PROSE)("%s shows as it is, and nothing is taken back", (_name, text) => {
    const { takenBack } = type(text);
    expect(takenBack).toEqual([]);
    expect(visible(root)).toBe(text.replaceAll("\\", ""));
  });

  test.each(PROSE)("%s is not held back for long", (_name, text) => {
    engine.write(text);
    engine.flush();
    expect(visible(root)).toBe(text.replaceAll("\\", ""));
  });

  test.each([
    ["an open bracket", `see [${"word ".repeat(20)}`, 82],
    ["a lone dollar", `see $a + ${"b + ".repeat(30)}`, 82],
    ["a bar", `a | ${"b c ".repeat(60)}`, 203],
    ["a formula block that is none", `$$\nthis is only some text with words\n${"x ".repeat(200)}`, 40],
    ["a pointed bracket", `a <${"b".repeat(100)}`, 70],
    ["a heading mark", `a\n${"#".repeat(9)}x`, 12],
  ])("%s holds back a bounded length", (_name, text, most) => {
    let longest = 0;
    for (let length = 1; length <= text.length; length++) {
      engine.write(text[length - 1] ?? "");
      engine.flush();
      longest = Math.max(longest, length - visible(root).length);
    }
    expect(longest).toBeLessThanOrEqual(most);
  });
});

/** The answer's characters but white space, each with the elements it stands in. */
function characters(node: Node, path = ""): [character: string, path: string][] {
  if (node instanceof Text) return Array.from(node.data.replace(/\s/gu, ""), (character) => [character, path]);
  if (node instanceof Element && node.matches("[role=toolbar]")) return [];
  const inside = node instanceof Element && node !== root ? `${path}>${node.localName}` : path;
  return Array.from(node.childNodes).flatMap((child) => characters(child, inside));
}

/** What Markdown itself demands: the elements of what was shown, before and after; the last one changes the text, too. */
const REASONS: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "a link lives when it is closed": [">p", ">p>a"],
  "a link in a list does so, too": [">ol>li", ">ol>li>a"],
  "a table without bars at its sides is one by its second line": [">p", ">div>table>thead>tr>th"],
  "a list turns out loose": [">ul>li>strong", ">ul>li>p>strong"],
  "a setext heading is one by its second line": [">p", ">h2"],
  "a reference is defined later": [">ul>li>p [one][ref]", ">ul>li>p>a oneandapic"],
};

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  EXPLAINS: ["a link in a list does so, too"],
  COMPUTES: [],
  CHINESE: ["a link lives when it is closed", "a table without bars at its sides is one by its second line"],
  LISTS: ["a list turns out loose", "a setext heading is one by its second line", "a reference is defined later"],
};

/** What of `before` is not as it was, if anything. */
function change(before: ReturnType<typeof characters>, now: typeof before): string | undefined {
  const at = before.findIndex(([was, path], index) => now[index]?.[0] !== was || now[index]?.[1] !== path);
  if (at < 0) return undefined;
  const words = (of: typeof before) => of.slice(at, at + 10).map(([character]) => character).join("");
  const isText = !words(now).startsWith(words(before));
  const changed = [before, now].map((of) => [of[at]?.[1], ...(isText ? [words(of)] : [])].join(" "));
  return Object.keys(REASONS).find((reason) => REASONS[reason]?.join() === changed.join()) ?? changed.join(" -> ");
}

describe("an answer only grows, but where Markdown demands a change", () => {
  test.each(Object.keys(answers))("%s", (name) => {
    const changes: string[] = [];
    let before = characters(root);
    for (const character of [...(answers[name] ?? ""), "end"]) {
      if (character === "end") engine.finish();
      else {
        engine.write(character);
        engine.flush();
      }
      const now = characters(root);
      changes.push(change(before, now) ?? "");
      before = now;
    }
    expect(changes.filter(Boolean)).toEqual(EXPECTED[name]);
  });
});
