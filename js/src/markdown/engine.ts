// Text comes in, in pieces; the page shows it as Markdown. Blocks that can no longer change are frozen, and only the
// tail after them is parsed again. Knows no clock and no frames: whoever calls decides when.
import type { Token } from "markdown-it";

import { blocksAt, countFinished, isOpenFence, itemsOf, mayBecomeTable, openFormula, rowsOf } from "./blocks";
import type { Block } from "./blocks";
import { MAX_NODE } from "./code";
import { openList, openTable } from "./containers";
import type { Container } from "./containers";
import { openFence } from "./fence";
import type { OpenFence } from "./fence";
import { nodeOf, patch } from "./nodes";
import type { View } from "./nodes";
import { normalize, parseBlocks } from "./parser";
import type { Parsed } from "./parser";
import { holdBack, repairInline } from "./repair";
import type { OpenEnd } from "./rules/autolink";
import { createUnits } from "./units";
import { visibleProse } from "./visible";

export interface Engine {
  /** Takes text; shows nothing. */
  write(text: string): void;
  /** Shows all that was written, the last words perhaps repaired. */
  flush(): void;
  /** Shows what was written since, as plain text, without parsing. */
  flushPlain(): void;
  /** No more text: everything becomes final. */
  finish(): void;
  /** After an exception: from now on the text is shown as it is. */
  fail(): void;
}

/** The tail, or its complete lines, parsed after what the open container wants before it. */
interface ParsedTail extends Parsed {
  text: string;
  prefix: string;
  blocks: Block[];
  lines: string[];
}

