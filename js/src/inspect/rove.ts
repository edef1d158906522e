// Keys and the pointer on the tokens come in; what is pointed at and held goes out to the selection. One token is in the
// order of Tab, and arrows go from it to the others.
import { setAttribute } from "../view/dom";
import type { Selection } from "./selection";
import type { TokenList } from "./tokenlist";

export interface Rove {
  /** Another token for Tab to come to, where the current one is not shown any more. */
  refresh(): void;
}

/** `describe`: what is said of a token beside its text; `isBusy`: whether the pointer should change nothing now. */
export function rove(
  list: TokenList,
  selection: Selection,
  options: { describe: (token: number) => { label: string; description: string }; isBusy: () => boolean },
  signal: AbortSignal,
): Rove {
  let current = 0;
  let pointer = "";
  const setCurrent = (token: number): void => {
    list.at(current)?.removeAttribute("tabindex");
    current = token;
    list.at(current)?.setAttribute("tabindex", "0");
  };
  const focus = (token: number): void => {
    const element = list.at(token);
    if (!element || token >= list.shown) return;
    const { label, description } = options.describe(token);
    setAttribute(element, "aria-label", label);
    setAttribute(element, "aria-description", description);
    setCurrent(token);
    element.focus({ preventScroll: true });
    keepInSight(list.element, element);
  };
  const letGo = (): void => {
    selection.hold(false);
    selection.pointToToken(null);
  };

  const targetOf = (key: string, token: number): number | null => {
    switch (key) {
      case "ArrowRight":
        return Math.min(token + 1, list.shown - 1);
      case "ArrowLeft":
        return Math.max(0, token - 1);
      case "ArrowDown":
        return onNextLine(list, token, 1);
      case "ArrowUp":
        return onNextLine(list, token, -1);
      case "Home":
        return 0;
      case "End":
        return list.shown - 1;
      default:
        return null;
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    const token = list.numberOf(event.target);
    if (token === null || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = targetOf(event.key, token);
    if (target !== null) focus(target);
    else if (event.key === "Enter" || event.key === " ") press(selection, token);
    else if (event.key === "Escape" && (selection.isHeld || selection.now.moment !== null)) letGo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  list.element.addEventListener("keydown", onKey, { signal });
  list.element.addEventListener(
    "focusin",
    ({ target }) => {
      const token = list.numberOf(target);
      if (token !== null) selection.pointToToken(token);
    },
    { signal },
  );
  list.element.addEventListener(
    "pointerover",
    (event) => {
      const place = `${event.screenX} ${event.screenY}`;
      if (place === pointer) return; // the text moved below a pointer that rests
      pointer = place;
      const token = list.numberOf(event.target);
      if (token !== null && !options.isBusy()) selection.pointToToken(token);
    },
    { signal },
  );
  list.element.addEventListener(
    "click",
    ({ target }) => {
      const token = list.numberOf(target);
      if (token === null) return;
      press(selection, token);
      focus(token);
    },
    { signal },
  );
  return {
    refresh() {
      if (current >= list.shown) setCurrent(Math.max(0, list.shown - 1));
      else if (!list.at(current)?.hasAttribute("tabindex")) setCurrent(current);
    },
  };
}

/** Holds a token in place of another one; the held one is let go. */
export function press(selection: Selection, token: number): void {
  const isOut = selection.isHeld && selection.now.token === token;
  selection.hold(false);
  selection.pointToToken(token);
  if (!isOut) selection.hold(true);
}

/** The token of the next line, or the one before, that stands nearest below or above. */
function onNextLine(list: TokenList, token: number, step: 1 | -1): number {
  const box = list.at(token)?.getBoundingClientRect();
  if (!box) return token;
  const middle = (box.left + box.right) / 2;
  let [best, distance, line] = [token, Infinity, NaN];
  for (let at = token + step; at >= 0 && at < list.shown; at += step) {
    const other = list.at(at)?.getBoundingClientRect();
    if (!other) break;
    const gap = step > 0 ? other.top - box.bottom : box.top - other.bottom;
    if (gap < -1) continue; // in the same line
    if (Number.isNaN(line)) line = other.top;
    if (Math.abs(other.top - line) > box.height / 2) break; // the line after
    const away = Math.max(other.left - middle, middle - other.right, 0);
    if (away < distance) [best, distance] = [at, away];
  }
  return best;
}

/** Scrolls the list, never the page. */
export function keepInSight(scroller: HTMLElement, element: HTMLElement): void {
  const [outer, inner] = [scroller.getBoundingClientRect(), element.getBoundingClientRect()];
  const air = inner.height;
  if (inner.top < outer.top) scroller.scrollTop -= outer.top - inner.top + air;
  else if (inner.bottom > outer.bottom) scroller.scrollTop += Math.min(inner.bottom - outer.bottom + air, inner.top - outer.top);
}
