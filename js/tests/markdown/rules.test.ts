// What each rule is for, case by case: formulas, bare addresses, strikethrough, and Markdown that later text changes.
// Each case is rendered whole, by character and cut in two anywhere.
import { describe, expect, test, vi } from "vitest";

import { createEngine } from "../../src/markdown/engine";
import { md, parseBlocks, parseInline } from "../../src/markdown/parser";
import { MAX_TEX } from "../../src/markdown/rules/formula";
import { markdownIt, streamed, whole } from "./harness";
import { pick, random } from "./inputs";
import { shapeOfHtml, shapeOfPage } from "./shape";

vi.setConfig({ testTimeout: 60_000 }); // a busy machine is no failure

/** Each way to cut `text` gives the same page. */
function pages(text: string): HTMLElement[] {
  const splits = Array.from({ length: text.length }, (_, at) => streamed([text.slice(0, at), text.slice(at)]));
  return [whole(text), streamed(Array.from(text)), ...splits];
}

function expectPage(text: string, html: string): void {
  const expected = shapeOfHtml(html);
  for (const page of pages(text)) expect(shapeOfPage(page)).toBe(expected);
}

const inline = (source: string) => `<x-math class="inline">${source}</x-math>`;
const flow = (source: string) => `<x-math class="flow">${source}</x-math>`;
const block = (source: string) => `<x-math class="block">${source}</x-math>`;

describe("formulas in a line", () => {
  test.each([
    ["a dollar", "a $x$ b", `<p>a ${inline("$x$")} b</p>`],
    ["in Chinese", "其中$x$是", `<p>其中${inline("$x$")}是</p>`],
    ["in parentheses", "($x$), $y$.", `<p>(${inline("$x$")}), ${inline("$y$")}.</p>`],
    ["over two lines", "$a\nb$", `<p>${inline("$a\nb$")}</p>`],
    ["no emphasis in it", "$a_b_c$ *x $a*b$*", `<p>${inline("$a_b_c$")} <em>x ${inline("$a*b$")}</em></p>`],
    ["an escaped dollar in it", "$a\\$b$", `<p>${inline("$a\\$b$")}</p>`],
    ["two in a row", "$a$$b$", `<p>${inline("$a$")}$b$</p>`],
    ["round brackets", "a \\(x\\) b", `<p>a ${inline("\\(x\\)")} b</p>`],
    ["round brackets, white space at the sides", "\\( x \\)", `<p>${inline("\\( x \\)")}</p>`],
    ["a display in text", "so $$x$$ and", `<p>so ${flow("$$x$$")} and</p>`],
    ["a display with dollars in it", "so $$\\text{if $x$}$$ it", `<p>so ${flow("$$\\text{if $x$}$$")} it</p>`],
    ["square brackets in text", "so \\[x\\] and", `<p>so ${flow("\\[x\\]")} and</p>`],
    ["a display with text after it", "$$x$$ and", `<p>${flow("$$x$$")} and</p>`],
    ["in a heading", "# a $x$", `<h1>a ${inline("$x$")}</h1>`],
    ["in a link", "[a $]$](https://e.com)", `<p><a href="https://e.com">a ${inline("$]$")}</a></p>`],
    ["in a cell", "a|b\n-|-\n$x$|$y|z$", `<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>${inline("$x$")}</td><td>$y</td></tr></tbody></table>`],
    ["after two backslashes", "\\\\\\(x\\)", `<p>\\${inline("\\(x\\)")}</p>`],
    ["two backslashes at its end", "\\(x\\\\\\)", `<p>${inline("\\(x\\\\\\)")}</p>`],
  ])("%s", (_name, text, html) => {
    expectPage(text, html);
  });

  test.each([
    ["prices", "$5 and $6"],
    ["prices with a country", "US$5 to US$6"],
    ["variables", "$HOME/$PATH"],
    ["currency after the number", "5$ and 6$"],
    ["white space within", "$ x $ and $x $"],
    ["a letter before", "a$x$"],
    ["a digit after", "$x$5"],
    ["escaped", "\\$x$"],
    ["unclosed", "$x and $$y and z"],
    ["empty", "$$$$ and $$ $$ and \\(\\) and \\[ \\]"],
    ["three dollars", "$$$x$$$"],
    ["a paragraph's end within", "$x\n\ny$"],
  ])("prose: %s", (_name, text) => {
    for (const page of pages(text)) expect(page.querySelector(".ns-math")).toBeNull();
    expect(whole(text).textContent.replaceAll("\n", "")).toBe(text.replaceAll("\n", "").replace(/\\(?=\W)/gu, ""));
  });

  test.each([
    ["code", "`$x$` and `\\(x\\)`"],
    ["a fence", "```\n$x$\n$$\ny\n$$\n```"],
    ["indented code", "    $x$\n    $$y$$"],
    ["an autolink", "<https://e.com/$x$>"],
    ["an address", "https://e.com/$x$/y"],
  ])("none in %s", (_name, text) => {
    for (const page of pages(text)) expect(page.querySelector(".ns-math")).toBeNull();
  });

  test("not longer than its limit", () => {
    const formulas = (length: number) => whole(`\\(${"x".repeat(length)}\\)`).querySelectorAll(".ns-math").length;
    expect([formulas(MAX_TEX), formulas(MAX_TEX + 1)]).toEqual([1, 0]);
  });
});

