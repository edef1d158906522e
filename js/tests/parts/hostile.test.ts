// A highlighter or a typesetter that lies: what it gives may be any object there is. The answer goes on, the code is
// what was written, and nothing but the lists' own elements and attributes comes into the page.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { createMarkdownStream } from "../../src/markdown/index";
import type { Highlighter, MarkdownOptions, MarkdownStream, Typesetter } from "../../src/markdown/index";

const CODE = "import a\nimport b";
const TEXT = `\`\`\`python\n${CODE}\n\`\`\`\n\nThe formula $x^2$ and **more**\n`;
const HOSTILE = '<img src=x onerror="alert(1)">';
const COLOURED = "pre *:not(.ns-lines, code)";
const PATIENCE = { timeout: 10_000 };

let root: HTMLElement;
let stream: MarkdownStream;

beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  stream.destroy();
  root.remove();
  vi.restoreAllMocks();
});

/** Long enough for loaders to answer and slices to be worked off. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40));

async function show(options: MarkdownOptions): Promise<void> {
  stream = createMarkdownStream(root, { onError: () => undefined, ...options });
  stream.append(TEXT.slice(0, 50));
  await settled();
  stream.append(TEXT.slice(50));
  stream.end();
  await settled();
}

const highlights = (next: (line: string) => unknown): MarkdownOptions => ({
  highlighter: () => Promise.resolve({ open: () => next } as Highlighter),
});
const typesets = (tree: () => unknown): MarkdownOptions => ({
  typesetter: () => Promise.resolve({ typeset: tree } as Typesetter),
});

const codeOf = (): HTMLElement => root.querySelector<HTMLElement>("pre code")!;
const mathOf = (): HTMLElement => root.querySelector<HTMLElement>(".ns-math")!;

function expectTheRest(): void {
  expect(codeOf().textContent).toBe(CODE);
  expect(root.querySelector("strong")?.textContent).toBe("more");
  expect(root.querySelector("img, script, style, iframe, [onerror], [style], [id], [href]")).toBeNull();
  for (const element of root.querySelectorAll("*")) {
    for (const name of element.classList) expect(name).toMatch(/^ns-[a-z-]+$/u);
  }
}

/** Answers every question with itself, and is every text. */
function chameleon(text: string): unknown {
  const self: unknown = new Proxy(() => self, {
    get: (_, name) => (name === Symbol.toPrimitive || name === "toString" ? () => text : name === "length" ? 1 : self),
    has: () => true,
  });
  return self;
}

/** A list of `one` that says of itself what a check wants to hear. */
function lying(one: unknown): unknown {
  class Lying extends Array<unknown> {}
  Object.assign(Lying.prototype, { every: () => true, join: () => "import a" });
  return Lying.from([one]);
}

