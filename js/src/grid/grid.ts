// A comparison and a shadow root come in, the whole view goes out and keeps itself true until the signal aborts. It joins
// the parts and says when each is drawn; each part knows only its own.
import { h, setText } from "../view/dom";
import { onFrame } from "../view/frame";
import { holdKeys } from "../view/keys";
import { watchSettling, isUnsaved } from "../view/settling";
import { followTheme } from "../view/theme";
import { createAnnouncer } from "./announce";
import { slotsOf } from "./arrange";
import type { Drawing } from "./body";
import { createCellBox, type CellBox } from "./cell";
import type { Clock } from "./clock";
import type { Cell, Comparison } from "./comparison";
import { createEnlarged } from "./enlarged";
import { figuresOf, scalesOf, type Figures, type Scales } from "./figures";
import { moveBetweenCells } from "./keys";
import { createLegend } from "./legend";
import { firstOutlook, isFiltered, lookAt, shownSlots } from "./outlook";
import type { Actions, PaneOptions } from "./pane";
import { watchSight } from "./sight";
import { gridStyles } from "./styles";
import { createTable } from "./table";
import { createToolbar } from "./toolbar";
import { gridNote, progressOf, progressWords } from "./words";

/** Figures, progress and seconds are looked at this often (ms), whatever comes. */
const TICK_MS = 250;