describe("formula blocks", () => {
  test.each([
    ["on a line", "$$x$$", block("$$x$$")],
    ["on lines", "$$\nx\n$$\n", block("$$\nx\n$$")],
    ["square brackets", "\\[\nx\n\\]\n", block("\\[\nx\n\\]")],
    ["indented by three", "   $$\n   x\n   $$", block("$$\nx\n$$")],
    ["indented by four: code", "    $$\n    x\n    $$", "<pre><code>$$\nx\n$$\n</code></pre>"],
    ["white space at its end", "$$\nx\n$$ \t\ny", `${block("$$\nx\n$$")}<p>y</p>`],
    ["begins and ends with text", "$$a\nb$$", block("$$a\nb$$")],
    ["between paragraphs", "a\n$$\nx\n$$\nb", `<p>a</p>${block("$$\nx\n$$")}<p>b</p>`],
    [
      "lines that look like blocks",
      "$$\n- a\n+ b\n# c\n> d\n```\n===\n1. e\n***\n| f |\n|---|\n    g\n$$",
      block("$$\n- a\n+ b\n# c\n&gt; d\n```\n===\n1. e\n***\n| f |\n|---|\n    g\n$$"),
    ],
    ["on a lazy line, over a quote's own blank line", "> a\n$$\nb\n> c\n>\n> d$$", "<blockquote><p>a</p></blockquote>" + block("$$\nb\n> c\n>\n> d$$")],
    ["after a definition", "[a]: /u\n$$\nx\n$$", block("$$\nx\n$$")],
    ["in a list", "- a\n  $$\n  x\n  $$\n- b", `<ul><li>a${block("$$\nx\n$$")}</li><li>b</li></ul>`],
    ["first in an item", "1. $$\n   x\n   $$", `<ol><li>${block("$$\nx\n$$")}</li></ol>`],
    ["ends a list", "- a\n$$\nx\n$$", `<ul><li>a</li></ul>${block("$$\nx\n$$")}`],
    ["ends a list and takes in what looks like it", "- a\n$$\n- b\n- c\n$$", `<ul><li>a</li></ul>${block("$$\n- b\n- c\n$$")}`],
    ["in a quote", "> $$\n> x\n> $$\n> b", `<blockquote>${block("$$\nx\n$$")}<p>b</p></blockquote>`],
    ["ends a quote", "> a\n$$\nx\n$$", `<blockquote><p>a</p></blockquote>${block("$$\nx\n$$")}`],
    ["ends a table", "a|b\n-|-\n$$\n1|2\n$$", `<table><thead><tr><th>a</th><th>b</th></tr></thead></table>${block("$$\n1|2\n$$")}`],
    ["is no table's header", "$$ a|b\n-|-\n$$", block("$$ a|b\n-|-\n$$")],
    ["is no setext heading", "$$\nx\n$$\n===", `${block("$$\nx\n$$")}<p>===</p>`],
  ])("%s", (_name, text, html) => {
    expectPage(text, html);
  });

  test.each([
    ["unclosed", "$$\nx\n# h", "<p>$$\nx</p><h1>h</h1>"],
    ["a blank line within", "$$\nx\n\ny\n$$", "<p>$$\nx</p><p>y\n$$</p>"],
    ["a blank line in a quote", "> $$\n>\n> $$", "<blockquote><p>$$</p><p>$$</p></blockquote>"],
    ["empty", "$$\n$$", "<p>$$\n$$</p>"],
    ["its item ends", "- $$\n- x\n- $$", "<ul><li>$$</li><li>x</li><li>$$</li></ul>"],
    ["its quote ends", "> $$\n> x\n\n$$", "<blockquote><p>$$\nx</p></blockquote><p>$$</p>"],
    ["three dollars", "$$$\nx\n$$$", "<p>$$$\nx\n$$$</p>"],
  ])("none: %s", (_name, text, html) => {
    expectPage(text, html);
  });

  test("text after the closing mark: the first line's formula stands in the text", () => {
    expectPage("$$\nx\n$$ so\n- a", `<p>${flow("$$\nx\n$$")} so</p><ul><li>a</li></ul>`);
  });

  test("not longer than its limit, and nothing waits for a longer one", () => {
    const lines = "x\n".repeat(MAX_TEX / 2);
    expect(whole(`$$\n${lines.slice(2)}$$`).querySelectorAll(".ns-math").length).toBe(1);
    const text = `$$\n${lines}# head\n`;
    let finished = 0;
    const engine = createEngine(document.createElement("div"), () => finished++);
    engine.write(text);
    engine.flush();
    expect(finished).toBe(2);
  });

  test("what an open formula may take in is not finished, and is when a blank line ends it", () => {
    let finished = 0;
    const engine = createEngine(document.createElement("div"), () => finished++);
    const counts = ["$$\n# a\n", "# b\n", "\n", "c\n\n"].map((text) => {
      engine.write(text);
      engine.flush();
      return finished;
    });
    expect(counts).toEqual([0, 0, 3, 4]);
  });

  test("a mark in code holds nothing back", () => {
    let finished = 0;
    const engine = createEngine(document.createElement("div"), () => finished++);
    engine.write("```\n$$\n```\ntext\n# heading\n");
    engine.flush();
    expect(finished).toBe(3);
  });
});