/** `onFrozen` gets each top-level node once it is finished. */
export function createEngine(root: HTMLElement, onFrozen: (node: ChildNode) => void = () => undefined): Engine {
  const units = createUnits();
  let half = ""; // a CR or a high surrogate whose other half is to come
  let tail = ""; // text of which nothing is finished
  let examined = 0; // characters of the tail whose lines have been examined for what is finished
  let shown = 0; // characters of the tail that the page shows
  let live: View[] = []; // top-level views of the tail
  let container: Container | undefined;
  let fence: OpenFence | undefined;
  let plain: { from: number; nodes: Text[] } | undefined;
  let failed = false;

  function parse(text: string): ParsedTail {
    const prefix = container?.prefix ?? "";
    const parsed = parseBlocks(prefix + text);
    return { ...parsed, text, prefix, blocks: blocksAt(0, parsed.tokens), lines: (prefix + text).split("\n") };
  }

  /** Drops what was parsed from the tail, up to line `end`, or all of it. */
  function drop({ lines, prefix, text }: ParsedTail, end?: number): void {
    let length = -prefix.length;
    for (const line of lines.slice(0, end ?? 0)) length += line.length + 1;
    tail = tail.slice(end === undefined ? text.length : Math.max(0, length));
  }

  function define(tokens: readonly Token[], { definitions }: Parsed): void {
    for (const token of tokens) {
      if (token.type !== "reference_definition") continue;
      const label = (token.meta as { label: string }).label;
      const definition = definitions[label];
      if (definition) units.define(label, definition);
    }
  }

  function freeze(blocks: readonly Block[]): void {
    const finished = blocks.map((block) => units.create(block.tokens));
    const views = finished.flatMap((unit) => unit.view ?? []);
    patch(root, live.slice(0, views.length), views);
    live.splice(0, views.length);
    finished.forEach(units.keep);
    for (const view of views) onFrozen(nodeOf(view));
  }

  function freezeFirst(): void {
    const view = live.shift();
    container = undefined;
    fence = undefined;
    if (view) onFrozen(nodeOf(view));
  }

  /** Freezes what is finished; `final`: nothing more comes, so everything is. */
  function advance(final: boolean): void {
    while (step(final));
    examined = tail.lastIndexOf("\n") + 1;
  }

  /** Gives whether there may be more to freeze. */
  function step(final: boolean): boolean {
    const text = final ? tail : tail.slice(0, tail.lastIndexOf("\n") + 1);
    if (fence) return growFence(fence, text, final);
    if (!text && !(final && container)) return false;
    const parsed = parse(text);
    const count = final ? parsed.blocks.length : countFinished(parsed.blocks, parsed.lines);
    if (container) return growContainer(container, parsed, count > 0);
    if (count > 0) {
      const finished = parsed.blocks.slice(0, count);
      for (const block of finished) define(block.tokens, parsed);
      freeze(finished);
      drop(parsed, parsed.blocks[count]?.start);
      return !final;
    }
    const only = parsed.blocks.length === 1 ? parsed.blocks[0] : undefined;
    if (openFormula(parsed.blocks, parsed.lines) < Infinity) return false;
    return only !== undefined && openBlock(only, parsed);
  }

  function growFence(open: OpenFence, text: string, final: boolean): boolean {
    if (text) {
      const { used, closed } = open.grow(text);
      tail = tail.slice(used);
      if (closed) {
        freezeFirst();
        return true;
      }
    }
    if (final) freezeFirst();
    return false;
  }

  function growContainer(open: Container, parsed: ParsedTail, closing: boolean): boolean {
    const block = parsed.blocks[0];
    if (!block) return false;
    const before = tail.length;
    const { end, ended } = open.freeze(block, parsed.lines, !closing);
    define(
      block.tokens.filter((token) => closing || (token.map?.[0] ?? Infinity) < end),
      parsed,
    );
    drop(parsed, closing && !ended ? parsed.blocks[1]?.start : end);
    if (!closing && !ended) return false;
    open.dropRest();
    freezeFirst();
    return before > 0;
  }

  /** Opens the tail's only block for growing, if it is of such a kind. */
  function openBlock(block: Block, parsed: ParsedTail): boolean {
    const isList = block.open.type.endsWith("_list_open") && itemsOf(block).length > 1;
    const isTable = block.open.type === "table_open" && rowsOf(block).length > 0;
    const isFence = isOpenFence(block) && !mayBecomeTable(block, parsed.lines);
    if (!isList && !isTable && !isFence) return false;
    const { view } = units.create(block.tokens);
    if (!view) return false;
    patch(root, live.slice(0, 1), [view]);
    live[0] = view;
    const first = parsed.lines[block.start] ?? "";
    if (view.kind === "code" && view.block) {
      fence = openFence(view.block, first);
      drop(parsed, block.end);
    } else if (view.kind === "element" && isList) {
      container = openList(view, first, units);
      drop(parsed, block.start);
    } else if (view.kind === "element") {
      container = openTable(view, block, parsed.lines, units);
      drop(parsed, block.start + 2);
    }
    return true;
  }

  /** Shows the tail. */
  function show(): void {
    shown = tail.length;
    if (fence) {
      fence.showPartial(tail);
      return;
    }
    const isTable = container?.view.tag === "div";
    const known = holdBack(tail, isTable);
    const { tokens, blocks } = parse(known);
    if (!/\n[ \t]*\n$/u.test(known)) repairLast(tokens, known.endsWith("\n"));
    const views = blocks.flatMap((block) => units.create(block.tokens).view ?? []);
    const first = views[0];
    if (container && first?.kind === "element") {
      container.dropSentinel(first);
      first.attributes = container.view.attributes; // the number a list starts with is not in the tail
      container.view = first;
    }
    patch(root, live, views);
    live = views;
  }

  function flushPlain(): void {
    plain ??= { from: shown, nodes: [] };
    appendPlain(lastBlock(root), plain.nodes, visibleProse(tail.slice(plain.from)));
    plain.from = tail.length;
  }

  function removePlain(): void {
    for (const node of plain?.nodes ?? []) node.remove();
    plain = undefined;
  }

  return {
    write(text) {
      let next = half + text;
      half = /[\r\uD800-\uDBFF]$/.exec(next)?.[0] ?? "";
      if (half) next = next.slice(0, -1);
      tail += normalize(next);
    },
    flush() {
      if (failed) {
        flushPlain();
        return;
      }
      removePlain();
      if (tail.lastIndexOf("\n") + 1 > examined || fence) advance(false);
      show();
    },
    flushPlain,
    finish() {
      tail += normalize(half);
      half = "";
      if (failed) {
        flushPlain();
        return;
      }
      removePlain();
      advance(true);
      patch(root, live, []);
      live = [];
    },
    fail() {
      // What the page shows of the tail cannot be told any more: rather twice than lost.
      failed = true;
      plain = { from: 0, nodes: [] };
      flushPlain();
    },
  };
}

/** Repairs the inline content that ends the text, unless the text ends with something else. */
function repairLast(tokens: Token[], lineEnded: boolean): void {
  const last = tokens.findLast((token) => token.nesting === 0 && (token.type !== "inline" || token.content));
  if (last?.type !== "inline") return;
  last.content = repairInline(last.content, lineEnded);
  last.meta = { open: !lineEnded } satisfies OpenEnd;
}

/** The innermost last element that holds text. */
function lastBlock(root: HTMLElement): Element {
  let node: Element = root;
  for (let next: Element | null = root; next; next = next.lastElementChild) {
    if (next.matches("p, li, td, th, h1, h2, h3, h4, h5, h6, blockquote")) node = next;
  }
  return node;
}

function appendPlain(parent: Element, nodes: Text[], text: string): void {
  let last = nodes.at(-1);
  if (!last || last.length > MAX_NODE) {
    last = document.createTextNode("");
    nodes.push(last);
    parent.append(last);
  }
  last.appendData(text);
}
