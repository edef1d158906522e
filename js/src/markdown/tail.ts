// Text of which nothing is finished yet comes in and is shown; what no later text can change is frozen and dropped,
// at the top and within the containers that are open. Only the tail is ever parsed again.
import type { Token } from "markdown-it";

import {
  blocksAt,
  childrenOf,
  containerKind,
  countFinished,
  countFinishedItems,
  hasOwnParagraph,
  isLoose,
  isOpenFence,
  mayBecomeTable,
  openFormula,
  setLoose,
} from "./blocks";
import type { Block, ContainerKind, Lines } from "./blocks";
import { addToParagraph, cutOf, endsBlank, endsInProse, goOnWith, proseOf, repairLast } from "./ending";
import type { Prose } from "./ending";
import { holdBack } from "./hold";
import { nodeOf, patch } from "./nodes";
import type { View } from "./nodes";
import { parseBlocks } from "./parser";
import type { Parsed } from "./parser";
import { bodyOf, canStandFor, goOnAfter, noteApart, noteFinished, open, prefixOf } from "./path";
import type { Container, Fence, Path } from "./path";
import { isSentinel, withoutSentinels } from "./sentinel";
import { countFinishedRows, isFull } from "./table";
import { createUnits } from "./units";
import type { Unit } from "./units";

export interface Tail {
  readonly text: string;
  write(text: string): void;
  /** Freezes what is finished, and shows the rest, the last words perhaps repaired. */
  show(): Shown;
  /** Freezes everything: no more text comes. */
  finish(): void;
}

/** What the page shows of the tail. */
export interface Shown {
  /** Characters of it, without the spaces at its end, which stand before what comes next. */
  length: number;
  /** Whether it ends in a line of prose of which nothing was repaired: words only make it longer. */
  takesWords: boolean;
}

/** A part of the tail, parsed after what stands for the finished parts of the open containers. */
interface ParsedTail extends Parsed {
  text: string;
  lines: string[];
  /** The line at which the tail begins. */
  first: number;
}

/** Blocks that follow each other in the page, and what shows those that are not finished. */
interface Live {
  node: Node;
  views: View[];
}

