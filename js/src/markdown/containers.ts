// A list or a table that is still growing comes in, with parts that are finished; these are frozen, and what is left
// is the text that, parsed before the rest, makes markdown-it go on with the same block.
import type { Token } from "markdown-it";

import {
  blocksAt,
  isEmptyItem,
  isLoose,
  isOutdented,
  itemsOf,
  MAX_FILLED_CELLS,
  missingCells,
  openFormula,
  rowsOf,
  sentinelItem,
  setLoose,
} from "./blocks";
import type { Block } from "./blocks";
import { patch } from "./nodes";
import type { ElementView } from "./nodes";
import { parseBlocks } from "./parser";
import type { Unit, Units } from "./units";

/** How far a block is frozen: up to which line; `ended`: the block ends there, whatever the parser says. */
export interface Frozen {
  end: number;
  ended: boolean;
}

/** An open list or table at the beginning of the tail. Block and lines given to it begin with `prefix`. */
export interface Container {
  /** Holds only those children that are not finished. */
  view: ElementView;
  readonly prefix: string;
  /** Takes what stands for the finished parts out of a new view of the block. */
  dropSentinel(view: ElementView): void;
  /** Freezes the finished parts: all but the last item of a list while it is open. */
  freeze(block: Block, lines: readonly string[], open: boolean): Frozen;
  /** Takes what is not finished out of the page. */
  dropRest(): void;
}

/** `items`: at least two, so that the list can no longer turn out to be something else. */
export function openList(view: ElementView, firstLine: string, units: Units): Container {
  const items: Unit[] = [];
  let sentinelLine = firstLine;
  let frozenLoose = false; // the frozen items alone make the list loose
  let shownLoose = false;

  function show(loose: boolean): void {
    if (loose === shownLoose) return;
    shownLoose = loose;
    for (const item of items) {
      setLoose(item.tokens, loose);
      units.refresh(item);
    }
  }

  /** Whether the list would be loose if it ended with the line at which the next item begins. */
  function isLooseUpTo(line: number, lines: readonly string[]): boolean {
    const list = blocksAt(0, parseBlocks(`${lines.slice(0, line + 1).join("\n")}\n`).tokens)[0];
    return list !== undefined && isLoose(list);
  }

  const list: Container = {
    view,
    get prefix() {
      return sentinelItem(sentinelLine, frozenLoose);
    },
    dropSentinel(now) {
      now.children.shift();
    },
    freeze(block, lines, open) {
      const loose = isLoose(block);
      show(loose);
      const all = itemsOf(block).slice(1);
      const finished = open ? all.slice(0, -1) : all;
      // A formula that begins left of its item's text would end the list, and take in the items after it.
      const formula = openFormula([block], lines);
      const itsItem = all.find((item) => item.start < formula && formula < item.end);
      const endsList = itsItem && isOutdented(lines[formula] ?? "", lines[itsItem.start] ?? "");
      while (open && endsList && (finished.at(-1)?.end ?? 0) > formula) finished.pop();
      // An empty item cannot be stood for: it stays until one follows that can.
      while (open && isEmptyItem(lines[finished.at(-1)?.start ?? -1] ?? "")) finished.pop();
      const last = finished.at(-1);
      if (!last) return { end: all[0]?.start ?? block.start, ended: false };
      if (loose && !frozenLoose && open) frozenLoose = isLooseUpTo(last.end, lines);
      items.push(...freezeParts(list.view, finished.map(tokensOf), units));
      sentinelLine = lines[last.start] ?? sentinelLine;
      return { end: last.end, ended: false };
    },
    dropRest() {
      dropChildren(list.view);
    },
  };
  return list;
}

/** `block`: a table with at least one body row, shown by `view`; `lines`: those it was parsed from. */
export function openTable(view: ElementView, block: Block, lines: readonly string[], units: Units): Container {
  const head = lines.slice(block.start, block.start + 2).join("\n");
  const headTokens = block.tokens.slice(1, block.tokens.findIndex((token) => token.type === "thead_close") + 1);
  const columns = headTokens.filter((token) => token.type === "th_open").length;
  let filled = 0;
  const table: Container = {
    view,
    // A row of all columns stands for those that are finished; short ones would count as filled-in cells.
    prefix: `${head}\n|${"x|".repeat(columns)}\n`,
    dropSentinel(now) {
      bodyOf(now)?.children.shift();
    },
    freeze(block, lines, open) {
      // Each row is decided by its own line, but for one that may begin a formula, and those after it.
      const formula = open ? openFormula([block], lines) : Infinity;
      const rows = rowsOf(block).slice(1).filter((row) => row.start < formula);
      const finished = rows.filter((row) => {
        if (filled <= MAX_FILLED_CELLS) filled += Math.max(0, missingCells(lines[row.start] ?? "", columns));
        return filled <= MAX_FILLED_CELLS;
      });
      const body = bodyOf(table.view);
      if (body) freezeParts(body, finished.map(tokensOf), units);
      return { end: finished.at(-1)?.end ?? rowsOf(block)[1]?.start ?? block.end, ended: finished.length < rows.length };
    },
    dropRest() {
      const [wholeTable] = table.view.children;
      if (wholeTable?.kind !== "element") return;
      const [, body] = wholeTable.children;
      if (body?.kind === "element") dropChildren(body);
      // The header was shown anew with the tail; from now on only a late definition may change it.
      freezeParts(wholeTable, [headTokens], units);
    },
  };
  return table;
}

function bodyOf(wrapper: ElementView): ElementView | undefined {
  const table = wrapper.children[0];
  const body = table?.kind === "element" ? table.children[1] : undefined;
  return body?.kind === "element" ? body : undefined;
}

function freezeParts(parent: ElementView, parts: readonly (readonly Token[])[], units: Units): Unit[] {
  const created = parts.map((tokens) => units.create(tokens));
  const views = created.flatMap((unit) => unit.view ?? []);
  if (parent.node) patch(parent.node, parent.children.slice(0, views.length), views);
  parent.children.splice(0, views.length);
  created.forEach(units.keep);
  return created;
}

function dropChildren(view: ElementView): void {
  if (view.node) patch(view.node, view.children, []);
  view.children = [];
}

function tokensOf(block: Block): readonly Token[] {
  return block.tokens;
}
