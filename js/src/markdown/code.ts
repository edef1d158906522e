// Code comes in, in pieces, a block with a toolbar (language, Copy code) goes out. Text is only ever appended, in
// text nodes of bounded length; finished lines may get colours in their place. Knows no Markdown.
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
  const colouring = language ? parts?.colour(language, plain) : undefined;
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

/** Text at the end of `parent`. */
function createPlainText(parent: HTMLElement): PlainText & { append(text: string): void } {
  const nodes: Text[] = [];
  return {
    parent,
    nodes,
    append(text) {
      let rest = text;
      while (rest) {
        let last = nodes.at(-1);
        if (!last || last.length >= MAX_NODE) {
          nodes.push((last = document.createTextNode("")));
          parent.append(last);
        }
        const room = MAX_NODE - last.length;
        last.appendData(rest.slice(0, room));
        rest = rest.slice(room);
      }
    },
    drop(length) {
      let left = length;
      while (left > 0) {
        const first = nodes[0];
        if (!first) return;
        if (first.length > left) {
          first.deleteData(0, left);
          return;
        }
        left -= first.length;
        first.remove();
        nodes.shift();
      }
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
