// The final page is the same however the text was cut: that of the whole text rendered at once, which is what
// markdown-it makes of it. And what is finished on the way there is final.
import { describe, expect, test, vi } from "vitest";

import type * as blocks from "../../src/markdown/blocks";
import { createEngine } from "../../src/markdown/engine";
import type { Engine } from "../../src/markdown/engine";
import { html, markdownIt, streamed, whole } from "./harness";
import { chunks, examples, mixture, pieces, random } from "./inputs";
import { shapeOfHtml, shapeOfPage } from "./shape";

vi.setConfig({ testTimeout: 60_000 }); // a busy machine is no failure

const thorough = Boolean(process.env["NOTEBOOK_STREAM_WHOLE"]);
const RUNS = thorough ? 20_000 : 300;

/** Everything must be equal, classes and all; but the order of attributes, which no one sees. */
function expectSame(page: ChildNode, expected: ChildNode | undefined, name: string): void {
  if (page.isEqualNode(expected ?? null)) return;
  expect(html(page as HTMLElement), name).toBe(expected && html(expected as HTMLElement));
}

describe.each([
  ["specifications", examples],
  ["pieces", pieces],
])("%s", (_name, texts) => {
  test("at once", () => {
    for (const text of texts) expectSame(streamed([text]), whole(text), text);
  });

  test("by character", () => {
    for (const text of texts) expectSame(streamed(Array.from(text)), whole(text), text);
  });

  test("in random chunks", () => {
    const next = random(1);
    for (const text of texts) expectSame(streamed(chunks(text, 12, next)), whole(text), text);
  });

  test("as markdown-it has them", () => {
    for (const text of texts) expect(shapeOfPage(whole(text)), text).toBe(shapeOfHtml(markdownIt(text)));
  });
});

/** A seed's text, in pieces, with what is done after each: parsed, shown as plain text, or nothing. */
function run(seed: number): { text: string; parts: string[]; flush: (engine: Engine) => void } {
  const next = random(seed + 1000);
  const text = mixture(next);
  const parts = chunks(text, [1, 3, 20, 200][seed % 4]!, next);
  const often = [1, 0.5][seed % 2]!;
  const flush = (engine: Engine) => {
    if (next() < often) engine.flush();
    else if (next() < 0.3) engine.flushRaw();
    else if (next() < 0.5) engine.flushWords();
  };
  return { text, parts, flush };
}

test("random mixtures in random chunks", { timeout: 1_800_000 }, () => {
  for (let seed = 0; seed < RUNS; seed++) {
    const { text, parts, flush } = run(seed);
    const page = streamed(parts, flush);
    const name = `seed ${seed}: ${JSON.stringify(text)}`;
    expectSame(page, whole(text), name);
    expect(shapeOfPage(page), name).toBe(shapeOfHtml(markdownIt(text)));
  }
});

test("what is finished is what the text so far makes of it, and stays", { timeout: 1_800_000 }, () => {
  for (let seed = 0; seed < RUNS / 10; seed++) {
    const { text, parts } = run(seed);
    if (!text.includes("]:")) followFinished(parts, `seed ${seed}: ${JSON.stringify(text)}`);
  }
});

/** Text without definitions, the only thing that may change a finished block. */
function followFinished(parts: readonly string[], name: string): void {
  const root = document.createElement("div");
  const finished: { node: ChildNode; copy: Node }[] = [];
  const engine = createEngine(root, (node) => finished.push({ node, copy: node.cloneNode(true) }));
  let text = "";
  const check = () => {
    const atOnce = whole(text).childNodes;
    for (const [index, { node, copy }] of finished.entries()) {
      expect(root.childNodes[index] === node, name).toBe(true);
      expect(node.isEqualNode(copy), name).toBe(true);
      const page = node.cloneNode(true) as ChildNode;
      page.normalize(); // a block of code is in pieces of bounded length
      expectSame(page, atOnce[index], name);
    }
  };
  for (const part of parts) {
    engine.write(part);
    text += part;
    engine.flush();
    check();
  }
  engine.finish();
  check();
  expect(finished.length, name).toBe(root.childNodes.length);
}

test("a line of prose goes on as a parse of all would have it", { timeout: 1_800_000 }, async () => {
  const goOnWith = vi.fn(() => undefined);
  vi.resetModules();
  vi.doMock("../../src/markdown/ending", async (importOriginal) => ({ ...(await importOriginal<object>()), goOnWith }));
  const { createEngine: createParsing } = await import("../../src/markdown/engine");
  vi.doUnmock("../../src/markdown/ending");
  const compare = (parts: readonly string[], name: string) => {
    const [page, expected] = [document.createElement("div"), document.createElement("div")];
    const engines = [createEngine(page), createParsing(expected)];
    for (const [index, part] of parts.entries()) {
      for (const engine of engines) {
        engine.write(part);
        engine.flush();
      }
      expectSame(page, expected, `${name}, after ${JSON.stringify(parts.slice(0, index + 1).join(""))}`);
    }
  };
  for (const text of [...examples, ...pieces]) compare(Array.from(text), text);
  for (let seed = 0; seed < RUNS; seed++) compare(run(seed).parts, `seed ${seed}`);
  expect(goOnWith.mock.calls.length).toBeGreaterThan(1000);
});

test("the random test finds a block that is finished too early", async () => {
  vi.resetModules();
  vi.doMock("../../src/markdown/blocks", async (importOriginal) => ({
    ...(await importOriginal<typeof blocks>()),
    countFinished: (all: readonly unknown[]) => all.length,
  }));
  const faulty = await import("./harness");
  vi.doUnmock("../../src/markdown/blocks");
  const wrong = Array.from({ length: 300 }, (_, seed) => run(seed)).filter(
    ({ text, parts, flush }) => !faulty.streamed(parts, flush).isEqualNode(whole(text)),
  );
  expect(wrong.length).toBeGreaterThan(10);
});
