// Code comes in, in pieces, a block with a toolbar (language, Copy code) goes out. Text is only ever appended, in
// text nodes of bounded length. Knows no Markdown.
import { visibleCode } from "./visible";

export interface CodeBlock {
  element: HTMLElement;
  /** Appends code. A last line end is held back until more comes, so that what is copied ends with no newline. */
  append(text: string): void;
}

/** Characters in one text node: appending to a node copies it, so an unbounded one makes appending quadratic. */
export const MAX_NODE = 4096;

export function createCodeBlock(language: string): CodeBlock {
  const code = document.createElement("code");
  const pre = document.createElement("pre");
  pre.dir = "ltr";
  pre.append(code);
  const element = document.createElement("div");
  element.className = "ns-code";
  element.append(createToolbar(language), pre);
  let last: Text | undefined;
  let before = "";
  let heldLineEnd = "";

  function add(text: string): void {
    let rest = visibleCode(text, before);
    before = Array.from(text.slice(-2)).at(-1) ?? before;
    while (rest) {
      if (!last || last.length >= MAX_NODE) code.append((last = document.createTextNode("")));
      const room = MAX_NODE - last.length;
      last.appendData(rest.slice(0, room));
      rest = rest.slice(room);
    }
  }

  return {
    element,
    append(text) {
      if (!text) return;
      const endsLine = text.endsWith("\n");
      add(heldLineEnd + (endsLine ? text.slice(0, -1) : text));
      heldLineEnd = endsLine ? "\n" : "";
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
