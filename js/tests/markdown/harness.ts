// Markdown comes in, whole or in pieces; the page that the engine makes of it goes out.
import { createEngine } from "../../src/markdown/engine";
import type { Engine } from "../../src/markdown/engine";
import { element, patch } from "../../src/markdown/nodes";
import { md, normalize, parseBlocks } from "../../src/markdown/parser";
import { sourceOf } from "../../src/markdown/rules/formula";
import { createUnits } from "../../src/markdown/units";

/** All of `text` at once, with nothing that is incremental: what a stream of it must look like at its end. */
export function whole(text: string): HTMLElement {
  const root = document.createElement("div");
  const units = createUnits();
  const parsed = parseBlocks(normalize(text));
  for (const [label, definition] of Object.entries(parsed.definitions)) units.define(label, definition);
  patch(root, [], element("div", {}, units.create(parsed.tokens).views).children);
  root.normalize();
  return root;
}

/** `parts` one after the other, with what `flush` does after each. */
export function streamed(
  parts: readonly string[],
  flush = (engine: Engine) => {
    engine.flush();
  },
): HTMLElement {
  const root = document.createElement("div");
  const engine = createEngine(root);
  for (const part of parts) {
    engine.write(part);
    flush(engine);
  }
  engine.finish();
  root.normalize();
  return root;
}

/** The DOM as text: equal only when everything is, classes and all. */
export function html(root: HTMLElement): string {
  return root.outerHTML; // eslint-disable-line no-restricted-properties -- read, not written
}

md.renderer.rules["math_inline"] = (tokens, index) => formula(tokens[index]!, tokens[index]!.info ? "flow" : "inline");
md.renderer.rules["math_block"] = (tokens, index) => formula(tokens[index]!, "block");

function formula({ markup, content }: { markup: string; content: string }, display: string): string {
  return `<x-math class="${display}">${md.utils.escapeHtml(sourceOf(markup, content))}</x-math>`;
}

/** markdown-it's own rendering, with our rules. */
export function markdownIt(text: string): string {
  return md.render(text);
}

/** Does `work` with bare addresses left as text, as CommonMark has them. */
export function withoutBareLinks<T>(work: () => T): T {
  md.inline.ruler.disable("bare_url");
  md.inline.ruler2.disable("bare_email");
  try {
    return work();
  } finally {
    md.inline.ruler.enable("bare_url");
    md.inline.ruler2.enable("bare_email");
  }
}
