// The answer of one cell comes in, a box of bounded height goes out that shows it: as Markdown with the core, as plain text
// without, or word by word against another answer. Follows its end while live and while the reader is there.
import type { Core } from "../core";
import type { PartLoaders } from "../markdown/index";
import { visibleProse } from "../markdown/visible";
import { whole, type Growing, type Run } from "../store";
import { h } from "../view/dom";
import type { Cell } from "./comparison";
import { diff, type Piece } from "./diff";
import { followEnd } from "./follow";

/** What draws Markdown, once it is there. */
export interface Drawing {
  core: Core | null;
  parts: PartLoaders;
}

export interface Body {
  element: HTMLElement;
  /** Takes in new text at once, for the Markdown has frames of its own. */
  updateText(): void;
  update(): void;
}

type Content = Omit<Body, "element">;

/** Differences are found anew this often at most (ms). */
const DIFF_MS = 500;

/** `base`: the cell to be compared with, or null. */
export function createBody(cell: Cell, drawing: Drawing, base: () => Cell | null, signal: AbortSignal): Body {
  const inner = h("div", { class: "inner" });
  const element = h("div", { class: "body" }, inner);
  let shown: { run: Run; core: Core | null; base: Cell | null; content: Content; end: AbortController } | undefined;
  const noteEnd = followEnd(element, inner, () => !cell.run.ended, signal);

  function content(): Content {
    const against = base();
    if (shown?.run === cell.run && shown.core === drawing.core && shown.base === against) return shown.content;
    shown?.end.abort();
    // The focus would fall to the page, and with it the keys of the grid.
    const { activeElement = null } = element.getRootNode() as Partial<ShadowRoot>;
    if (inner.contains(activeElement)) element.closest<HTMLElement>(".cell")?.focus({ preventScroll: true });
    inner.replaceChildren();
    const end = new AbortController();
    signal.addEventListener("abort", () => end.abort(), { signal: end.signal });
    const made = against ? createDifferences(inner, against, cell) : createAnswer(inner, cell, drawing, end.signal);
    shown = { run: cell.run, core: drawing.core, base: against, content: made, end };
    made.updateText();
    return made;
  }

  return {
    element,
    updateText: () => content().updateText(),
    update: () => {
      content().update();
      noteEnd();
    },
  };
}

function createAnswer(inner: HTMLElement, cell: Cell, { core, parts }: Drawing, signal: AbortSignal): Content {
  if (!core) return createPlain(inner, cell);
  // The source is this run: after Again there is another, and another view.
  const { run } = cell;
  const source = {
    run,
    get gone() {
      return cell.gone;
    },
  };
  const choices = core.createChoices(source, parts, signal);
  inner.append(choices.element);
  return choices;
}

function createPlain(inner: HTMLElement, { run }: Cell): Content {
  const answer = h("div", { class: "plain", part: "answer", dir: "auto" });
  const texts = [run.text, run.refusal].map((growing) => ({ growing, epoch: growing.epoch, taken: 0, node: document.createTextNode("") }));
  answer.append(...texts.map(({ node }) => node));
  inner.append(answer);
  const updateText = (): void => {
    for (const text of texts) {
      const { growing } = text;
      if (text.epoch !== growing.epoch) [text.epoch, text.taken, text.node.data] = [growing.epoch, 0, ""];
      text.node.appendData(growing.pieces.slice(text.taken).join(""));
      text.taken = growing.pieces.length;
    }
  };
  return { updateText, update: updateText };
}

function createDifferences(inner: HTMLElement, against: Cell, cell: Cell): Content {
  const answer = h("div", { class: "plain differences", part: "answer", dir: "auto" });
  inner.append(answer);
  let seen = "";
  let at = -Infinity;
  const stateOf = ({ epoch, length }: Growing): string => `${epoch}:${length}`;
  const update = (): void => {
    const now = performance.now();
    const state = [...[against.run.text, cell.run.text].map(stateOf), cell.run.ended].join();
    if (state === seen || now - at < DIFF_MS) return;
    [seen, at] = [state, now];
    answer.replaceChildren(...differences(against, cell).flatMap(drawPiece));
  };
  return { updateText: () => undefined, update };
}

/** What is still to come is not missing, nor is anything where nothing has come. */
function differences(against: Cell, { run }: Cell): Piece[] {
  if (run.text.length === 0) return [];
  const pieces = diff(whole(against.run.text), whole(run.text));
  return !run.ended && pieces.at(-1)?.kind === "gone" ? pieces.slice(0, -1) : pieces;
}

/** White space at the end of a piece carries no line, and that of what is gone takes no room. */
function drawPiece({ kind, text }: Piece): Node[] {
  if (kind === "same") return [document.createTextNode(text)];
  const words = text.trimEnd();
  const space = kind === "gone" ? " ".slice(0, text.length - words.length) : text.slice(words.length);
  const mark = words ? [kind === "gone" ? drawGone(words) : h("ins", {}, words)] : [];
  return [...mark, document.createTextNode(words || kind === "new" ? space : "")];
}

/** So much of what is gone stays in its place, crossed out; more would hide the cell's own words. */
const MAX_GONE_WORDS = 6;
const MAX_GONE_CHARS = 60;
/** So much of the rest is told by its mark (characters). */
const MAX_TOLD_CHARS = 400;

function drawGone(words: string): HTMLElement {
  const count = words.trim().split(/\s+/u).length;
  if (count <= MAX_GONE_WORDS && words.length <= MAX_GONE_CHARS) return h("del", {}, words);
  const size = count > MAX_GONE_WORDS ? `${count} words` : `${words.length} characters`;
  const told = visibleProse(words.length > MAX_TOLD_CHARS ? `${words.slice(0, MAX_TOLD_CHARS)}…` : words);
  return h("span", { class: "cut", role: "img", title: told, "aria-label": `${size} are missing: ${told}` }, `⟨−${size}⟩`);
}