describe("a highlighter gives", () => {
  test.each<[string, (line: string) => unknown]>([
    ["an element", () => document.createElement("img")],
    ["pieces that are elements", () => [document.createElement("img")]],
    ["text as elements", () => [{ text: document.createElement("img"), kind: "keyword" }]],
    ["HTML", () => [{ text: HOSTILE, kind: "keyword" }]],
    ["a class of its own", (line) => [{ text: line, kind: "keyword jp-Dialog" }]],
    ["a kind that is no text", (line) => [{ text: line, kind: { toString: () => "keyword" } }]],
    ["a kind of the prototype", (line) => [{ text: line, kind: "__proto__" }]],
    ["a kind of every object", (line) => [{ text: line, kind: "constructor" }]],
    ["text that is an object", (line) => [{ text: { toString: () => line } }]],
    ["text that is a list", (line) => [{ text: [line] }]],
    ["text that changes when it is read again", (line) => {
      let reads = 0;
      return [{ get text() { return reads++ ? HOSTILE : line; }, kind: "keyword x" }]; // prettier-ignore
    }],
    ["a kind that changes when it is read again", (line) => {
      let reads = 0;
      return [{ text: `${line} `, get kind() { return reads++ ? "evil" : "keyword"; } }]; // prettier-ignore
    }],
    ["a list that lies of itself", () => lying({ text: HOSTILE, kind: "evil" })],
    ["something that answers every question", (line) => chameleon(line)],
    ["pieces that answer every question", (line) => [chameleon(line)]],
    ["a list that says it is shorter", (line) => ({ length: 1, map: () => [{ text: line }], 0: { text: HOSTILE } })],
    ["a promise", (line) => Promise.resolve([{ text: line }])],
    ["a list with holes", () => new Array(3)],
    ["a hundred thousand pieces too many", (line) => [{ text: line }, ...new Array<unknown>(100_000).fill({ text: "x" })]],
    ["ten million characters", () => [{ text: "x".repeat(10_000_000) }]],
  ])("%s: the code is what was written, and plain", async (_, next) => {
    await show(highlights(next));
    expectTheRest();
    expect(codeOf().querySelector(COLOURED)).toBeNull();
  });

  test("empty pieces without end: they are not nodes", async () => {
    await show(highlights((line) => [...new Array<unknown>(50_000).fill({ text: "", kind: "keyword" }), { text: line }]));
    expectTheRest();
    expect(codeOf().childNodes.length).toBeLessThan(10);
  });

  test("an answer to prototypes: no object but its own changes", async () => {
    await show(highlights((line) => JSON.parse(`[{"__proto__": {"polluted": 1}, "text": ${JSON.stringify(line)}}]`)));
    expectTheRest();
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("a fence in %s is plain code", async (language) => {
    const open = vi.fn(() => undefined);
    stream = createMarkdownStream(root, { highlighter: () => Promise.resolve({ open }) });
    stream.append(`\`\`\`${language}\n${CODE}\n\`\`\`\n`);
    stream.end();
    await settled();
    expect(codeOf().textContent).toBe(CODE);
    expect(codeOf().querySelector(COLOURED)).toBeNull();
  });
});

const math = (...children: unknown[]): unknown => ({ tag: "math", children });

function deep(levels: number): unknown {
  let tree: unknown = { tag: "mi", children: ["x"] };
  for (; levels > 0; levels--) tree = { tag: "mrow", children: [tree] };
  return math(tree);
}

function endless(): unknown {
  const children: unknown[] = [];
  const tree = { tag: "mrow", children };
  children.push(tree);
  return math(tree);
}

describe("a typesetter gives", () => {
  test.each<[string, () => unknown]>([
    ["HTML as text for a tree", () => HOSTILE],
    ["an element", () => document.createElement("img")],
    ["an element as a child", () => math(document.createElement("img"))],
    ["an HTML tag", () => ({ tag: "img", attributes: { src: "x" } })],
    ["a script", () => math({ tag: "script", children: ["alert(1)"] })],
    ["a style sheet", () => math({ tag: "style", children: ["* { display: none }"] })],
    ["another language in an annotation", () => math({ tag: "annotation-xml", attributes: { encoding: "text/html" } })],
    ["an action", () => math({ tag: "maction", attributes: { actiontype: "statusline" } })],
    ["a picture", () => math({ tag: "mglyph", attributes: { src: "https://evil.test/x.png" } })],
    ["a link", () => math({ tag: "mrow", attributes: { href: "https://evil.test/" } })],
    ["an old link", () => math({ tag: "mrow", attributes: { "xlink:href": "javascript:alert(1)" } })],
    ["a handler", () => math({ tag: "mi", attributes: { onclick: "alert(1)" } })],
    ["a style", () => math({ tag: "mi", attributes: { style: "position: fixed" } })],
    ["a name", () => math({ tag: "mi", attributes: { id: "jp-main-dock-panel" } })],
    ["a class", () => math({ tag: "mi", attributes: { class: "jp-Dialog" } })],
    ["a command", () => math({ tag: "mi", attributes: { "data-commandlinker-command": "help:about" } })],
    ["a length that is none", () => math({ tag: "mspace", attributes: { width: "calc(100vw)" } })],
    ["a length over everything", () => math({ tag: "mspace", attributes: { width: "99999em" } })],
    ["a negative length", () => math({ tag: "mspace", attributes: { width: "-50em" } })],
    ["a value that is no text", () => math({ tag: "mspace", attributes: { width: { toString: () => "1em" } } })],
    ["a look of its own", () => ({ tag: "math", looks: ["x evil"] })],
    ["looks that lie of themselves", () => ({ tag: "math", looks: lying("x evil") })],
    ["a look of every object", () => ({ tag: "math", looks: ["constructor"] })],
    ["a tag of every object", () => math({ tag: "constructor" })],
    ["an attribute of every object", () => math({ tag: "mi", attributes: { constructor: "x", hasOwnProperty: "x" } })],
    ["a tree in itself", endless],
    ["a tree of ten thousand levels", () => deep(10_000)],
    ["a tree of a hundred thousand elements", () => math(...new Array<unknown>(100_000).fill({ tag: "mi" }))],
    ["a promise", () => Promise.resolve(math())],
    ["something that answers every question", () => chameleon("math")],
    ["a number", () => 7],
  ])("%s: the formula is its source", async (_, tree) => {
    await show(typesets(tree));
    expectTheRest();
    expect(mathOf().textContent).toBe("$x^2$");
    expect(mathOf().querySelector("math")).toBeNull();
  });

  test.each([2, 3, 4, 5])("a tag that is another one when it is read for the %ith time", async (time) => {
    let reads = 0;
    await show(typesets(() => math({ get tag() { return ++reads === time ? "script" : "mi"; } }))); // prettier-ignore
    expectTheRest();
    expect(mathOf().querySelector("math > *")?.localName ?? "mi").toBe("mi");
  });

  test("an attribute that changes when it is read again: only what was checked is set", async () => {
    let reads = 0;
    const attributes = { get width() { return reads++ % 2 ? "url(https://evil.test)" : "1em"; } }; // prettier-ignore
    await show(typesets(() => math({ tag: "mspace", attributes })));
    expectTheRest();
    expect(mathOf().querySelector("mspace")?.getAttribute("width") ?? "1em").toBe("1em");
  });

  test("prototypes: no object but its own changes", async () => {
    await show(typesets(() => JSON.parse('{"tag": "math", "__proto__": {"polluted": 1}, "attributes": {"__proto__": {"polluted": 1}}}')));
    expectTheRest();
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("an error that is an attack itself: it is told as text", async () => {
    const onError = vi.fn();
    await show({ ...typesets(() => { throw Object.assign(new Error(HOSTILE), { name: "x" }); }), onError }); // prettier-ignore
    expectTheRest();
    expect(mathOf().textContent).toBe("$x^2$");
  });

  test("an error that throws when it is read: the formula is its source", async () => {
    await show(typesets(() => { throw { get message(): string { throw new Error("again"); } }; })); // prettier-ignore
    expectTheRest();
    expect(mathOf().textContent).toBe("$x^2$");
  });
});

describe("a loader", () => {
  test.each<[string, () => Promise<never>]>([
    ["throws", () => { throw new Error("broken"); }], // prettier-ignore
    ["throws nothing", () => { throw undefined; }], // prettier-ignore
    ["rejects with nothing", () => Promise.reject(undefined as unknown as Error)],
    ["never answers", () => new Promise(() => undefined)],
    ["gives nothing", () => Promise.resolve(undefined as never)],
    ["gives something that answers every question", () => Promise.resolve((() => ({ open: chameleon("x"), typeset: chameleon("x") }))() as never)],
    ["is no promise", () => ({ open: 1 }) as never],
    ["is a thenable that answers twice and throws", () => ({ then: (done: (part: unknown) => void) => { done({}); done({}); throw new Error("late"); } }) as never], // prettier-ignore
  ])("%s: the answer is plain and whole", async (_, loader) => {
    await show({ highlighter: loader, typesetter: loader });
    await vi.waitFor(expectTheRest, PATIENCE);
    expect(mathOf().textContent).toBe("$x^2$");
  });
});
