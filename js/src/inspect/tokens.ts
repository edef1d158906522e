// The Tokens view: every token of the answer with its bounds, coloured by its probability, what could have stood in its
// place, entropy along the text, and a game of guessing the next one. Puts the parts together; draws nothing itself.
import { h, setAttribute } from "../view/dom";
import { createDetail, describe } from "./detail";
import { createStrip } from "./entropystrip";
import { createGuess } from "./guess";
import { createLegend, createNote } from "./legend";
import { createLights } from "./lights";
import type { MakePanel } from "./panel";
import { keepInSight, press, rove } from "./rove";
import { followEnd } from "./tail";
import { createTokenList } from "./tokenlist";

export const createTokensPanel: MakePanel = (shown, signal) => {
  const { trace, selection } = shown;
  const list = createTokenList(trace);
  const tail = followEnd(list.element, signal);
  const lights = createLights(trace, list);
  const detail = createDetail(shown);
  const legend = createLegend();
  const note = createNote();
  const toggle = h("button", { type: "button", class: "toggle", "aria-pressed": "false" }, "Guess");
  const side = h("div", { class: "side" }, detail.element);
  let isGuessing = false;
  let isOwn = false; // pointed at in the list itself, which then must not move

  const strip = createStrip(shown, { point: (token) => selection.pointToToken(token), press: (token) => press(selection, token) }, signal);
  const guess = createGuess(shown, { changed: () => update(), leave: () => setGuessing(false) }, signal);
  const roving = rove(list, ownSelection(), { describe: (token) => describe(shown, token), isBusy: () => side.matches(":focus-within") }, signal);
  const bar = h("div", { class: "bar" }, legend, note, toggle);
  const element = h("div", { class: "tokens" }, bar, strip.element, h("div", { class: "two" }, list.element, side));

  /** The selection for the list's own pointing. */
  function ownSelection(): typeof selection {
    const own = <A>(act: (value: A) => void) => (value: A): void => {
      isOwn = true;
      act(value);
      isOwn = false;
    }; // prettier-ignore
    return {
      get now() {
        return selection.now;
      },
      get isHeld() {
        return selection.isHeld;
      },
      pointToToken: own((token) => selection.pointToToken(token)),
      pointToMoment: own((moment) => selection.pointToMoment(moment)),
      hold: own((isHeld) => selection.hold(isHeld)),
      subscribe: (listener, until) => selection.subscribe(listener, until),
    };
  }

  /** What is pointed at, if it has come for the reader. */
  function seen(): number | null {
    const { token } = selection.now;
    return token !== null && token < list.shown ? token : null;
  }

  function point(): void {
    const token = seen();
    lights.show(selection.now, selection.isHeld);
    strip.point(token);
    detail.show(token);
    const target = token !== null && !isOwn ? list.at(token) : undefined;
    if (target) keepInSight(list.element, target);
  }

  function setGuessing(value: boolean): void {
    const held = selection.isHeld ? selection.now.token : null;
    isGuessing = value;
    setAttribute(toggle, "aria-pressed", String(value));
    side.replaceChildren(value ? guess.element : detail.element);
    if (value) {
      selection.hold(false);
      selection.pointToToken(null); // the other views would tell
      return guess.start(held ?? 0);
    }
    update();
    toggle.focus({ preventScroll: true });
  }

  function update(): void {
    legend.hidden = !trace.hasLogprobs;
    setAttribute(element, "data-pieces", trace.hasLogprobs ? null : "");
    note.hidden = trace.hasLogprobs || trace.tokens.length === 0;
    const count = isGuessing ? guess.visible : shown.place.tokens;
    const before = list.shown;
    const wasSeen = seen();
    const isDone = list.show(count);
    list.setHiding(isGuessing && guess.isHiding);
    strip.show(list.shown);
    roving.refresh();
    if (seen() !== wasSeen) point();
    else detail.show(wasSeen); // that it can be branched off may have become known
    if (isGuessing) tail.toEnd();
    else if (!selection.isHeld && !list.element.matches(":focus-within")) tail.update(list.shown < before); // else what is looked at would move
    if (!isDone) requestAnimationFrame(() => signal.aborted || update());
  }

  toggle.addEventListener("click", () => setGuessing(!isGuessing), { signal });
  const leave = (to: EventTarget | null): void => {
    if (!(to instanceof Node && element.contains(to)) && !element.matches(":focus-within")) selection.pointToToken(null);
  };
  element.addEventListener("pointerleave", ({ relatedTarget }) => leave(relatedTarget), { signal });
  element.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && element.contains(relatedTarget)) && !element.matches(":hover")) selection.pointToToken(null);
  }, { signal }); // prettier-ignore
  selection.subscribe(point, signal);
  detail.show(null);
  return {
    element,
    update() {
      if (isGuessing) guess.update();
      update();
    },
  };
};
