// Code comes in, in pieces, a block with a toolbar (language, Copy code) goes out. Text is only ever appended, in
// text nodes of bounded length; finished lines may get colours in their place. Knows no Markdown.
import { LINES_IN_BOX } from "./colours";
import type { PlainText } from "./colours";
import type { Parts } from "./parts";
import { visibleCode } from "./visible";

export interface CodeBlock {
  element: HTMLElement;
  /** Appends code. A last line end is held back until more comes, so that what is copied ends with no newline. */
  append(text: string): void;
}

/** Characters in one text node: appending to a node copies it, so an unbounded one makes appending quadratic. */
export const MAX_NODE = 4096;

/** `parts`: what may colour the code. */
export function createCodeBlock(language: string, parts?: Parts): CodeBlock {
  const code = document.createElement("code");
  const pre = document.createElement("pre");
  pre.dir = "ltr";
  pre.append(code);
  const element = document.createElement("div");
  element.className = "ns-code";
  element.append(createToolbar(language), pre);
  const plain = createPlainText(code);
  const colouring = language ? parts?.colour(language, code, plain) : undefined;
  let before = "";
  let heldLineEnd = "";

  return {
    element,
    append(text) {
      if (!text) return;
      const isLineEnd = text.endsWith("\n");
      const shown = visibleCode(heldLineEnd + (isLineEnd ? text.slice(0, -1) : text), before);
      before = Array.from(text.slice(-2)).at(-1) ?? before;
      heldLineEnd = isLineEnd ? "\n" : "";
      plain.append(shown);
      colouring?.append(shown, isLineEnd);
    },
  };
}

/**
 * Text at the end of `parent`, in boxes of `LINES_IN_BOX` lines, which the browser lays out apart: in one box, each
 * character that comes would lay out the whole block again.
 */
function createPlainText(parent: HTMLElement): PlainText & { append(text: string): void } {
  const nodes: Text[] = [];
  let box: HTMLElement | undefined;
  let lineEnds = 0;

  /** Puts text into the box that is open. */
  function put(text: string): void {
    if (!box) {
      box = document.createElement("span");
      box.className = "ns-lines";
      parent.append(box);
    }
    let rest = text;
    while (rest) {
      let last = nodes.at(-1);
      if (!last || last.parentNode !== box || last.length >= MAX_NODE) {
        nodes.push((last = document.createTextNode("")));
        box.append(last);
      }
      const room = MAX_NODE - last.length;
      last.appendData(rest.slice(0, room));
      rest = rest.slice(room);
    }
  }

  function drop(length: number): void {
    let left = length;
    for (let first = nodes[0]; first && left > 0; first = nodes[0]) {
      if (first.length > left) {
        first.deleteData(0, left);
        return;
      }
      left -= first.length;
      first.remove();
      nodes.shift();
    }
  }

  return {
    nodes,
    append(text) {
      let from = 0;
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
        if (++lineEnds % LINES_IN_BOX !== 0) continue;
        put(text.slice(from, at + 1));
        box = undefined;
        from = at + 1;
      }
      if (from < text.length) put(text.slice(from));
    },
    replace(length, content) {
      const [first] = nodes;
      first?.parentNode?.insertBefore(content, first);
      drop(length);
    },
  };
}

function createToolbar(language: string): HTMLElement {
  const label = document.createElement("span");
  label.className = "ns-language";
  label.textContent = language;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ns-copy";
  button.textContent = "Copy code";
  const toolbar = document.createElement("div");
  toolbar.className = "ns-toolbar";
  toolbar.setAttribute("role", "toolbar");
  toolbar.setAttribute("aria-label", language ? `Code, ${language}` : "Code");
  toolbar.append(label, button);
  return toolbar;
}
