// Parts that come late, wrong or never: what the page shows then, and what it never shows.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { createHighlighter } from "../../src/highlight/highlighter";
import { createTypesetter } from "../../src/maths/typesetter";
import { createMarkdownStream } from "../../src/markdown/index";
import type { Highlighter, MarkdownOptions, MarkdownStream, Piece, Typesetter } from "../../src/markdown/index";
import { patch } from "../../src/markdown/nodes";
import type { MathView } from "../../src/markdown/nodes";
import { createParts, usePartsIn } from "../../src/markdown/parts";
import { SLICE_MS } from "../../src/markdown/slices";

let root: HTMLElement;
let stream: MarkdownStream;

beforeAll(async () => {
  // Once for all: what is compiled first is slow, and slow parses are followed by pauses.
  const somewhere = document.createElement("div");
  const first = createMarkdownStream(somewhere, highlighting());
  first.append(`\`\`\`python\n${PYTHON}\`\`\`\n\n- $a$\n`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  first.destroy();
});

beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  stream.destroy();
  root.remove();
});

const open = (options: MarkdownOptions): void => {
  stream = createMarkdownStream(root, { onError: () => undefined, ...options });
};
const highlighting = (): MarkdownOptions => ({ highlighter: () => Promise.resolve(createHighlighter()) });
/** Waits until the page has stood still for a while: the first parse may be followed by a pause. */
async function flush(): Promise<void> {
  const look = (): string => `${root.getElementsByTagName("*").length} ${root.textContent}`;
  for (let before = "", still = 0; still < 2; before = look()) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    still = look() === before ? still + 1 : 0;
  }
}
const until = (check: () => boolean): Promise<void> => vi.waitFor(() => expect(check()).toBe(true), { timeout: 10_000 });
const codeOf = (): HTMLElement => root.querySelector<HTMLElement>("pre code")!;
/** What the boxes of lines hold. */
const leaves = (): ChildNode[] => [...codeOf().children].flatMap(({ childNodes }) => [...childNodes]);
const spans = (): string[] => [...codeOf().querySelectorAll("span > span")].map(({ className, textContent }) => `${className} ${textContent}`);

async function write(text: string, size = text.length): Promise<void> {
  for (let at = 0; at < text.length; at += size) {
    stream.append(text.slice(at, at + size));
    await flush();
  }
}

const PYTHON = 'def f(x):\n    """two\n    lines"""\n\n    return x + 1  # end\n';