const a = (href: string, text = href) => `<a href="${href}">${text}</a>`;

describe("bare addresses", () => {
  test.each([
    ["at the end", "see https://e.com/a", `<p>see ${a("https://e.com/a")}</p>`],
    ["with a path that looks like emphasis", "https://e.com/_a_/*b* c", `<p>${a("https://e.com/_a_/*b")}* c</p>`],
    ["in emphasis", "**https://e.com/** *www.e.com*", `<p><strong>${a("https://e.com/")}</strong> <em>${a("http://www.e.com", "www.e.com")}</em></p>`],
    ["in quotes", `"https://e.com", 'https://e.com'`, `<p>"${a("https://e.com")}", '${a("https://e.com")}'</p>`],
    ["in brackets", "[https://e.com/x] [a: https://e.com/x[0]]", `<p>[${a("https://e.com/x")}] [a: ${a("https://e.com/x%5B0%5D", "https://e.com/x[0]")}]</p>`],
    ["in Chinese", "请看https://e.com/x。然后（https://e.com/y）", `<p>请看${a("https://e.com/x")}。然后（${a("https://e.com/y")}）</p>`],
    ["on this machine", "http://localhost:8888/lab?token=1 x", `<p>${a("http://localhost:8888/lab?token=1")} x</p>`],
    ["in a heading", "# https://e.com", `<h1>${a("https://e.com")}</h1>`],
    ["as a link's text", "[https://e.com](https://f.com)", `<p>${a("https://f.com", "https://e.com")}</p>`],
    ["as the text of a link that is none", "[https://e.com/a](", `<p>[${a("https://e.com/a")}](</p>`],
    ["entities", "https://e.com?a&amp; b", `<p>${a("https://e.com?a")}&amp; b</p>`],
    ["an e-mail address", "<b> a.b+c@e.com.", `<p>&lt;b> ${a("mailto:a.b+c@e.com", "a.b+c@e.com")}.</p>`],
    ["a package is no e-mail address", "react@18.2.0 and a@b", "<p>react@18.2.0 and a@b</p>"],
    ["no domain", "http:// https://. www. www.a_b.c_d http://a_b", "<p>http:// https://. www. www.a_b.c_d http://a_b</p>"],
    ["within a word", "xhttp://e.com awww.e.com", "<p>xhttp://e.com awww.e.com</p>"],
    ["in code", "`https://e.com`", "<p><code>https://e.com</code></p>"],
    ["another scheme", "ftp://e.com javascript://e.com", "<p>ftp://e.com javascript://e.com</p>"],
  ])("%s", (_name, text, html) => {
    expectPage(text, html);
  });

  test("its host is told where the text hides it", () => {
    const link = whole("https://github.com@evil.test/x").querySelector("a");
    expect(link?.getAttribute("aria-description")).toBe("evil.test");
  });

  test("no link while it is being typed", () => {
    const links = (text: string, open: boolean) =>
      parseInline(text, new Map(), new Set(), { open }).filter(({ type }) => type === "link_open").length;
    for (const text of ["x https://e.com/a", "www.e.com", "a@e.com", "a@e.com.", "**www.e.com**", "https://e.com,"]) {
      expect([text, links(text, true), links(text, false)]).toEqual([text, 0, 1]);
    }
    expect(links("https://e.com x", true)).toBe(1);
    const typing = streamedOpen("see https://e.com/a_b_c");
    expect(typing.querySelector("a, em")).toBeNull();
    expect(typing.textContent).toBe("see https://e.com/a_b_c");
    expect(streamedOpen("see https://e.com/a_b_c it").querySelector("a")).not.toBeNull();
    expect(streamedOpen("see https://e.com/a_b_c\n").querySelector("a")).not.toBeNull();
  });
});

