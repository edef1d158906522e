// The Markdown module: text comes in while it is being written, a live, safe DOM goes out. Knows no Jupyter.
import { copyToClipboard, listenForCopy } from "./copy";
import { createEngine } from "./engine";
import { createParts, usePartsIn } from "./parts";
import type { PartLoaders } from "./parts";
import { createScheduler } from "./schedule";

export type { Highlighter, LineHighlighter, Look, MathElement, Piece, TokenKind, Typesetter } from "./contract";
export type { PartLoaders } from "./parts";
export { markdownStyles } from "./styles";

export interface MarkdownStream {
  /** Takes a piece of text, at any rate; it is shown with the next frame. */
  append(text: string): void;
  /** No more text comes: shows everything in its final form before it returns. */
  end(): void;
  /** Takes everything out of the page and lets go of it. */
  destroy(): void;
}

export interface MarkdownOptions extends PartLoaders {
  /** Told of what went wrong; the text is then shown as plain text. */
  onError?: (error: unknown) => void;
  /** Puts code on the clipboard in place of the browser's own way. */
  copyText?: (text: string) => Promise<void>;
}

/** Milliseconds that one parse may take at any time; a longer one is followed by a pause. */
const FREE_MS = 4;
/** The pause, in times of the parse before it: hostile text slows its own display, never the page. */
const PAUSE = 10;
/** For this long (ms) text may wait for the end of a pause. */
const SOON_MS = 100;
/**
 * The longest pause (ms) in which only plain words are shown and half-typed marks wait; in a longer one no word waits.
 * A second is what a reader takes for slow rather than stuck, and a parse of a tenth of one, twice in a row, is no
 * slow machine's, but a hostile text's.
 */
const PATIENCE_MS = 1000;

/** Shows Markdown in `root`, in an element of its own, as it comes. */
export function createMarkdownStream(root: HTMLElement | ShadowRoot, options: MarkdownOptions = {}): MarkdownStream {
  const { onError = (error) => console.error(error) } = options;
  const content = document.createElement("div");
  content.className = "ns-markdown";
  root.append(content);
  const copyText = options.copyText ?? ((text) => copyToClipboard(text, content));
  const listening = new AbortController();
  listenForCopy(content, copyText, onError, listening.signal);

  const parts = createParts(options, onError);
  usePartsIn(content, parts);
  const engine = createEngine(content);
  const scheduler = createScheduler(flush);
  let lastCost = 0;
  let pauseUntil = 0;
  let showsRaw = false;
  let state: "open" | "ended" | "destroyed" = "open";

  function flush(): void {
    const start = performance.now();
    if (start < pauseUntil) {
      if (pauseUntil - start > SOON_MS) showUnparsed();
      scheduler.request(pauseUntil - start);
      return;
    }
    guard(() => engine.flush());
    const cost = performance.now() - start;
    pauseUntil = cost > FREE_MS ? start + cost + pauseAfter(cost) : 0;
    lastCost = cost;
  }

  /** Milliseconds without a parse. One slow parse may be the machine's fault, two in a row are the text's. */
  function pauseAfter(cost: number): number {
    showsRaw = Math.min(cost, lastCost) * PAUSE > PATIENCE_MS;
    return showsRaw ? cost * PAUSE : Math.min(cost * PAUSE, PATIENCE_MS);
  }

  function showUnparsed(): void {
    if (showsRaw) engine.flushRaw();
    else engine.flushWords();
  }

  function guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      engine.fail();
      onError(error);
    }
  }

  return {
    append(text) {
      if (state !== "open" || !text) return;
      engine.write(text);
      scheduler.request();
    },
    end() {
      if (state !== "open") return;
      state = "ended";
      scheduler.cancel();
      guard(() => engine.finish());
    },
    destroy() {
      if (state === "destroyed") return;
      state = "destroyed";
      scheduler.cancel();
      parts.destroy();
      listening.abort();
      content.remove();
    },
  };
}