describe("code", () => {
  test("each finished line is coloured, the one being typed is plain, the last one too at the end", async () => {
    open(highlighting());
    await write("```python\ndef f():\n    ret");
    expect(spans()).toContain("ns-keyword def ");
    expect(leaves().at(-1)).toBeInstanceOf(Text);
    expect(codeOf().textContent).toBe("def f():\n    ret");
    await write("urn 1");
    expect(spans().join()).not.toContain("return");
    stream.end();
    await flush();
    expect(spans().join()).toContain("ns-keyword return");
    expect(codeOf().textContent).toBe("def f():\n    return 1");
  });

  test.each([1, 3, 7, 1000])("colours do not depend on the pieces (%i)", async (size) => {
    open(highlighting());
    const text = `\`\`\`python\n${PYTHON}\`\`\`\n\nend`;
    for (let at = 0; at < text.length; at += size) stream.append(text.slice(at, at + size));
    stream.end();
    await until(() => spans().some((span) => span.includes("return")));
    await flush();
    expect(codeOf().textContent).toBe(PYTHON.slice(0, -1));
    const shown = leaves().map((node) => [(node as Partial<Element>).className, node.textContent]);
    expect(shown).toEqual([
      ["ns-keyword", "def "], ["ns-definition", "f"], [undefined, "(x):"], [undefined, "\n    "], ["ns-string", '"""two'],
      [undefined, "\n"], ["ns-string", '    lines"""'], [undefined, "\n"], [undefined, "\n    "], ["ns-keyword", "return"],
      [undefined, " x "], ["ns-operator", "+ "], ["ns-number", "1  "], ["ns-comment", "# end"],
    ]); // prettier-ignore
  });

  test.each([1, 13, 100_000])("boxes of lines hold the same, in pieces of %i, coloured or not", async (size) => {
    const code = Array.from({ length: 200 }, (_, i) => (i % 3 ? `x${i} = ${i}` : "")).join("\n");
    const boxes = [];
    for (const options of [{}, highlighting()]) {
      open(options);
      stream.append("```python\n");
      for (let at = 0; at < code.length; at += size) {
        stream.append(code.slice(at, at + size));
        if (at % 7 === 0) await Promise.resolve();
      }
      stream.end();
      await flush();
      expect(codeOf().textContent).toBe(code);
      boxes.push([...codeOf().children].map(({ textContent }) => textContent));
      stream.destroy();
    }
    expect(boxes[0]).toHaveLength(4);
    expect(boxes[0]!.every((text, i) => i === 3 || text.split("\n").length === 65)).toBe(true);
    expect(boxes[1]).toEqual(boxes[0]);
  });

  test("in lists and quotes, too, and two blocks at once", async () => {
    open(highlighting());
    await write("> ```js\n> let a = 1\n> ```\n\n- ```python\n  import b\n  ```\n- x\n");
    stream.end();
    await flush();
    const codes = [...root.querySelectorAll("pre code")];
    expect(codes.map((code) => code.querySelector(".ns-keyword")?.textContent.trim())).toEqual(["let", "import"]);
  });

  test("what was shown before the highlighter came gets its colours", async () => {
    let arrive: (part: Highlighter) => void = () => undefined;
    const highlighter = vi.fn(() => new Promise<Highlighter>((resolve) => (arrive = resolve)));
    open({ highlighter });
    await write(`\`\`\`python\n${PYTHON}\`\`\`\n\n\`\`\`python\nimport a\nimport b`);
    expect(root.querySelector("pre span > span")).toBeNull();
    arrive(createHighlighter());
    await flush();
    expect([...root.querySelectorAll("pre .ns-keyword")].map(({ textContent }) => textContent.trim())).toEqual(["def", "return", "import"]);
    expect(highlighter).toHaveBeenCalledTimes(1);
  });

  test("neither indented code nor a fence without a language asks for it", async () => {
    const highlighter = vi.fn(() => Promise.resolve(createHighlighter()));
    open({ highlighter });
    await write("    indented\n\n```\nplain\n```\n");
    expect(highlighter).not.toHaveBeenCalled();
  });

  test("invisible characters stay marked", async () => {
    open(highlighting());
    await write('```python\na = "x\u202Ey" # \u200B\n```\n');
    expect(codeOf().textContent).toBe('a = "x⟨U+202E⟩y" # ⟨U+200B⟩');
    expect(spans().length).toBeGreaterThan(1);
  });

  test("a very long line is plain, those after it are not", async () => {
    open(highlighting());
    await write(`\`\`\`python\n${"import ".repeat(800)}\nimport b\n\`\`\`\n`);
    expect(spans()).toEqual(["ns-keyword import"]);
  });

  test("Copy code takes what is shown", async () => {
    const copyText = vi.fn(() => Promise.resolve());
    open({ ...highlighting(), copyText });
    await write(`\`\`\`python\n${PYTHON}\`\`\`\n`);
    root.querySelector<HTMLElement>(".ns-copy")!.click();
    await flush();
    expect(copyText).toHaveBeenCalledWith(PYTHON.slice(0, -1));
  });

  test("a selection in finished lines survives, and one in plain lines waits", async () => {
    open(highlighting());
    await write("```python\nimport a\nimport b\nimp");
    const first = codeOf().querySelector("span > span")!.firstChild!;
    document.getSelection()!.setBaseAndExtent(first, 1, first, 4);
    await write("ort c\nimport d\n");
    expect(document.getSelection()!.toString()).toBe("mpo");
    await write("wait");
    const typed = leaves().at(-1)!;
    document.getSelection()!.setBaseAndExtent(typed, 1, typed, 3);
    const before = spans();
    await write(" for\nme\n");
    expect(document.getSelection()!.toString()).toBe(typed.textContent!.slice(1, 3));
    expect(spans()).toEqual(before);
    document.getSelection()!.removeAllRanges();
    await until(() => spans().length > before.length);
  });

  test("a late highlighter never takes the page for long", async () => {
    let arrive: (part: Highlighter) => void = () => undefined;
    open({ highlighter: () => new Promise<Highlighter>((resolve) => (arrive = resolve)) });
    await write(`\`\`\`python\n${PYTHON.repeat(200)}\`\`\`\n`);
    const text = codeOf().textContent;
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    arrive(createHighlighter());
    await vi.waitFor(() => expect(leaves().at(-1)?.nodeName).toBe("SPAN"), { timeout: 20_000, interval: 200 });
    clearInterval(turning);
    expect(turns).toBeGreaterThan(2); // other tasks ran in between
    expect(SLICE_MS).toBeLessThanOrEqual(8);
    expect(codeOf().textContent).toBe(text);
  }, 30_000);

  test("nothing is done in a page that was taken away", async () => {
    let arrive: (part: Highlighter) => void = () => undefined;
    open({ highlighter: () => new Promise<Highlighter>((resolve) => (arrive = resolve)) });
    await write(`\`\`\`python\n${PYTHON}\`\`\`\n`);
    const code = codeOf();
    stream.destroy();
    const spy = vi.fn(createHighlighter().open("python"));
    arrive({ open: () => spy });
    await flush();
    expect(code.querySelector("span > span")).toBeNull();
    expect(spy).not.toHaveBeenCalled();
  });
});