/** The page while more may come. */
function streamedOpen(text: string): HTMLElement {
  const root = document.createElement("div");
  const engine = createEngine(root);
  engine.write(text);
  engine.flush();
  return root;
}

test.each([
  ["one or two", "~a~ ~~b~~", "<p><s>a</s> <s>b</s></p>"],
  ["not mixed", "~a~~ b", "<p>~a~~ b</p>"],
  ["about, struck", "~~about ~5~~", "<p><s>about ~5</s></p>"],
  ["not three", "~~~a~~~ b", "<p>~~~a~~~ b</p>"],
  ["with emphasis", "~a **b~ c**", "<p><s>a **b</s> c**</p>"],
  ["nested", "~~a ~b~ c~~", "<p><s>a <s>b</s> c</s></p>"],
  ["about", "~5 and ~6, ~/x ~", "<p>~5 and ~6, ~/x ~</p>"],
])("strikethrough: %s", (_name, text, html) => {
  expectPage(`x ${text}`, html.replace("<p>", "<p>x "));
});

test("a task is one by its own brackets, with text after them", () => {
  for (const page of pages("- \\[ ] a\n- [ ] b\n- [x]\n- &#91;x] c\n")) {
    expect(Array.from(page.querySelectorAll("li"), (item) => item.textContent)).toEqual(["[ ] a", "☐ b", "[x]", "[x] c"]);
  }
});

