// The tokens of a trace as running text: each one an element, in chunks that the browser leaves out where they are out of
// sight. Only what is new is made; where fewer are shown the rest is hidden, in one chunk token by token.
import { h, setAttribute } from "../view/dom";
import { glyphs } from "./glyphs";
import { probabilityOf, stepOf } from "./probability";
import type { Token, Trace } from "./trace";

/** Tokens of a chunk: a chunk is a block, so it ends with a line where it can, and anywhere at the most. */
const LEAST = 100;
const MOST = 400;
/** Made at once: more would be felt as a long frame. */
const MAX_MADE = 2_500;
/** Longer ones are pieces rather than tokens, and break anywhere. */
const LONG = 24;

interface Chunk {
  element: HTMLElement;
  first: number;
  count: number;
  /** Of its tokens, from the first on. */
  shown: number;
}

export interface TokenList {
  readonly element: HTMLElement;
  /** How many there are to see. */
  readonly shown: number;
  /** Shows so many, and no more; false where it has to be called again since there is more to make. */
  show(count: number): boolean;
  at(token: number): HTMLElement | undefined;
  numberOf(target: EventTarget | null): number | null;
  /** A mark of what is hidden, after the last one. */
  setHiding(isHiding: boolean): void;
}

export function createTokenList(trace: Trace): TokenList {
  const element = h("div", { class: "list", role: "listbox", "aria-label": "Tokens of the answer" });
  const veil = h("span", { class: "veil", "aria-hidden": "true" });
  const spans: HTMLElement[] = [];
  const numbers = new Map<Element, number>();
  const chunks: Chunk[] = [];
  let shown = 0;

  const add = (token: Token): void => {
    let chunk = chunks.at(-1);
    if (!chunk || isFull(chunk, trace.tokens[spans.length - 1])) {
      chunk = { element: h("div", { class: "chunk", role: "presentation", dir: "auto" }), first: spans.length, count: 0, shown: 0 };
      chunks.push(chunk);
      element.append(chunk.element);
    }
    const span = tokenElement(token);
    numbers.set(span, spans.length);
    spans.push(span);
    // A line may end before a token that begins with a space, and then the token is not torn.
    if (token.text.startsWith(" ")) chunk.element.append(document.createElement("wbr"));
    chunk.element.append(span);
    chunk.count += 1;
    chunk.shown += 1;
  };

  const cut = (chunk: Chunk, count: number): void => {
    const wanted = Math.max(0, Math.min(chunk.count, count - chunk.first));
    setAttribute(chunk.element, "data-out", wanted === 0 ? "" : null); // "hidden" would cost its layout each time
    if (wanted === 0) return; // its tokens stay as they are until it is seen again
    for (let at = chunk.shown; at < wanted; at++) spans[chunk.first + at]?.removeAttribute("hidden");
    for (let at = wanted; at < chunk.shown; at++) spans[chunk.first + at]?.setAttribute("hidden", "");
    chunk.shown = wanted;
  };

  return {
    element,
    get shown() {
      return shown;
    },
    show(count) {
      const wanted = Math.min(count, trace.tokens.length);
      const until = Math.min(wanted, spans.length + MAX_MADE);
      for (const token of trace.tokens.slice(spans.length, until)) add(token);
      shown = Math.min(wanted, spans.length);
      for (const chunk of chunks) cut(chunk, shown);
      if (veil.isConnected) placeVeil();
      return shown === wanted;
    },
    at: (token) => spans[token],
    numberOf(target) {
      const span = target instanceof Element ? target.closest(".token") : null;
      return span ? (numbers.get(span) ?? null) : null;
    },
    setHiding(isHiding) {
      if (isHiding) placeVeil();
      else veil.remove();
    },
  };

  function placeVeil(): void {
    const last = spans[shown - 1];
    if (last) last.after(veil);
    else element.prepend(veil);
  }
}

function isFull({ count }: Chunk, last: Token | undefined): boolean {
  return count >= MOST || (count >= LEAST && last?.text.endsWith("\n") === true);
}

function tokenElement(token: Token): HTMLElement {
  const element = h("span", { class: token.text.length > LONG ? "token long" : "token", role: "option" }, ...glyphs(token.text));
  if (token.logprob !== null) element.dataset["step"] = String(stepOf(probabilityOf(token.logprob)));
  // A line that is empty but for the room at a token's end would stand there.
  if (token.text.endsWith("\n")) element.dataset["ends"] = "";
  if (token.text === "") element.dataset["mark"] = "∅";
  return element;
}
