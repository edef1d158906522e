// Finished blocks come in with their views; they are kept only as long as something later may still change them: a
// definition of a label they use, or a list that turns out loose.
import type { Token } from "markdown-it";

import { nodeOf, patch } from "./nodes";
import type { View } from "./nodes";
import { parseInline } from "./parser";
import type { Definition } from "./parser";
import { render, TOP } from "./render";
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

  function create(tokens: readonly Token[], place: Place = TOP): Unit {
    const missed = new Set<string>();
    const inline: Inline = ({ content, meta }) => parseInline(content, definitions, missed, (meta as OpenEnd | null) ?? {});
    const views = render(tokens, inline, place);
    // A paragraph without its element may show nothing, and yet must be found again when it gets one.
    const lost = views.length === 0 && tokens.some(({ type }) => type === "inline");
    return { tokens, place, views: lost ? [{ kind: "text", text: "" }] : views, missed };
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
    const { views, missed } = create(unit.tokens, unit.place);
    patch(parent, unit.views, views);
    unit.views = views;
    unit.missed = missed;
    keep(unit);
  }

  return {
    create,
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
