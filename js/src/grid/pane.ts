// One cell of a comparison comes in, all that is shown of its run goes out: a status line with its buttons, the answer,
// what went wrong, the figures. Stands in the grid, and once more, larger, above it.
import { visibleProse } from "../markdown/visible";
import { whole } from "../store";
import { createCopyButton } from "../view/copy";
import { h, setAttribute, setText } from "../view/dom";
import { describe, type Words } from "../view/words";
import { createBody, type Drawing } from "./body";
import { isQueued, type Cell, type Comparison } from "./comparison";
import { createFigureStrip } from "./figurestrip";
import type { Figures, Scales } from "./figures";

/** What the reader can do with a cell beyond its run. */
export interface Actions {
  enlarge(cell: Cell): void;
  /** Pins the cell, or lets go of it. */
  pin(cell: Cell): void;
  pinned(): Cell | null;
}

export interface PaneOptions {
  comparison: Comparison;
  drawing: Drawing;
  actions: Actions;
  /** In place of Enlarge. */
  close?: () => void;
}

export interface Pane {
  element: HTMLElement;
  updateText(): void;
  update(): void;
  showFigures(figures: Figures, scales: Scales): void;
  /** Whether the Tab key comes here. */
  setReachable(isReachable: boolean): void;
}

const ICONS: Record<Words["tone"], string> = { "": "", running: "", stopped: "■", warning: "⚠", error: "⚠" };

/** Said at the end of a stopped run, and among the figures of a cell once more. */
const STOPPED_AT = / at [\d.,]+ s(, .*)?$/u;

/** The words of a cell's status line: as a stream's, and before its turn. */
export function wordsOf(cell: Cell): Words {
  if (cell.isAskedAgain) return { state: "again…", tone: "running", metrics: [] };
  if (isQueued(cell.run) && !cell.gone && !cell.stop) return { state: "queued", tone: "", metrics: [] };
  return describe({ run: cell.run, elapsed: cell.elapsed(), stop: cell.stop, gone: cell.gone });
}

export function createPane(cell: Cell, options: PaneOptions, signal: AbortSignal): Pane {
  const { actions, drawing } = options;
  const icon = h("span", { class: "mark", "aria-hidden": "true" });
  const state = h("span", { class: "words", dir: "auto" });
  const buttons = createButtons(cell, options, signal);
  const head = h("div", { class: "run" }, h("span", { class: "how" }, icon, state), buttons.element);
  const base = (): Cell | null => (actions.pinned() === cell ? null : actions.pinned());
  const body = createBody(cell, drawing, base, signal);
  const trouble = createTrouble();
  const strip = createFigureStrip();
  const element = h("div", { class: "pane" }, head, trouble.element, body.element, buttons.resume, strip.element);

  return {
    element,
    updateText: () => body.updateText(),
    update() {
      const words = wordsOf(cell);
      setText(icon, ICONS[words.tone]);
      setText(state, visibleProse(words.tone === "stopped" ? words.state.replace(STOPPED_AT, "") : words.state));
      setAttribute(state, "title", words.state);
      setAttribute(head, "data-tone", words.tone || null);
      buttons.update();
      body.update();
      trouble.update(cell);
    },
    showFigures: (figures, scales) => strip.show(cell.run, figures, scales),
    setReachable(isReachable) {
      const own = [...head.querySelectorAll("button"), buttons.resume, ...body.element.querySelectorAll("[part=answer], .reasoning, summary")];
      for (const stop of own) setAttribute(stop as HTMLElement, "tabindex", isReachable ? "0" : "-1");
    },
  };
}

/** What went wrong and what to do about it; else what is to be said of the run. */
function createTrouble() {
  const message = h("span", { dir: "auto" });
  const hint = h("span", { class: "hint", dir: "auto" });
  const element = h("div", { class: "trouble", role: "group", hidden: true }, message, hint);
  return {
    element,
    update({ run }: Cell): void {
      const { error, notice = "", note = "" } = run.state;
      const isError = run.ended && error != null;
      const [text, more] = isError ? [error.message, error.hint] : [notice, note];
      element.hidden = !text && !more;
      setAttribute(element, "aria-label", isError ? "Error" : "Note");
      setText(message, visibleProse(text));
      setText(hint, visibleProse(more));
    },
  };
}

function createButtons(cell: Cell, { comparison, actions, close }: PaneOptions, signal: AbortSignal) {
  const button = (name: string, title: string, act: () => void): HTMLButtonElement => {
    const element = h("button", { type: "button", class: name.toLowerCase(), title }, name);
    element.addEventListener("click", act, { signal });
    return element;
  };
  const requestStop = (): void => comparison.stopCells([cell.index]);
  const stop = button("Stop", "Stop this run", () => cell.stop || requestStop());
  // At the press: a growing answer may move the button before the release.
  stop.addEventListener("pointerdown", (event) => event.button === 0 && requestStop(), { signal });
  const again = button("Again", "Run this one again", () => comparison.runAgain([cell.index]));
  const resume = button("Continue", "Let this answer go on where it was cut off", () => comparison.resume([cell.index]));
  const copy = createCopyButton(() => whole(cell.run.text) || whole(cell.run.refusal), signal);
  const enlarge = close ? button("Close", "Close the enlarged answer (Escape)", close) : button("Enlarge", "Show this answer over the whole width (Enter)", () => actions.enlarge(cell));
  const pin = button("Pin", "Compare the others with this answer (p)", () => actions.pin(cell));
  const element = h("div", { class: "doings", role: "group", "aria-label": "Run" }, stop, again, copy, pin, enlarge);

  return {
    element,
    /** Stands where the answer was cut off: there is no room for all of them in the line. */
    resume,
    update(): void {
      const { run, gone } = cell;
      const { activeElement } = element.getRootNode() as Partial<ShadowRoot>;
      // The one takes the other's place: the focus goes with it, or it would fall to the page.
      const [shown, hidden] = run.ended ? [again, stop] : [stop, again];
      shown.hidden = false;
      if (activeElement === hidden) shown.focus({ preventScroll: true });
      hidden.hidden = true;
      setAttribute(stop, "aria-disabled", cell.stop || gone ? "true" : null);
      setAttribute(again, "aria-disabled", cell.isAskedAgain || gone ? "true" : null);
      setAttribute(resume, "aria-disabled", cell.isAskedAgain || gone ? "true" : null);
      resume.hidden = !(run.ended && run.state.resumable) && activeElement !== resume;
      const hasText = run.text.length + run.refusal.length > 0;
      copy.hidden = !hasText && activeElement !== copy;
      pin.hidden = run.text.length === 0 && activeElement !== pin;
      const isPinned = actions.pinned() === cell;
      setText(pin, isPinned ? "Pinned" : "Pin");
      setAttribute(pin, "aria-pressed", String(isPinned));
    },
  };
}
