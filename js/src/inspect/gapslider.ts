// One place for the keyboard over all gaps: a slider around the strip. Arrows move from gap to gap, Page Up and Page Down
// by ten, Home and End to the ends, Enter holds what is pointed at, Escape lets it go. What it uses goes no further.
import { h, setAttribute } from "../view/dom";

export interface GapSlider {
  readonly element: HTMLElement;
  /** The numbers of the arrivals that it goes over, and the words for one of them. */
  setRange(last: number, words: (arrival: number) => string): void;
  /** What is pointed at, also from elsewhere. */
  setValue(arrival: number | null): void;
}

export interface SliderActions {
  point(arrival: number): void;
  /** Holds this arrival, or lets it go where it is held. */
  press(arrival: number): void;
  /** The focus has gone. */
  leave(): void;
  /** False where nothing was held. */
  release(): boolean;
}

const PAGE = 10;
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: PAGE, PageDown: -PAGE, Home: -Infinity, End: Infinity };

export function createGapSlider(content: Element, actions: SliderActions, signal: AbortSignal): GapSlider {
  const element = h("div", { class: "gap-slider", role: "slider", tabindex: "0", "aria-label": "Gaps, one by one", "aria-orientation": "horizontal", "aria-valuemin": "1" }, content);
  let last = 0;
  /** 0: none was chosen yet. */
  let value = 0;
  let wordsOf: (arrival: number) => string = () => "";
  const show = (): void => {
    setAttribute(element, "aria-valuemax", String(Math.max(1, last)));
    setAttribute(element, "aria-valuenow", String(Math.max(1, value)));
    setAttribute(element, "aria-valuetext", last < 1 ? "no gaps yet" : value < 1 ? "none chosen" : wordsOf(value));
  };
  const act = (key: string): boolean => {
    if (key === "Escape") return actions.release();
    if (key === "Enter") {
      if (value > 0) actions.press(value);
    } else if (Object.hasOwn(STEPS, key)) move(STEPS[key] ?? 0);
    else return false;
    return true;
  };
  const move = (step: number): void => {
    if (last < 1) return;
    value = Math.min(last, Math.max(1, value + step));
    actions.point(value);
    show();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !act(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  element.addEventListener("keydown", onKey, { signal });
  element.addEventListener("blur", actions.leave, { signal });
  return {
    element,
    setRange(newLast, words) {
      last = newLast;
      wordsOf = words;
      value = Math.min(Math.max(0, last), value);
      show();
    },
    setValue(arrival) {
      if (arrival === null || arrival < 1) return;
      value = Math.min(Math.max(1, last), arrival);
      show();
    },
  };
}
