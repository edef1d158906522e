// One place of the grid comes in, a box goes out that renders nothing until it is seen: the run, or several repeats of it
// behind tabs, with how far they agree.
import { h, setAttribute, setText } from "../view/dom";
import type { Slot } from "./arrange";
import { namesOf } from "./arrange";
import type { Cell } from "./comparison";
import { praisesOf, type Figures, type Scales } from "./figures";
import { createPane, wordsOf, type Pane, type PaneOptions } from "./pane";
import { createTabs } from "./tabs";
import { agreementWords } from "./words";

export interface CellBox {
  readonly slot: Slot;
  readonly element: HTMLElement;
  /** The run that is shown of several. */
  readonly cell: Cell;
  /** Whether it can be seen, or nearly: what cannot is left as it is. */
  setInSight(isInSight: boolean): void;
  /** Left out by the filter. */
  setOut(isOut: boolean): void;
  updateText(): void;
  update(): void;
  showFigures(figures: readonly Figures[], scales: Scales): void;
  /** The one cell that the Tab key comes to. */
  setCurrent(isCurrent: boolean): void;
}

/** What an answer that has not been seen will need, roughly: as many characters go into a line of so many pixels. */
const CHARS_A_LINE = 36;
const LINE_PX = 22;
const FRAME_PX = 84;
const MAX_BODY_PX = 260;

/** `onChange`: another repeat is shown. */
export function createCellBox(slot: Slot, options: PaneOptions, onChange: (box: CellBox) => void, signal: AbortSignal): CellBox {
  const { comparison } = options;
  const cells = slot.cells.flatMap((index) => comparison.cells[index] ?? []);
  const panel = h("div", { class: "panel" });
  const agreement = h("div", { class: "agreement", hidden: true });
  const element = h("div", { class: "cell", role: "gridcell", tabindex: "-1" });
  const panes = new Map<Cell, Pane>();
  const name = namesOf(comparison.layout, slot.cells[0] ?? 0).join(", ");
  const tabs = cells.length > 1 ? createTabs(cells, panel, () => onSelect(), signal) : undefined;
  let isInSight = false;
  let isOut = false;
  let isCurrent = false;

  const shown = (): Cell => cells[tabs?.selected ?? 0] as Cell;
  const isLive = (): boolean => isInSight && !isOut;

  /** Made when it is first seen. */
  function pane(): Pane {
    const cell = shown();
    let made = panes.get(cell);
    if (!made) {
      made = createPane(cell, options, signal);
      panes.set(cell, made);
      if (panes.size === 1) element.append(...(tabs ? [tabs.element, agreement] : []), panel);
      panel.append(made.element);
      element.style.minHeight = "";
    }
    for (const [other, { element: pane }] of panes) pane.hidden = other !== cell;
    return made;
  }

  function onSelect(): void {
    const now = pane();
    now.updateText();
    onChange(box);
    now.setReachable(isCurrent);
  }

  function reserve(): void {
    if (panes.size > 0) return;
    const lines = Math.ceil(shown().run.text.length / CHARS_A_LINE);
    const height = `${FRAME_PX + Math.min(MAX_BODY_PX, lines * LINE_PX)}px`;
    if (element.style.minHeight !== height) element.style.minHeight = height;
  }

  function agree(): void {
    const found = comparison.state.agreements?.find(({ cells: of }) => of.length > 0 && of.every((cell) => slot.cells.includes(cell)));
    const [first = "", ...rest] = found ? agreementWords(found) : [];
    agreement.hidden = first === "";
    setText(agreement, [first, ...rest].join(" · "));
  }

  const box: CellBox = {
    slot,
    element,
    get cell() {
      return shown();
    },
    setInSight(value) {
      if (isInSight === value) return;
      isInSight = value;
      if (isLive()) pane().updateText();
    },
    setOut(value) {
      if (isOut === value) return;
      isOut = value;
      setAttribute(element, "data-out", isOut ? "" : null);
      if (isLive()) pane().updateText();
    },
    updateText() {
      if (isLive()) pane().updateText();
    },
    update() {
      setAttribute(element, "aria-label", `${name}: ${wordsOf(shown()).state}`);
      setAttribute(element, "data-pinned", slot.cells.includes(options.actions.pinned()?.index ?? -1) ? "" : null);
      if (!isLive()) {
        reserve();
        return;
      }
      const now = pane();
      now.update();
      now.setReachable(isCurrent);
      if (!tabs) return;
      tabs.update();
      agree();
    },
    showFigures(figures, scales) {
      const own = figures[shown().index];
      if (!isLive() || !own) return;
      pane().showFigures(own, scales);
      tabs?.showBest(cells.map(({ index, run }) => praisesOf(run, figures[index], scales)));
    },
    setCurrent(value) {
      isCurrent = value;
      setAttribute(element, "tabindex", isCurrent ? "0" : "-1");
      panes.get(shown())?.setReachable(isCurrent);
      tabs?.setReachable(isCurrent);
    },
  };
  return box;
}
