// The final page is the same however the text was cut: that of the whole text rendered at once.
import { describe, expect, test, vi } from "vitest";

import { createEngine, renderWhole } from "../../src/markdown/engine";
import type { Engine } from "../../src/markdown/engine";
import { chunks, examples, mixture, pieces, random } from "./inputs";

vi.setConfig({ testTimeout: 60_000 }); // a busy machine is no failure

function whole(text: string): string {
  const root = document.createElement("div");
  renderWhole(root, text);
  root.normalize();
  return root.outerHTML; // eslint-disable-line no-restricted-properties -- read, not written
}

function streamed(parts: readonly string[], flush = (engine: Engine) => { engine.flush(); }): string {
  const root = document.createElement("div");
  const engine = createEngine(root);
  for (const part of parts) {
    engine.write(part);
    flush(engine);
  }
  engine.finish();
  root.normalize();
  return root.outerHTML; // eslint-disable-line no-restricted-properties -- read, not written
}

test("the specification's examples are all here", () => {
  expect(examples.length).toBe(652);
});

describe.each([
  ["CommonMark", examples],
  ["pieces", pieces],
])("%s", (_name, texts) => {
  test("at once", () => {
    for (const text of texts) expect(streamed([text]), text).toBe(whole(text));
  });

  test("by character", () => {
    for (const text of texts) expect(streamed(Array.from(text)), text).toBe(whole(text));
  });

  test("in random chunks", () => {
    const next = random(1);
    for (const text of texts) expect(streamed(chunks(text, 12, next)), text).toBe(whole(text));
  });
});

test("random mixtures in random chunks", { timeout: 600_000 }, () => {
  const runs = process.env["NOTEBOOK_STREAM_WHOLE"] ? 20_000 : 300;
  for (let seed = 0; seed < runs; seed++) {
    const next = random(seed + 1000);
    const text = mixture(next);
    const parts = chunks(text, [1, 3, 20, 200][seed % 4]!, next);
    // Parsed with every piece, or now and then, with plain text or nothing in between.
    const often = [1, 0.5][seed % 2]!;
    const flush = (engine: Engine) => {
      if (next() < often) engine.flush();
      else if (next() < 0.5) engine.flushPlain();
    };
    expect(streamed(parts, flush), `seed ${seed}: ${JSON.stringify(text)}`).toBe(whole(text));
  }
});