describe("a highlighter that is broken or hostile leaves plain code and the rest of the answer", () => {
  const line = (pieces: unknown): MarkdownOptions => ({
    highlighter: () => Promise.resolve({ open: () => () => pieces as Piece[] }),
  });
  const throws = (): never => {
    throw new Error("broken");
  };
  test.each<[string, MarkdownOptions]>([
    ["its loader throws", { highlighter: throws }],
    ["its loader rejects", { highlighter: () => Promise.reject(new Error("broken")) }],
    ["it never comes", { highlighter: () => new Promise(() => undefined) }],
    ["it is nothing", { highlighter: () => Promise.resolve(null as unknown as Highlighter) }],
    ["it is something else", { highlighter: () => Promise.resolve({ open: 7 } as unknown as Highlighter) }],
    ["open throws", { highlighter: () => Promise.resolve({ open: throws }) }],
    ["open gives nonsense", { highlighter: () => Promise.resolve({ open: () => "x" as never }) }],
    ["a line throws", { highlighter: () => Promise.resolve({ open: () => throws }) }],
    ["no pieces", line(undefined)],
    ["pieces are text", line("import a")],
    ["a piece is nothing", line([null])],
    ["other text", line([{ text: "rm -rf ~" }])],
    ["text is missing", line([])],
    ["an unknown kind", line([{ text: "import a", kind: "jp-Button evil" }])],
    ["a text that changes", line([{ get text() { return Math.random() < 2 ? `<b>${Math.random()}` : ""; } }])], // prettier-ignore
    ["a text that is no text", line([{ text: { toString: () => "import a" } }])],
  ])("%s", async (_, options) => {
    open(options);
    await write("```python\nimport a\nimport b\n```\n\nafter **it**");
    stream.end();
    expect(codeOf().textContent).toBe("import a\nimport b");
    expect(codeOf().querySelector("span > *")).toBeNull();
    expect(root.querySelector("strong")?.textContent).toBe("it");
  });

  test("one that breaks later keeps the colours it gave", async () => {
    let lines = 0;
    const next = (text: string): Piece[] => (++lines > 1 ? throwing() : [{ text, kind: "keyword" }]);
    const throwing = throws;
    open({ highlighter: () => Promise.resolve({ open: () => next }) });
    await write("```python\nimport a\nimport b\nimport c\n```\n");
    expect(spans()).toEqual(["ns-keyword import a"]);
    expect(codeOf().textContent).toBe("import a\nimport b\nimport c");
    expect(lines).toBe(2);
  });
});

