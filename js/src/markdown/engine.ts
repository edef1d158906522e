// Text comes in, in pieces; the page shows it as Markdown, or as plain text when that would cost too much. Knows no
// clock and no frames: whoever calls decides when.
import { normalize } from "./parser";
import { createPlainText, endOfWords } from "./plain";
import { createTail } from "./tail";

export interface Engine {
  /** Takes text; shows nothing. */
  write(text: string): void;
  /** Shows all that was written, the last words perhaps repaired. */
  flush(): void;
  /** Shows what was written since without parsing, as far as it is plain words, which no parse would show otherwise. */
  flushWords(): void;
  /** Shows all that was written since without parsing, as it is, half-typed marks and all. */
  flushRaw(): void;
  /** No more text: everything becomes final. */
  finish(): void;
  /** After an exception: from now on the text is shown as it is. */
  fail(): void;
}

/** `onFrozen` gets each top-level node once it is finished: nothing changes it from there on. */
export function createEngine(root: HTMLElement, onFrozen: (node: ChildNode) => void = () => undefined): Engine {
  const tail = createTail(root, onFrozen);
  const plain = createPlainText(root);
  let half = ""; // a CR or a high surrogate whose other half is to come
  let shown = 0; // characters of the tail that the page shows
  let takesWords = false; // whether words that come now only make its end longer
  let failed = false;

  function showPlain(end: number): void {
    plain.append(tail.text.slice(shown, end));
    shown = end;
  }

  function flushRaw(): void {
    showPlain(tail.text.length);
  }

  return {
    write(text) {
      let next = half + text;
      half = /[\r\uD800-\uDBFF]$/.exec(next)?.[0] ?? "";
      if (half) next = next.slice(0, -1);
      tail.write(normalize(next));
    },
    flush() {
      if (failed) {
        flushRaw();
        return;
      }
      plain.remove();
      ({ length: shown, takesWords } = tail.show());
    },
    flushWords() {
      if (failed) flushRaw();
      else if (takesWords) showPlain(endOfWords(tail.text, shown));
    },
    flushRaw,
    finish() {
      tail.write(normalize(half));
      half = "";
      if (failed) {
        flushRaw();
        return;
      }
      plain.remove();
      tail.finish();
    },
    fail() {
      // What the page shows of the tail cannot be told any more: rather twice than lost.
      failed = true;
      shown = 0;
      flushRaw();
    },
  };
}
