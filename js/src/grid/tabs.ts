// The repeats of one request come in, a row of tabs goes out, one a repeat; arrows, Home and End move along it.
import { h, setAttribute } from "../view/dom";
import type { Cell } from "./comparison";
import { statusOf } from "./words";

export interface Tabs {
  element: HTMLElement;
  /** The repeat that is shown. */
  readonly selected: number;
  update(): void;
  /** What each repeat is the best in, in words: the best run may be one that is not shown. */
  showBest(praises: readonly string[]): void;
  setReachable(isReachable: boolean): void;
}

export function createTabs(cells: readonly Cell[], panel: HTMLElement, onSelect: () => void, signal: AbortSignal): Tabs {
  let selected = 0;
  let isReachable = false;
  let best: readonly string[] = [];
  const tabs = cells.map((_, at) => h("button", { type: "button", role: "tab" }, String(at + 1)));
  const element = h("div", { class: "tabs", role: "tablist", "aria-label": "Repeats" }, ...tabs);
  panel.setAttribute("role", "tabpanel");

  const update = (): void => {
    for (const [at, tab] of tabs.entries()) {
      const cell = cells[at];
      const status = cell ? statusOf(cell) : "queued";
      const isSelected = at === selected;
      setAttribute(tab, "aria-selected", String(isSelected));
      setAttribute(tab, "tabindex", isReachable && isSelected ? "0" : "-1");
      setAttribute(tab, "data-status", status);
      setAttribute(tab, "data-best", best[at] ? "" : null);
      const name = `Repeat ${at + 1}: ${status}${best[at] ? `, the ${best[at]} of all` : ""}`;
      for (const attribute of ["aria-label", "title"]) setAttribute(tab, attribute, name);
    }
    setAttribute(panel, "aria-label", `Repeat ${selected + 1}`);
  };
  const select = (at: number): void => {
    selected = (at + tabs.length) % tabs.length;
    update();
    onSelect();
  };
  const onKey = (event: KeyboardEvent): void => {
    const to: Record<string, number> = { ArrowLeft: selected - 1, ArrowRight: selected + 1, Home: 0, End: tabs.length - 1 };
    const target = Object.hasOwn(to, event.key) ? to[event.key] : undefined;
    if (target === undefined) return;
    select(target);
    tabs[selected]?.focus();
    event.preventDefault();
  };
  for (const [at, tab] of tabs.entries()) tab.addEventListener("click", () => select(at), { signal });
  element.addEventListener("keydown", onKey, { signal });
  update();

  return {
    element,
    get selected() {
      return selected;
    },
    update,
    showBest(praises) {
      best = praises;
      update();
    },
    setReachable(value) {
      isReachable = value;
      update();
    },
  };
}
