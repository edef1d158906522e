// A track's selection and its rendered answer come in: the token that is pointed at lights up in the answer, and a place
// that is pointed at in the answer points at its token. Boxes are laid over the answer; its elements stay as they are.
import { whole } from "../store";
import { h } from "../view/dom";
import { align } from "./align";
import type { Playback } from "./playback";
import type { Selection } from "./selection";
import { shownWords, type ShownWord } from "./shownwords";

/** Longer answers are not marked: finding their places would take too long. */
const MAX_CHARS = 200_000;
/** A token of many lines has so many boxes at most. */
const MAX_BOXES = 40;

interface Places {
  words: ShownWord[];
  /** Where each word stands in the answer's text; -1 where that is not known. */
  starts: Int32Array;
}

/** What the pointer is told by; browsers have one of them, or none. */
interface CaretFinder {
  caretPositionFromPoint?(x: number, y: number, options?: { shadowRoots: ShadowRoot[] }): { offsetNode: Node; offset: number } | null;
}

export interface AnswerMark {
  /** The answer may have changed. */
  update(): void;
}

/** `root`: what the answer stands in. `isLinked`: whether another view shows what is pointed at. */
export function createAnswerMark(root: ShadowRoot, playback: Playback, selection: Selection, isLinked: () => boolean, signal: AbortSignal): AnswerMark {
  const marks = h("div", { class: "marks", "aria-hidden": "true" });
  let places: Places | undefined;
  let known = "";
  let drawn = "";

  /** The first answer's Markdown, which the tokens are of. */
  const contentOf = (): HTMLElement | null => root.querySelector('[part="answer"] .ns-markdown') ?? root.querySelector('[part="answer"]');
  const placesNow = (content: HTMLElement): Places => {
    const { text } = playback.run;
    const state = `${playback.version} ${text.epoch} ${text.length} ${content.textContent.length}`;
    if (places && state === known) return places;
    known = state;
    const words = text.length > MAX_CHARS ? [] : shownWords(content);
    places = { words, starts: align(whole(text), words.map((word) => word.text)) };
    return places;
  };

  const draw = (): void => {
    const token = isLinked() ? playback.trace.tokens[selection.now.token ?? -1] : undefined;
    const content = token && contentOf();
    const rects = token && content ? rectsOf(placesNow(content), token.start, token.end) : [];
    const origin = rects.length > 0 ? root.host.getBoundingClientRect() : { left: 0, top: 0 };
    const boxes = rects.slice(0, MAX_BOXES).map(({ left, top, width, height }) => [left - origin.left, top - origin.top, width, height].map(Math.round));
    const next = JSON.stringify(boxes);
    if (next === drawn && marks.isConnected) return;
    drawn = next;
    if (!marks.isConnected) root.append(marks); // the view was made anew
    marks.replaceChildren(...boxes.map(createBox));
  };

  const onMove = (event: PointerEvent): void => {
    if (!isLinked() || selection.isHeld) return;
    const content = contentOf();
    const caret = (document as CaretFinder).caretPositionFromPoint?.(event.clientX, event.clientY, { shadowRoots: [root] });
    if (!content || !caret || !content.contains(caret.offsetNode)) return selection.pointToToken(null);
    const at = placeOf(placesNow(content), caret.offsetNode, caret.offset);
    selection.pointToToken(at === null ? null : tokenAt(playback, at));
  };
  const { host } = root;
  host.addEventListener("pointermove", onMove as EventListener, { signal, passive: true });
  host.addEventListener("pointerleave", () => isLinked() && selection.pointToToken(null), { signal });
  selection.subscribe(draw, signal);
  signal.addEventListener("abort", () => marks.remove());
  return { update: draw };
}

function createBox([left = 0, top = 0, width = 0, height = 0]: number[]): HTMLElement {
  const box = h("div");
  Object.assign(box.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  return box;
}

/** Where the pieces of words from `start` to `end` of the source stand on the page. */
function rectsOf({ words, starts }: Places, start: number, end: number): DOMRect[] {
  const rects: DOMRect[] = [];
  words.forEach(({ node, at, text }, i) => {
    const place = starts[i] ?? -1;
    if (place < 0 || place >= end || place + text.length <= start) return;
    const from = at + Math.max(0, start - place);
    const to = at + Math.min(text.length, end - place);
    if (to > node.length || from >= to) return; // the node has changed since
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    rects.push(...range.getClientRects());
  });
  return rects;
}

/** Where a place in a text node stands in the source; null where that is not known. */
function placeOf({ words, starts }: Places, node: Node, offset: number): number | null {
  const i = words.findIndex((word) => word.node === node && offset >= word.at && offset <= word.at + word.text.length);
  const start = starts[i] ?? -1;
  const word = words[i];
  return word && start >= 0 ? start + Math.min(offset - word.at, word.text.length - 1) : null;
}

/** The number of the shown token that stands there. */
function tokenAt({ trace, place }: Playback, at: number): number | null {
  let [low, high] = [0, place.tokens];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((trace.tokens[middle]?.end ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low < place.tokens ? low : null;
}