/** `onFrozen` gets each top-level node once it is finished. */
export function createTail(root: HTMLElement, onFrozen: (node: ChildNode) => void): Tail {
  const units = createUnits();
  const path: Path = [];
  let tail = "";
  let examined = 0; // characters whose lines have been examined for what is finished
  let prose: Prose | undefined; // what ended the tail when it was last shown
  let top: View[] = [];

  function parse(text: string): ParsedTail {
    const prefix = prefixOf(path);
    const lines = (prefix + text).split("\n");
    return { ...parseBlocks(prefix + text), text, lines, first: prefix.split("\n").length - 1 };
  }

  /** The blocks at the top, then those in each open container, sentinels among them. */
  function levelsOf({ tokens }: Parsed): Block[][] {
    const levels = [blocksAt(0, tokens)];
    for (const { kind } of path) {
      const block = withoutMarks(levels.at(-1) ?? [])[0];
      if (kind === "fence" || !block) break;
      levels.push(childrenOf(block));
    }
    return levels;
  }

  /** The open container whose blocks are those of `depth`; around those at the top, 0, there is none. */
  function containerAt(depth: number): Container | undefined {
    const container = path[depth - 1];
    return container?.kind === "fence" ? undefined : container;
  }

  function liveAt(depth: number): Live {
    const container = containerAt(depth);
    if (!container) return { node: root, views: top };
    const view = container.kind === "table" ? bodyOf(container.view) : container.view;
    return { node: nodeOf(view), views: view.children };
  }

  function linesAt(depth: number, { lines }: ParsedTail): Lines {
    return { lines, quotes: path.slice(0, depth).filter(({ kind }) => kind === "quote").length };
  }

  function advance(final: boolean): void {
    prose = undefined;
    while (step(final));
    examined = tail.lastIndexOf("\n") + 1;
  }

  /** Freezes what is finished, or opens a container. Gives whether there may be more to do. */
  function step(final: boolean): boolean {
    const text = final ? tail : tail.slice(0, tail.lastIndexOf("\n") + 1);
    const innermost = path.at(-1);
    if (innermost?.kind === "fence") return growFence(innermost, text, final);
    if (!text && !(final && path.length > 0)) return false;
    const parsed = parse(text);
    const levels = levelsOf(parsed);
    showLoose(levels);
    if (endFullTable(levels, parsed)) return true;
    for (const [depth, siblings] of levels.entries()) {
      const blocks = withoutMarks(siblings);
      const count = final ? blocks.length : countAt(depth, blocks, parsed);
      if (count === 0) continue;
      freeze(depth, siblings, blocks.slice(0, count), blocks[count], parsed);
      return !final && mayHoldFinished(blocks.slice(count));
    }
    return openNext(levels, parsed);
  }

  function countAt(depth: number, blocks: readonly Block[], parsed: ParsedTail): number {
    const container = containerAt(depth);
    const lines = linesAt(depth, parsed);
    if (container?.kind === "table") return countFinishedRows(container, blocks, lines);
    return container?.kind === "list" ? countFinishedItems(blocks, lines) : countFinished(blocks, lines);
  }

  /** Freezes the blocks `finished` among `siblings`; `next` follows them. */
  function freeze(
    depth: number,
    siblings: readonly Block[],
    finished: readonly Block[],
    next: Block | undefined,
    parsed: ParsedTail,
  ): void {
    for (const block of finished) define(block.tokens, parsed);
    const live = liveAt(depth);
    const created = finished.map((block, index) => createAt(depth, block, index === 0));
    const views = created.flatMap((unit) => unit.views);
    patch(live.node, live.views.slice(0, views.length), views);
    live.views.splice(0, views.length);
    created.forEach(units.keep);
    path.length = depth;
    const container = containerAt(depth);
    if (!container) {
      for (const view of views) onFrozen(nodeOf(view));
      drop(next?.start, parsed);
      return;
    }
    watchLoose(depth, created);
    noteFinished(path, siblings, finished, next, linesAt(depth, parsed));
    drop(goOnAfter(container, finished, next, linesAt(depth, parsed)), parsed);
  }

  function createAt(depth: number, block: Block, isFirst: boolean): Unit {
    const container = containerAt(depth);
    const inList = path.slice(0, depth).some(({ kind }) => kind === "list");
    const atItemStart = isFirst && container?.kind === "item" && !container.begun;
    return units.create(withoutSentinels(block.tokens), { inList, atItemStart });
  }

  function define(tokens: readonly Token[], { definitions }: Parsed): void {
    for (const token of tokens) {
      if (token.type !== "reference_definition") continue;
      const label = (token.meta as { label: string }).label;
      const definition = definitions[label];
      if (definition) units.define(label, definition);
    }
  }

  /** Drops the tail's text before `line`, or all that was parsed. */
  function drop(line: number | undefined, parsed: ParsedTail): void {
    tail = tail.slice(offsetOf(line ?? parsed.lines.length, parsed));
  }

  /** Finished parts of the list around `depth` get their paragraphs, or lose them, with it. */
  function watchLoose(depth: number, created: readonly Unit[]): void {
    const list = [containerAt(depth), containerAt(depth - 1)].find((container) => container?.kind === "list");
    if (containerAt(depth)?.kind !== "list" && containerAt(depth)?.kind !== "item") return;
    list?.units.push(...created.filter(({ tokens }) => hasOwnParagraph(tokens)));
  }

  function showLoose(levels: readonly Block[][]): void {
    for (const [depth, container] of path.entries()) {
      const block = withoutMarks(levels[depth] ?? [])[0];
      if (container.kind !== "list" || !block) continue;
      const loose = isLoose(block);
      if (loose === container.shownLoose) continue;
      container.shownLoose = loose;
      for (const unit of container.units) {
        setLoose(unit.tokens, loose);
        units.refresh(unit);
      }
    }
  }

  /** Ends a table that has as many filled-in cells as markdown-it allows, which does not know of the finished ones. */
  function endFullTable(levels: readonly Block[][], parsed: ParsedTail): boolean {
    const depth = path.length;
    const table = containerAt(depth);
    const row = withoutMarks(levels[depth] ?? [])[0];
    if (table?.kind !== "table" || !row || !isFull(table, row, linesAt(depth, parsed))) return false;
    const alone = parse("");
    const siblings = levelsOf(alone)[depth - 1] ?? [];
    freeze(depth - 1, siblings, withoutMarks(siblings), undefined, { ...alone, first: alone.lines.length });
    return true;
  }

  function growFence({ fence }: Fence, text: string, final: boolean): boolean {
    const rest = text ? fence.grow(text) : undefined;
    if (rest === undefined) tail = tail.slice(text.length);
    else tail = rest + tail.slice(text.length);
    if (rest === undefined && !final) return false;
    path.pop();
    const [view] = liveAt(path.length).views.splice(0, 1);
    if (view && path.length === 0) onFrozen(nodeOf(view));
    const container = containerAt(path.length);
    if (container?.kind === "quote" || container?.kind === "item") container.begun = true;
    return true;
  }

  /** Opens the containers of the tail's only block, if there is anything finished in them, or a fence to grow. */
  function openNext(levels: readonly Block[][], parsed: ParsedTail): boolean {
    const alone = levels.every((siblings) => withoutMarks(siblings).length === 1);
    const depth = levels.length - 1;
    const block = withoutMarks(levels[depth] ?? [])[0];
    if (!alone || !block || path.at(-1)?.kind === "table") return false;
    const chain = toOpen(block, linesAt(depth, parsed));
    if (chain.length === 0 || !chain.every(({ start }) => canStandFor(parsed.lines[start] ?? ""))) return false;
    noteApart(path, levels[depth] ?? [], linesAt(depth, parsed));
    const live = liveAt(depth);
    const { views } = createAt(depth, block, true);
    patch(live.node, live.views, views);
    live.views.splice(0, live.views.length, ...views);
    const { line, before, from } = open(chain, views[0], parsed.lines, path);
    tail = before + tail.slice(offsetOf(line, parsed) + from);
    return true;
  }

  /** The tokens of `text`, which is the tail or a part of it, for showing: of a long last line only the beginning is read. */
  function parseGrowing(text: string): Token[] {
    const cut = cutOf(text, examined);
    const prefix = prefixOf(path);
    const { tokens } = parseBlocks(prefix + text.slice(0, cut));
    if (cut === text.length || addToParagraph(tokens, text.slice(cut))) return tokens;
    return parseBlocks(prefix + text).tokens;
  }

  function show(): Shown {
    if (tail.includes("\n", examined) || path.at(-1)?.kind === "fence") advance(false);
    const innermost = path.at(-1);
    if (innermost?.kind === "fence") {
      innermost.fence.showPartial(tail);
      return { length: tail.length, takesWords: false };
    }
    const longer = prose && goOnWith(prose, tail);
    const known = longer ? tail : holdBack(tail, innermost?.kind === "table");
    const tokens = longer ?? withoutSentinels(parseGrowing(known));
    if (!longer) prose = known === tail ? proseOf(tokens, tail, examined) : undefined;
    const isRepaired = !endsBlank(known) && repairLast(tokens, known.endsWith("\n"));
    const { views } = units.createGrowing(tokens);
    let first = views[0];
    for (const container of path) {
      if (container.kind === "fence" || first?.kind !== "element") break;
      container.view = first;
      first = first.children[0];
    }
    patch(root, top, views);
    top = views;
    return { length: known.trimEnd().length, takesWords: !isRepaired && endsInProse(tokens, known) };
  }

  return {
    get text() {
      return tail;
    },
    write(text) {
      tail += text;
    },
    show,
    finish() {
      advance(false);
      advance(true);
      patch(root, top, []);
      top = [];
    },
  };
}

