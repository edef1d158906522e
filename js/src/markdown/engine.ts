// Text comes in, in pieces; the page shows it as Markdown, or as plain text when that would cost too much. Knows no
// clock and no frames: whoever calls decides when.
import { MAX_NODE } from "./code";
import { normalize } from "./parser";
import { createTail } from "./tail";
import { visibleProse } from "./visible";

export interface Engine {
  /** Takes text; shows nothing. */
  write(text: string): void;
  /** Shows all that was written, the last words perhaps repaired. */
  flush(): void;
  /** Shows what was written since, as plain text, without parsing. */
  flushPlain(): void;
  /** No more text: everything becomes final. */
  finish(): void;
  /** After an exception: from now on the text is shown as it is. */
  fail(): void;
}

/** `onFrozen` gets each top-level node once it is finished: nothing changes it from there on. */
export function createEngine(root: HTMLElement, onFrozen: (node: ChildNode) => void = () => undefined): Engine {
  const tail = createTail(root, onFrozen);
  let half = ""; // a CR or a high surrogate whose other half is to come
  let shown = 0; // characters of the tail that the page shows
  let plain: { from: number; nodes: Text[] } | undefined;
  let failed = false;

  function flushPlain(): void {
    plain ??= { from: shown, nodes: [] };
    appendPlain(lastBlock(root), plain.nodes, visibleProse(tail.text.slice(plain.from)));
    plain.from = tail.text.length;
  }

  function removePlain(): void {
    for (const node of plain?.nodes ?? []) node.remove();
    plain = undefined;
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
        flushPlain();
        return;
      }
      removePlain();
      tail.show();
      shown = tail.text.trimEnd().length; // spaces at the end are not shown, but stand before what comes next
    },
    flushPlain,
    finish() {
      tail.write(normalize(half));
      half = "";
      if (failed) {
        flushPlain();
        return;
      }
      removePlain();
      tail.finish();
    },
    fail() {
      // What the page shows of the tail cannot be told any more: rather twice than lost.
      failed = true;
      plain = { from: 0, nodes: [] };
      flushPlain();
    },
  };
}

/** The innermost last element that holds text. */
function lastBlock(root: HTMLElement): Element {
  let node: Element = root;
  for (let next: Element | null = root; next; next = next.lastElementChild) {
    if (next.matches("p, li, td, th, h1, h2, h3, h4, h5, h6, blockquote")) node = next;
  }
  return node;
}

function appendPlain(parent: Element, nodes: Text[], text: string): void {
  let last = nodes.at(-1);
  if (!last || last.length > MAX_NODE) {
    last = document.createTextNode("");
    nodes.push(last);
    parent.append(last);
  }
  last.appendData(text);
}
