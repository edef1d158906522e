// A comparison and how it is looked at come in, one line goes out that says how far it is and lets the reader choose:
// what is across, how it is sorted, what is shown, Stop all.
import { h, setAttribute, setText } from "../view/dom";
import { choosable } from "./arrange";
import type { Comparison } from "./comparison";
import { FIGURES, type FigureName } from "./figures";
import type { Outlook } from "./outlook";
import type { RunStatus } from "./words";

export interface Toolbar {
  element: HTMLElement;
  /** `hasCosts`: whether one can sort by them. */
  update(progress: string, hasCosts: boolean): void;
}

const STATUSES: readonly (RunStatus | "")[] = ["", "running", "queued", "done", "stopped", "failed"];

/** `onChange` is called when `outlook` has another value. */
export function createToolbar(comparison: Comparison, outlook: Outlook, onChange: () => void, signal: AbortSignal): Toolbar {
  const progress = h("div", { class: "progress" });
  const stop = h("button", { type: "button", class: "stop-all" }, h("span", { "aria-hidden": "true" }, "■ "), "Stop all");
  stop.addEventListener("pointerdown", (event) => event.button === 0 && comparison.stopAll(), { signal });
  stop.addEventListener("click", () => comparison.stop || comparison.stopAll(), { signal });
  const change = (set: () => void) => (): void => {
    set();
    onChange();
  };
  const choices = [createAcross(comparison, outlook, change, signal), createSort(outlook, change, signal), createShow(outlook, change, signal)];
  const shown = choices.flatMap((choice) => choice ?? []);
  const element = h("div", { class: "bar", part: "status", role: "toolbar", "aria-label": "Comparison", tabindex: "-1" }, progress, stop, h("div", { class: "choosers" }, ...shown));
  const updateStop = (): void => {
    const { isRunning, gone, stop: asked } = comparison;
    // It keeps its place under the focus, which would else fall to the page.
    const isFocused = (element.getRootNode() as Partial<ShadowRoot>).activeElement === stop;
    stop.hidden = !isRunning && !isFocused;
    setAttribute(stop, "aria-disabled", !isRunning || gone || asked ? "true" : null);
    setText(stop.lastChild as unknown as HTMLElement, asked === "busy" ? "Kernel busy" : asked ? "Stopping…" : "Stop all");
  };
  stop.addEventListener("blur", () => queueMicrotask(updateStop), { signal });
  return {
    element,
    update(words, hasCosts) {
      setText(progress, words);
      for (const option of element.querySelectorAll<HTMLElement>("option[value=cost]")) option.hidden = !hasCosts;
      updateStop();
    },
  };
}

type Change = (set: () => void) => () => void;

function createSelect(name: string, options: readonly (readonly [value: string, text: string])[], value: string): [HTMLElement, HTMLSelectElement] {
  const select = h("select", { "aria-label": name }, ...options.map(([value, text]) => h("option", { value }, text)));
  select.value = value;
  return [h("label", { class: "chooser" }, h("span", {}, name), select), select];
}

function createAcross({ layout }: Comparison, outlook: Outlook, change: Change, signal: AbortSignal): HTMLElement | null {
  const axes = choosable(layout);
  if (axes.length < 2) return null;
  const options = [...axes.map((axis) => [String(axis), layout.axes[axis]?.name ?? ""] as const), ["-1", "none"] as const];
  const [element, select] = createSelect("Across", options, String(outlook.across));
  select.addEventListener("change", change(() => (outlook.across = Number(select.value))), { signal }); // prettier-ignore
  return element;
}

function createSort(outlook: Outlook, change: Change, signal: AbortSignal): HTMLElement {
  const options = [["", "order"] as const, ...FIGURES.map(({ name, word }) => [name, word] as const)];
  const [element, select] = createSelect("Sort", options, outlook.sortBy);
  const turn = h("button", { type: "button", class: "turn", hidden: true });
  const update = (): void => {
    turn.hidden = outlook.sortBy === "";
    const words = outlook.isFalling ? "Most first" : "Least first";
    setText(turn, outlook.isFalling ? "↓" : "↑");
    for (const name of ["aria-label", "title"]) setAttribute(turn, name, words);
  };
  select.addEventListener(
    "change",
    change(() => {
      outlook.sortBy = select.value as FigureName | "";
      outlook.isFalling = FIGURES.find(({ name }) => name === outlook.sortBy)?.best === "most"; // the best first
      update();
    }),
    { signal },
  );
  turn.addEventListener(
    "click",
    change(() => {
      outlook.isFalling = !outlook.isFalling;
      update();
    }),
    { signal },
  );
  update();
  return h("span", { class: "sort" }, element, turn);
}

function createShow(outlook: Outlook, change: Change, signal: AbortSignal): HTMLElement {
  const options = STATUSES.map((status) => [status, status || "all runs"] as const);
  const [, select] = createSelect("Show", options, outlook.status);
  const find = h("input", { type: "search", placeholder: "Find", "aria-label": "Find in answers and labels", spellcheck: "false" });
  select.addEventListener("change", change(() => (outlook.status = select.value as RunStatus | "")), { signal }); // prettier-ignore
  find.addEventListener("input", change(() => (outlook.text = find.value)), { signal }); // prettier-ignore
  return h("span", { class: "show" }, select, find);
}