describe("formulas", () => {
  let content: HTMLElement;
  const math = (tex: string, display: MathView["display"] = "inline"): MathView => ({ kind: "math", tex, display, source: `$${tex}$` });
  const show = (views: MathView[], typesetter: () => Promise<Typesetter>): void => {
    open({}); // what afterEach destroys
    content = document.createElement("p");
    const parts = createParts({ typesetter }, () => undefined);
    usePartsIn(content, parts);
    patch(content, [], views);
  };

  test("are their source, and then MathML", async () => {
    const typesetter = vi.fn(() => Promise.resolve(createTypesetter()));
    show([math("x^2"), math("\\frac ab", "flow"), math("y", "block")], typesetter);
    expect(content.textContent).toBe("$x^2$$\\frac ab$$y$");
    expect(content.querySelectorAll("code.ns-tex")).toHaveLength(3);
    await flush();
    expect([...content.children].map(({ tagName, className }) => `${tagName} ${className}`)).toEqual([
      "SPAN ns-math",
      "SPAN ns-math ns-display",
      "DIV ns-math ns-display",
    ]);
    expect([...content.querySelectorAll("math")].map((element) => element.getAttribute("display"))).toEqual([null, "block", "block"]);
    expect(content.querySelector("code")).toBeNull();
    expect(typesetter).toHaveBeenCalledTimes(1);
  });

  test("one that cannot be set stays source and says why", async () => {
    show([math("x^"), math("x^2")], () => Promise.resolve(createTypesetter()));
    await flush();
    expect(content.querySelector("code")?.textContent).toBe("$x^$");
    expect(content.querySelector("code")?.title).toBe("Not typeset: incomplete TeX");
    expect(content.querySelectorAll("math")).toHaveLength(1);
  });

  test("one that is the same in the next version of its paragraph keeps its nodes", async () => {
    const before = [math("x^2")];
    show(before, () => Promise.resolve(createTypesetter()));
    await flush();
    const set = content.querySelector("math");
    const after = [math("x^2"), math("y")];
    patch(content, before, after);
    await flush();
    expect(content.querySelector("math")).toBe(set);
    patch(content, after, [math("z")]);
    expect(content.textContent).toBe("$z$");
    await flush();
    expect(content.textContent).toBe("z");
  });

  test.each<[string, Typesetter]>([
    ["a script", { typeset: () => ({ tag: "math", children: [{ tag: "script", children: ["alert(1)"] }] }) }],
    ["nothing", { typeset: () => undefined as never }],
    ["text", { typeset: () => "<b>x</b>" as never }],
    ["a DOM node", { typeset: () => document.createElement("img") as never }],
    ["no typesetter", null as unknown as Typesetter],
  ])("a hostile typesetter gives %s: the source stays", async (_, typesetter) => {
    show([math("x")], () => Promise.resolve(typesetter));
    await flush();
    expect([...content.querySelectorAll("*")].map(({ tagName }) => tagName)).toEqual(["SPAN", "CODE"]);
    expect(content.textContent).toBe("$x$");
  });

  test("what hides in the source is marked", () => {
    show([math("a\u202Eb")], () => new Promise(() => undefined));
    expect(content.textContent).toBe("$a⟨U+202E⟩b$");
  });

  const EVERYWHERE = "So $a$ and **$b$**\n\n- $c$\n  > $d$\n\n| x | $e$ |\n|---|---|\n| $f$ | 1 |\n\n$$\ng\n$$\n\n\\[h\\] `$i$` $5 and $6\n";
  test.each([1, 5, 1000])("are found wherever Markdown has text, in pieces of %i, early or late", async (size) => {
    for (const isLate of [false, true]) {
      let arrive: () => void = () => undefined;
      const here = new Promise<void>((resolve) => (arrive = resolve));
      open({ typesetter: () => here.then(() => createTypesetter()) });
      if (!isLate) arrive();
      for (let at = 0; at < EVERYWHERE.length; at += size) {
        stream.append(EVERYWHERE.slice(at, at + size));
        if (at % 40 === 0) await new Promise((resolve) => setTimeout(resolve, 17));
      }
      stream.end();
      if (isLate) expect(root.querySelectorAll("code.ns-tex")).toHaveLength(8);
      arrive();
      await flush();
      expect([...root.querySelectorAll("math")].map(({ textContent }) => textContent).join("")).toBe("abcdefgh");
      expect(root.querySelectorAll("code.ns-tex")).toHaveLength(0);
      expect(root.textContent).toContain("$i$ $5 and $6");
      stream.destroy();
    }
  });
});

test("the last line of code in a list is coloured at the end, too", async () => {
  open(highlighting());
  await write("- a\n\n  ```python\n  import a\n  import b", 7);
  stream.end();
  await flush();
  expect(spans()).toEqual(["ns-keyword import", "ns-keyword import"]);
});
