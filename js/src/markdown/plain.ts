// Text that waits to be parsed comes in; it stands at the end of the page, as it is, until the parse takes its place.
// Knows of Markdown only which characters may be marks.
import { MAX_NODE } from "./code";
import { visibleProse } from "./visible";

export interface PlainText {
  append(text: string): void;
  remove(): void;
}

// What may be half of a mark, or become one by what follows. A "!" after a word is prose.
const MARK = /[\n\\`*_~[\]<>&$|]|(?<!\S)!/gu;

/** Where the words that begin at `from`, in a line of prose, end: no mark stands in them. */
export function endOfWords(text: string, from: number): number {
  MARK.lastIndex = from;
  return MARK.exec(text)?.index ?? text.length;
}

/** Text at the end of the innermost last block in `root`. */
export function createPlainText(root: HTMLElement): PlainText {
  let nodes: Text[] = [];
  return {
    append(text) {
      if (!text) return;
      let last = nodes.at(-1);
      if (!last || last.length > MAX_NODE) {
        last = document.createTextNode("");
        lastBlock(root).append(last);
        nodes.push(last);
      }
      last.appendData(visibleProse(text));
    },
    remove() {
      for (const node of nodes) node.remove();
      nodes = [];
    },
  };
}

const BLOCKS = "p, li, ul, ol, blockquote, h1, h2, h3, h4, h5, h6, .ns-scroll, table, thead, tbody, tr, td, th";

/** The innermost block that ends what `root` shows; `root` itself, where that is something without text of its own. */
function lastBlock(root: HTMLElement): Element {
  let block: Element = root;
  for (let last = root.lastChild; last instanceof Element && last.matches(BLOCKS); last = last.lastChild) block = last;
  return /^(?:ul|ol|table|thead|tbody|tr)$/u.test(block.localName) ? root : block;
}
