// A cell that the reader wants to see large comes in, a panel over the whole width goes out, in the flow above the grid.
import { visibleProse } from "../markdown/visible";
import { h } from "../view/dom";
import { namesOf } from "./arrange";
import type { Cell } from "./comparison";
import { createPane, type Pane, type PaneOptions } from "./pane";

export interface Enlarged {
  element: HTMLElement;
  readonly cell: Cell | null;
  readonly pane: Pane | null;
  /** `from`: what has the focus again afterwards. */
  open(cell: Cell, from: HTMLElement | null): void;
  /** False when there was nothing to close. */
  close(): boolean;
}

export function createEnlarged(options: PaneOptions, signal: AbortSignal): Enlarged {
  const element = h("section", { class: "enlarged", "aria-label": "Enlarged answer", hidden: true });
  let shown: { cell: Cell; pane: Pane; from: HTMLElement | null; end: AbortController } | null = null;

  const close = (): boolean => {
    if (!shown) return false;
    const { from, end } = shown;
    const hadFocus = element.contains((element.getRootNode() as Partial<ShadowRoot>).activeElement ?? null);
    shown = null;
    end.abort();
    element.hidden = true;
    element.replaceChildren();
    if (hadFocus) from?.focus();
    return true;
  };

  return {
    element,
    close,
    get cell() {
      return shown?.cell ?? null;
    },
    get pane() {
      return shown?.pane ?? null;
    },
    open(cell, from) {
      close();
      const end = new AbortController();
      signal.addEventListener("abort", () => end.abort(), { signal: end.signal });
      const pane = createPane(cell, { ...options, close }, end.signal);
      const title = h("div", { class: "title" }, visibleProse(namesOf(options.comparison.layout, cell.index, true).join(" · ")));
      shown = { cell, pane, from, end };
      element.replaceChildren(title, pane.element);
      element.hidden = false;
      pane.updateText();
      pane.update();
      element.querySelector<HTMLElement>("button.close")?.focus({ preventScroll: true });
      element.scrollIntoView?.({ block: "nearest" });
    },
  };
}