function withoutMarks(blocks: readonly Block[]): Block[] {
  return blocks.filter(({ tokens }) => !isSentinel(tokens));
}

/** Whether anything in `blocks`, of which none is finished, may be: not in the last one alone, if it holds no others. */
function mayHoldFinished(blocks: readonly Block[]): boolean {
  const [block] = blocks;
  return blocks.length > 1 || (block !== undefined && (block.open.type === "fence" || containerKind(block) !== undefined));
}

/** The characters of the tail before `line`. */
function offsetOf(line: number, { lines, first, text }: ParsedTail): number {
  let length = 0;
  for (const before of lines.slice(first, line)) length += before.length + 1;
  return Math.min(length, text.length); // the last line has no end
}

/**
 * The containers to open: `block` and what is alone in it, as far as one of which a part is finished, or a fence
 * that is open. None, if there is no such thing.
 */
function toOpen(block: Block, { lines, quotes }: Lines): Block[] {
  const chain: Block[] = [];
  let inner: Block | undefined = block;
  let source: Lines = { lines, quotes };
  while (inner) {
    chain.push(inner);
    if (isOpenFence(inner)) return mayBecomeTable(inner, lines) || isHeldByFormula(block, source) ? [] : chain;
    const kind = containerKind(inner);
    if (!kind) return [];
    if (kind === "quote") source = { lines, quotes: source.quotes + 1 };
    const children = childrenOf(inner);
    if (hasFinished(kind, children, source)) return isHeldByFormula(block, source) ? [] : chain;
    inner = children.length === 1 ? children[0] : undefined;
  }
  return [];
}

function hasFinished(kind: ContainerKind, children: readonly Block[], source: Lines): boolean {
  if (kind === "table") return children.length > 0;
  return (kind === "list" ? countFinishedItems(children, source) : countFinished(children, source)) > 0;
}

function isHeldByFormula(block: Block, source: Lines): boolean {
  return openFormula([block], source) < Infinity;
}
