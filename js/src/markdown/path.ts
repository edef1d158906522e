// The open containers that hold the tail, with parts that are finished: each comes in when it is opened, and the
// lines go out that stand for it, parsed before the tail. Knows neither what is finished nor how it is shown.
import { areApart, childrenOf, containerKind, isBlank, isLoose } from "./blocks";
import type { Block, ContainerKind, Lines } from "./blocks";
import { openFence } from "./fence";
import type { OpenFence } from "./fence";
import type { ElementView, View } from "./nodes";
import { BLOCKS, ITEMS, NOTHING, ROWS } from "./sentinel";
import { missingCells } from "./table";
import type { Unit } from "./units";

/** The first line of a quote or an item, as far as its text: as if the items around it had begun before. */
interface Opening {
  before: string;
  marker: string;
  padding: string;
}

interface Open {
  /** Holds only what is not finished. */
  view: ElementView;
}

export interface Quote extends Open {
  kind: "quote";
  opening: Opening;
  begun: boolean;
}

export interface Item extends Open {
  kind: "item";
  opening: Opening;
  /** Whether anything in it is finished. */
  begun: boolean;
  /** A blank line is between its finished blocks. */
  apart: boolean;
}

export interface List extends Open {
  kind: "list";
  start: string;
  /** Of the last finished item: its indentation decides what the next line belongs to. */
  last: Opening | undefined;
  /** A blank line is between its finished items, or between blocks of one of them. */
  apart: boolean;
  /** What a list that turns out loose shows with paragraphs, and one that turns out tight without. */
  units: Unit[];
  shownLoose: boolean;
}

export interface Table extends Open {
  kind: "table";
  head: string;
  row: string;
  columns: number;
  /** Cells filled in for short rows so far. */
  filled: number;
}

export interface Fence {
  kind: "fence";
  fence: OpenFence;
}

export type Container = Quote | Item | List | Table;

/** The innermost last. A fence can only be the last. */
export type Path = (Container | Fence)[];

/** A container or fence to be opened, with the line it begins at; those already open began before all lines. */
interface Around {
  kind: ContainerKind | "fence";
  start: number;
}

/** The lines that, parsed before the tail, make markdown-it go on within the containers of `path`. */
export function prefixOf(path: Readonly<Path>): string {
  return path.map((open) => (open.kind === "fence" ? "" : linesOf(open))).join("");
}

function linesOf(open: Container): string {
  switch (open.kind) {
    case "quote":
      return `${open.opening.before}> ${open.begun ? BLOCKS : NOTHING}\n`;
    case "item":
      return itemLines(open);
    case "list":
      if (!open.last) return "";
      return `${firstLine(open.last)}${ITEMS}${open.start}\n${open.apart ? blankLine(open.last) : ""}`;
    case "table":
      return `${open.head}${open.row}`;
  }
}

function itemLines({ opening, begun, apart }: Item): string {
  const line = firstLine(opening);
  const first = `${line}${begun ? BLOCKS : NOTHING}\n`;
  // Twice, for a blank line at the end of an item does not make its list loose.
  return apart ? `${first}${blankLine(opening)}${indented(line)}${BLOCKS}\n` : first;
}

function firstLine({ before, marker, padding }: Opening): string {
  return before + marker + padding;
}

function blankLine({ before }: Opening): string {
  return `${before.slice(0, before.lastIndexOf(">") + 1)}\n`;
}

/**
 * `text` with spaces for the markers of list items: what a later line of the innermost of them begins with. The first
 * space after a quote's mark is the quote's own.
 */
function indented(text: string): string {
  return text.replace(/>(?=[^\s>])/gu, "> ").replace(/[^\s>]/gu, " ");
}

const MARKERS = /^(?:[ \t>]|(?:[-+*]|\d{1,9}[.)])(?![^ \t]))*/u;

/** Whether lines can stand for the containers that begin in `line`: not if a quote moves the stops of its tabs. */
export function canStandFor(line: string): boolean {
  const markers = MARKERS.exec(line)?.[0] ?? "";
  return !(markers.includes(">") && markers.includes("\t"));
}

const MARKER = /^([ \t]*)([-+*>]|\d{1,9}[.)])([ \t]*)(.*)$/u;

/** Where the text of the innermost of `around` begins in line `index`. */
function textStart(line: string, index: number, around: readonly Around[]): number {
  let at = 0;
  for (const { kind, start } of around) {
    const marker = kind === "quote" ? /^[ \t]*>/u : kind === "item" && start === index ? /^[ \t]*[^ \t]+/u : /^/u;
    at += marker.exec(line.slice(at))?.[0].length ?? 0;
  }
  return at;
}

function openingOf(line: string, index: number, around: readonly Around[]): Opening {
  const at = textStart(line, index, around);
  const [, indentation = "", marker = "", padding = "", text = ""] = MARKER.exec(line.slice(at)) ?? [];
  return { before: indented(line.slice(0, at)) + indentation, marker, padding: text ? padding : " " };
}

/** What is around the blocks in `path`, none of which begins in a line of the tail. */
function aroundOf(path: Readonly<Path>): Around[] {
  return path.map(({ kind }) => ({ kind, start: -1 }));
}

