// Finished blocks come in with their views; they are kept only as long as something later may still change them: a
// definition of a label they use, or a list that turns out loose.
import type { Token } from "markdown-it";

import { nodeOf, patch } from "./nodes";
import type { View } from "./nodes";
import { parseInline } from "./parser";
import type { Definition } from "./parser";
import { render } from "./render";
import type { OpenEnd } from "./rules/autolink";

/** One block, list item or row: its tokens, and its view, if it shows anything (a definition does not). */
export interface Unit {
  tokens: readonly Token[];
  view: View | undefined;
  missed: Set<string>;
}

export interface Units {
  /** The view of `tokens` with the definitions known so far. */
  create(tokens: readonly Token[]): Unit;
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

  function create(tokens: readonly Token[]): Unit {
    const missed = new Set<string>();
    const views = render(tokens, ({ content, meta }) => parseInline(content, definitions, missed, (meta as OpenEnd | null) ?? {}));
    return { tokens, view: views[0], missed };
  }

  function keep(unit: Unit): void {
    for (const label of unit.missed) {
      const units = waiting.get(label) ?? new Set();
      waiting.set(label, units.add(unit));
    }
  }

  function refresh(unit: Unit): void {
    const { view, missed } = create(unit.tokens);
    const parent = unit.view && nodeOf(unit.view).parentNode;
    if (!unit.view || !view || !parent) return;
    patch(parent, [unit.view], [view]);
    unit.view = view;
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