/** Draws `comparison` into `root` and follows it until `signal` aborts. The returned function draws all of it anew. */
export function createGrid(root: ShadowRoot, comparison: Comparison, clock: Clock, drawing: Drawing, signal: AbortSignal): () => void {
  const host = root.host as HTMLElement;
  const slots = slotsOf(comparison.layout);
  const outlook = firstOutlook(comparison);
  let pinned: Cell | null = null;
  let shownCount = slots.length;
  let figures: Figures[] = [];
  let scales: Scales = scalesOf([]);

  const actions: Actions = {
    pinned: () => pinned,
    pin: (cell) => {
      pinned = pinned === cell ? null : cell;
      drawAll();
    },
    enlarge: (cell) => {
      enlarged.open(cell, root.activeElement as HTMLElement | null);
      drawAll();
    },
  };
  const options: PaneOptions = { comparison, drawing, actions };
  const redraw = (box: CellBox): void => {
    box.update();
    box.showFigures(figures, scales);
  };
  const boxes = new Map(slots.map((slot) => [slot.key, createCellBox(slot, options, redraw, signal)] as const));
  const byElement = new Map([...boxes.values()].map((box) => [box.element as Element, box] as const));
  const byCell: CellBox[] = [];
  for (const box of boxes.values()) for (const cell of box.slot.cells) byCell[cell] = box;

  const toolbar = createToolbar(comparison, outlook, () => rearrange(), signal);
  const note = h("div", { class: "note", dir: "auto" });
  const legend = createLegend(comparison.layout, (cell) => actions.pin(cell), signal);
  const enlarged = createEnlarged(options, signal);
  const table = createTable(comparison.layout, boxes);
  const announcer = createAnnouncer(comparison, signal);
  const nothing = h("div", { class: "nothing", hidden: true }, "Nothing fits the filter.");
  const roving = moveBetweenCells(table, byElement, actions, signal);
  const parts = [toolbar, legend, enlarged, table, announcer].map(({ element }) => element);
  parts.splice(1, 0, note);
  root.replaceChildren(h("style", {}, drawing.core?.styles ?? ""), h("style", {}, gridStyles), ...parts, nothing);

  function tellProgress(): void {
    const shown = shownCount < slots.length ? `${shownCount} of ${slots.length} shown` : "";
    toolbar.update([progressWords(progressOf(comparison), clock.elapsed()), shown].filter(Boolean).join(" · "), scales.cost.isKnown);
  }
  function rearrange(): void {
    const shown = shownSlots(comparison, outlook, slots);
    table.show(lookAt(comparison, outlook, slots, shown), ({ slot }) => !shown.has(slot.key));
    nothing.hidden = shown.size > 0;
    shownCount = shown.size;
    tellProgress();
    roving.refresh();
  }
  const isReaderIn = (): boolean => table.element.matches(":hover") || table.element.contains(root.activeElement);

  let ended = -1;
  function drawFigures(): void {
    figures = comparison.cells.map((cell) => figuresOf(cell.run, cell.elapsed()));
    scales = scalesOf(comparison.cells.map(({ run }, at) => ({ figures: figures[at] as Figures, run })));
    tellProgress();
    const unsaved = !comparison.isRunning && isUnsaved(host) ? "Not saved in this layout: display(comparison) keeps it." : "";
    setText(note, [gridNote(comparison.state, comparison.gone), unsaved].filter(Boolean).join(" "));
    note.hidden = !note.textContent;
    announcer.update();
    if (isFiltered(outlook)) rearrange();
    else sortAnew();
  }
  // Rows that move while one reads them are worse than an order of a moment ago: they wait until the reader has gone.
  function sortAnew(now = progressOf(comparison).ended): void {
    if (now === ended || (outlook.sortBy !== "" && isReaderIn())) return;
    ended = now;
    if (outlook.sortBy !== "") rearrange();
  }
  function drawAll(): void {
    drawFigures();
    legend.update(pinned);
    for (const box of boxes.values()) redraw(box);
    drawEnlarged();
  }
  function drawEnlarged(): void {
    const { cell, pane } = enlarged;
    const own = figures[cell?.index ?? -1];
    pane?.update();
    if (own) pane?.showFigures(own, scales);
  }

  const dirty = new Set<CellBox>();
  const drawSoon = onFrame(() => {
    for (const box of dirty) redraw(box);
    dirty.clear();
    drawEnlarged();
  }, signal);
  let tick: ReturnType<typeof setInterval> | undefined;
  const beat = (): void => {
    drawAll();
    if (comparison.isRunning && !comparison.gone) return;
    clearInterval(tick);
    tick = undefined;
  };
  const onChange = (changed: readonly number[]): void => {
    for (const index of changed) {
      const box = byCell[index];
      if (!box) continue;
      // The Markdown has frames of its own: through ours its text would come one later.
      if (box.cell.index === index) box.updateText();
      if (enlarged.cell?.index === index) enlarged.pane?.updateText();
      dirty.add(box);
    }
    tick ??= setInterval(beat, TICK_MS);
    drawSoon();
  };
  const unpin = (): boolean => {
    if (!pinned) return false;
    actions.pin(pinned);
    return true;
  };
  const onEscape = (): boolean => {
    const { activeElement } = root;
    const box = byElement.get(activeElement?.closest(".cell") ?? root.host);
    if (!box) return enlarged.element.contains(activeElement) && enlarged.close();
    if (box.cell.run.ended) return enlarged.close() || unpin();
    comparison.stopCells([box.cell.index]);
    return true;
  };
  const onSight = (element: HTMLElement, isInSight: boolean): void => {
    const box = byElement.get(element);
    box?.setInSight(isInSight);
    if (box && isInSight) redraw(box);
  };

  table.element.addEventListener("pointerleave", () => sortAnew(), { signal });
  table.element.addEventListener("focusout", () => queueMicrotask(() => sortAnew()), { signal });
  followTheme(host, signal);
  watchSettling(comparison, root, signal);
  holdKeys(root, toolbar.element, onEscape, signal);
  comparison.subscribe(onChange, signal);
  signal.addEventListener("abort", () => clearInterval(tick));
  rearrange();
  drawAll();
  watchSight(table.element, [...boxes.values()].map(({ element }) => element), onSight, signal); // prettier-ignore
  onChange([]);
  return () => {
    setText(root.firstElementChild as HTMLElement, drawing.core?.styles ?? "");
    drawAll();
  };
}