/** Notes in the innermost container of `path` which of its `siblings`, sentinels among them, are `finished`. */
export function noteFinished(
  path: Readonly<Path>,
  siblings: readonly Block[],
  finished: readonly Block[],
  next: Block | undefined,
  source: Lines,
): void {
  const container = path.at(-1);
  const last = finished.at(-1);
  if (!last) return;
  const until = siblings.slice(0, siblings.indexOf(next ?? last) + 1);
  if (container?.kind === "quote") container.begun = true;
  if (container?.kind === "table") for (const row of finished) container.filled += missingCells(row, container, source);
  if (container?.kind === "item") {
    container.begun = true;
    container.apart ||= areApart(until, source);
  }
  if (container?.kind === "list") {
    container.apart ||= areApart(until, source) || finished.some((item) => areApart(childrenOf(item), source));
    container.last = openingOf(source.lines[last.start] ?? "", last.start, aroundOf(path));
  }
}

/** Notes in the innermost container of `path` whether its `siblings` are apart, though none of them is finished. */
export function noteApart(path: Readonly<Path>, siblings: readonly Block[], source: Lines): void {
  const container = path.at(-1);
  if (container?.kind === "item") container.apart ||= areApart(siblings, source);
}

/** The line at which the tail goes on after the `finished` blocks in `container`, `next` being the one after them. */
export function goOnAfter(
  { kind }: Container,
  finished: readonly Block[],
  next: Block | undefined,
  { lines, quotes }: Lines,
): number {
  let line = next?.start ?? finished.at(-1)?.end ?? 0;
  // A blank line at its end may be in a list item, or between it and the next.
  while (!next && kind === "item" && isBlank(lines[line - 1], quotes)) line--;
  return line;
}

/**
 * Opens `blocks`, of which each is all there is in the one before it, within `path`; `view` is that of the first.
 * Gives where the tail goes on: the line, and what stands before the rest of it, `from` this character.
 */
export function open(
  blocks: readonly Block[],
  view: View | undefined,
  lines: readonly string[],
  path: Path,
): { line: number; before: string; from: number } {
  const around = aroundOf(path);
  let shown = view;
  for (const block of blocks) {
    const kind = containerKind(block);
    if (shown?.kind === "code" && shown.block) {
      const line = lines[block.start] ?? "";
      const at = textStart(line, block.start, around);
      const opener = indented(line.slice(0, at)) + line.slice(at);
      const quotes = around.filter(isQuote).length;
      const fence = openFence(shown.block, block.open.content, prefixOf(path), opener, quotes);
      path.push({ kind: "fence", fence });
      return { line: block.end, before: "", from: 0 };
    }
    if (!kind || shown?.kind !== "element") throw new Error(`cannot open ${block.open.type}`);
    path.push(openContainer(kind, block, shown, lines, around));
    around.push({ kind, start: block.start });
    if (kind === "table") return { line: block.start + 2, before: "", from: 0 };
    shown = shown.children.at(-1);
  }
  const start = blocks.at(-1)?.tokens.slice(1).find(({ map }) => map)?.map?.[0] ?? 0;
  const line = lines[start] ?? "";
  const from = textStart(line, start, around);
  return { line: start, before: indented(line.slice(0, from)), from };
}

/** The body of a table in its box. */
export function bodyOf(box: ElementView): ElementView {
  const table = box.children[0];
  const body = table?.kind === "element" ? table.children[1] : undefined;
  if (body?.kind !== "element") throw new Error("a table without a body");
  return body;
}

function isQuote({ kind }: Around): boolean {
  return kind === "quote";
}

function openContainer(
  kind: ContainerKind,
  block: Block,
  view: ElementView,
  lines: readonly string[],
  around: readonly Around[],
): Container {
  const line = lines[block.start] ?? "";
  if (kind === "table") return openTable(block, view, lines, around);
  if (kind === "list") {
    const start = String(block.open.attrGet("start") ?? "");
    return { kind, view, start, last: undefined, apart: false, units: [], shownLoose: isLoose(block) };
  }
  const opening = openingOf(line, block.start, around);
  return kind === "item" ? { kind, view, opening, begun: false, apart: false } : { kind, view, opening, begun: false };
}

function openTable(block: Block, view: ElementView, lines: readonly string[], around: readonly Around[]): Table {
  const [head = "", delimiters = ""] = lines.slice(block.start, block.start + 2);
  const at = textStart(head, block.start, around);
  const margin = delimiters.slice(0, textStart(delimiters, block.start + 1, around));
  const indentation = /^[ \t]*/u.exec(delimiters.slice(margin.length))?.[0] ?? "";
  const columns = block.tokens.filter(({ type }) => type === "th_open").length;
  return {
    kind: "table",
    view,
    head: `${indented(head.slice(0, at))}${head.slice(at)}\n${delimiters}\n`,
    // A row of all columns: a short one would count as filled-in cells.
    row: `${margin}${indentation}|${`${ROWS}|`.repeat(columns)}\n`,
    columns,
    filled: 0,
  };
}
