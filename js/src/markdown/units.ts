// Finished blocks come in with their views; they are kept only as long as something later may still change them: a
// definition of a label they use, or a list that turns out loose.
import type { Token } from "markdown-it";

import { nodeOf, patch } from "./nodes";
import type { View } from "./nodes";
import { parseInline } from "./parser";
import type { Definition } from "./parser";
import { goesOnFrom, isLong, readGrowing } from "./paragraph";
import type { Closed, Read } from "./paragraph";
import { render, renderInline, TOP } from "./render";
import type { Inline, Place } from "./render";
import type { OpenEnd } from "./rules/autolink";

/** One block, list item or row: its tokens, and its views; a definition has none, a tight item's paragraph many. */
export interface Unit {
  tokens: readonly Token[];
  place: Place;
  views: View[];
  missed: Set<string>;
}

export interface Units {
  /** The views of `tokens` with the definitions known so far. */
  create(tokens: readonly Token[], place?: Place): Unit;
  /** The views of what is not finished, as far as it can be without parsing a long paragraph again. */
  createGrowing(tokens: readonly Token[]): Unit;
  /** Remembers a finished unit for the labels it missed. */
  keep(unit: Unit): void;
  /** Renders a unit that is in the page again. */
  refresh(unit: Unit): void;
  /** A label is defined: the first definition counts. Renders what has been waiting for it. */
  define(label: string, definition: Definition): void;
}

export function createUnits(): Units {
  const definitions = new Map<string, Definition>();
  const waiting = new Map<string, Set<Unit>>();

  let growing: Closed | undefined; // of the paragraph that `createGrowing` has last made

  /** `known` of the first long paragraph that goes on from it; gives also what is known of the last one then. */
  function make(tokens: readonly Token[], place: Place, known?: Closed): { unit: Unit; closed: Closed | undefined } {
    const missed = new Set<string>();
    const read = (content: string, meta: Token["meta"]): Read => {
      const labels = new Set<string>();
      const found = parseInline(content, definitions, labels, (meta as OpenEnd | null) ?? {});
      for (const label of labels) missed.add(label);
      return { tokens: found, views: renderInline(found), isWhole: labels.size === 0 };
    };
    let closed: Closed | undefined;
    const inline: Inline = ({ content, meta }) => {
      const from = known && goesOnFrom(content, known) ? known : undefined;
      if (from) known = undefined; // views are shown but once
      const found = readGrowing(content, from, (part, isRest) => read(part, isRest ? meta : null));
      if (isLong(content)) ({ closed } = found);
      return found.views;
    };
    const views = render(tokens, inline, place);
    // A paragraph without its element may show nothing, and yet must be found again when it gets one.
    const lost = views.length === 0 && tokens.some(({ type }) => type === "inline");
    return { unit: { tokens, place, views: lost ? [{ kind: "text", text: "" }] : views, missed }, closed };
  }

  function create(tokens: readonly Token[], place: Place = TOP): Unit {
    const known = growing;
    growing = undefined;
    return make(tokens, place, known).unit;
  }

  function createGrowing(tokens: readonly Token[]): Unit {
    const { unit, closed } = make(tokens, TOP, growing);
    growing = closed;
    return unit;
  }

  function keep(unit: Unit): void {
    for (const label of unit.missed) {
      const units = waiting.get(label) ?? new Set();
      waiting.set(label, units.add(unit));
    }
  }

  function refresh(unit: Unit): void {
    const first = unit.views[0];
    const parent = first && nodeOf(first).parentNode;
    if (!parent) return;
    const { views, missed } = make(unit.tokens, unit.place).unit;
    patch(parent, unit.views, views);
    unit.views = views;
    unit.missed = missed;
    keep(unit);
  }

  return {
    create,
    createGrowing,
    keep,
    refresh,
    define(label, definition) {
      if (definitions.has(label)) return;
      definitions.set(label, definition);
      const units = waiting.get(label);
      waiting.delete(label);
      units?.forEach(refresh);
    },
  };
}
