// The rendered answer comes in, its words go out, each with the text node it stands in: what the model wrote, and none of
// what the view adds (buttons, the names of languages, numbers of sources).
import { wordsOf } from "./align";

export interface ShownWord {
  text: string;
  node: Text;
  /** Where it begins in the node. */
  at: number;
}

/** What is ours, or shows the source in another way. */
const OURS = "button, .ns-toolbar, .ns-cite, .ns-math, .ns-tex, math, [aria-hidden]";

export function shownWords(content: Element): ShownWord[] {
  const walker = document.createTreeWalker(content, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    node instanceof Element && node.matches(OURS) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const found: ShownWord[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!(node instanceof Text)) continue;
    for (const { text, at } of wordsOf(node.data)) found.push({ text, node, at });
  }
  return found;
}