describe("what later text changes", () => {
  const link = (text: string) => a("https://e.com/", text);
  test.each([
    ["a late definition", "[a] and ![b][a]\n\n- [a]\n\n> [a]\n\n[a]: https://e.com/", `<p>${link("a")} and <img src="https://e.com/" alt="b"></p><ul><li>${link("a")}</li></ul><blockquote><p>${link("a")}</p></blockquote>`],
    ["a definition in a table cell's sight", "a|b\n-|-\n[a]|c\n\n[a]: https://e.com/", `<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>${link("a")}</td><td>c</td></tr></tbody></table>`],
    ["a definition in a quote", "[a]\n\n> [a]: https://e.com/", `<p>${link("a")}</p><blockquote></blockquote>`],
    ["the first definition counts", "[a]: https://e.com/\n\n[a]\n\n[a]: https://f.com/", `<p>${link("a")}</p>`],
    ["a definition's title over lines", '[a]: https://e.com/\n"title\n===\nmore"\n\n[a]', `<p>${link("a")}</p>`],
    ["a definition's title over lazy lines of a quote", '> [a]: https://e.com/\n"title\n> ===\n> more"\n> ***\n\n[a]', `<blockquote><hr></blockquote><p>${link("a")}</p>`],
    ["what looked like a definition", '[a]: https://e.com/ "title\nmore\n\n[a]', `<p>[a]: ${a("https://e.com/")} "title\nmore</p><p>[a]</p>`],
    ["a list that turns loose", "- a\n- b\n  - c\n\n- d", "<ul><li><p>a</p></li><li><p>b</p><ul><li>c</li></ul></li><li><p>d</p></li></ul>"],
    ["a nested list that turns loose", "- a\n  - b\n\n  - c\n- d", "<ul><li>a<ul><li><p>b</p></li><li><p>c</p></li></ul></li><li>d</li></ul>"],
    ["a setext heading", "a\nb\n---\nc\n===", "<h2>a\nb</h2><h1>c</h1>"],
    ["lazy continuation", "> a\nb\n> - c\nd\n\n- e\nf\n  > g\nh", "<blockquote><p>a\nb</p><ul><li>c\nd</li></ul></blockquote><ul><li><p>e\nf</p><blockquote><p>g\nh</p></blockquote></li></ul>".replace("<p>e\nf</p>", "e\nf")],
    ["a table in a list", "- | a | b |\n  |---|---|\n  | 1 | 2 |\n- c", "<ul><li><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></li><li>c</li></ul>"],
    ["a table in a quote", "> a | b\n> --|--\n> 1 | 2\n\nc", "<blockquote><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></blockquote><p>c</p>"],
    ["a fence in a list", "1. a\n   ```py\n   b\n\n     c\n   ```\n2. d", '<ol><li>a<pre><code class="language-py">b\n\n  c\n</code></pre></li><li>d</li></ol>'],
    ["a fence in a quote ends with it", "> ```\n> a\n\nb", "<blockquote><pre><code>a\n</code></pre></blockquote><p>b</p>"],
    ["a fence with a bar in its opening line", "``` a | b\nc\n--|--\n1 | 2", "<pre><code class=\"language-a\">c\n--|--\n1 | 2</code></pre>"],
    ["CRLF", "a\r\nb\r\n\r\n- c\r\n- d\r\n\r\n```\r\ne\r\n```\r\n", "<p>a\nb</p><ul><li>c</li><li>d</li></ul><pre><code>e\n</code></pre>"],
    ["CR", "a\r\r- b\r- c\r", "<p>a</p><ul><li>b</li><li>c</li></ul>"],
    ["tabs", "-\ta\n\n\tb\n\n\t\tc\n>\t\td", "<ul><li><p>a</p><p>b</p><pre><code>c\n</code></pre></li></ul><blockquote><pre><code>  d\n</code></pre></blockquote>"],
    ["NUL", "a\0b `c\0`\n\n\0", "<p>a\uFFFDb <code>c\uFFFD</code></p><p>\uFFFD</p>"],
    ["what looks like a footnote", "a[^1]\n\n[^1]: a note", "<p>a[^1]</p><p>[^1]: a note</p>"],
  ])("%s", (_name, text, html) => {
    expectPage(text, html);
  });
});

describe("brackets that nothing closes", () => {
  test("change nothing", () => {
    const pieces = ["[", "[", "]", "!", "![", "](", "(u)", "[a]: /u\n\n", "a", "`", "\\", "*", "<", ">", "\n", "$"];
    const next = random(7);
    const texts = Array.from({ length: 3000 }, () => Array.from({ length: 1 + 30 * next() }, () => pick(pieces, next)).join(""));
    const ours = texts.map(markdownIt);
    md.inline.ruler.disable("unclosed_bracket");
    const theirs = texts.map(markdownIt);
    md.inline.ruler.enable("unclosed_bracket");
    expect(ours).toEqual(theirs);
    expect(ours.filter((html) => html.includes("<a ")).length).toBeGreaterThan(100);
  });

  test.each(["[", "!["])("%s is not looked for an end", (open) => {
    const look = vi.spyOn(md.helpers, "parseLinkLabel");
    parseInline(open.repeat(1000), new Map(), new Set());
    expect(look).not.toHaveBeenCalled();
    parseInline(`${open.repeat(10)}]`, new Map(), new Set());
    expect(look).toHaveBeenCalled();
  });
});

/** Milliseconds of the processor, which does not count what else the machine is doing. */
const BOUND = 5_000;

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

test.each([
  ["dollars", "$"],
  ["dollars in pairs", "$$ "],
  ["dollars and letters", "$a "],
  ["round brackets", "\\("],
  ["lines of square brackets", "\\[\n"],
  ["lines of dollars", "$$ x\n"],
  ["quoted lines of square brackets", "> \\[\n"],
  ["schemes", "http://"],
  ["addresses in brackets", "http://a.b/]"],
  ["domains that are none", "_www."],
  ["e-mail addresses", "a@"],
  ["tildes", "~a~~b "],
  ["short words", "a = "],
])("100,000 characters of %s take no time to speak of", (_name, unit) => {
  const text = unit.repeat(100_000 / unit.length);
  for (const end of ["", "\\)", "\n\\]"]) {
    const start = cpu();
    for (const token of parseBlocks(text + end).tokens) {
      if (token.type === "inline") parseInline(token.content, new Map(), new Set());
    }
    expect(cpu() - start).toBeLessThan(BOUND);
  }
});
