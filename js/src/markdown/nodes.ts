// A description of what the page should show comes in, DOM nodes go out, built and changed by createElement and
// text nodes from closed lists. Nodes that still fit are kept, so that selection survives. Knows no Markdown.
import { createCodeBlock } from "./code";
import type { CodeBlock } from "./code";
import { createFormula } from "./formula";
import { findParts } from "./parts";
import type { Parts } from "./parts";

export type Tag =
  | "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "ul" | "ol" | "li" | "hr" | "br"
  | "div" | "table" | "thead" | "tbody" | "tr" | "th" | "td" | "em" | "strong" | "s" | "code" | "a" | "span"; // prettier-ignore

/** Our own class names; none ever comes from the text. */
export type ClassName = "ns-scroll" | "ns-left" | "ns-center" | "ns-right" | "ns-image" | "ns-task" | "ns-wide" | "ns-widest";

/** The only attributes there are. `href` has passed `targetOf`; `title` and `description` are made by us from it. */
export interface Attributes {
  class?: ClassName;
  dir?: "auto";
  start?: number;
  href?: string;
  title?: string;
  description?: string;
  role?: "img";
  label?: "done" | "to do";
}

export interface TextView {
  kind: "text";
  text: string;
  node?: Text;
}

export interface ElementView {
  kind: "element";
  tag: Tag;
  attributes: Attributes;
  children: View[];
  node?: HTMLElement;
}

export interface CodeView {
  kind: "code";
  language: string;
  text: string;
  block?: CodeBlock;
}

/** A closed formula. `source`: as it was written, with its marks; `display`: in a line, a display in it, or a block. */
export interface MathView {
  kind: "math";
  tex: string;
  display: "inline" | "flow" | "block";
  source: string;
  node?: HTMLElement;
}

export type View = TextView | ElementView | CodeView | MathView;

export function element(tag: Tag, attributes: Attributes = {}, children: View[] = []): ElementView {
  return { kind: "element", tag, attributes, children };
}

/** The DOM node of a view that has been patched in. */
export function nodeOf(view: View): ChildNode {
  const node = view.kind === "code" ? view.block?.element : view.node;
  if (!node) throw new Error("the view is not in the page yet");
  return node;
}

/**
 * Makes the nodes of `now`, which follow each other in `parent`, into those of `next`. All other nodes of `parent` are
 * left alone. New nodes come after the last of `now`; if there is none, at the end of `parent`.
 */
export function patch(parent: Node, now: readonly View[], next: readonly View[]): void {
  let parts: Parts | undefined;
  const direction = createDirection(parent);
  const last = now.at(-1);
  const after = last && next.length > now.length ? nodeOf(last).nextSibling : null;
  next.forEach((view, index) => {
    const old = now[index];
    if (old === view || (old && reuse(old, view))) return;
    const node = create(view, () => (parts ??= findParts(parent)));
    direction.noteChange();
    if (old) parent.replaceChild(node, nodeOf(old));
    else parent.insertBefore(node, after);
  });
  for (const view of now.slice(next.length)) nodeOf(view).remove();
  direction.restore();
}

/** With dir="auto" around them each new node costs a look at those before: more than these are added without it. */
const MANY = 16;

function createDirection(parent: Node): { noteChange(): void; restore(): void } {
  let changes = 0;
  let block: Element | null = null;
  return {
    noteChange() {
      if (++changes !== MANY || !(parent instanceof Element)) return;
      block = parent.closest(".ns-markdown [dir=auto]");
      block?.removeAttribute("dir");
    },
    restore() {
      block?.setAttribute("dir", "auto");
    },
  };
}

/** `parts` gives those of the place where the node will be. */
function create(view: View, parts: () => Parts | undefined): Node {
  if (view.kind === "text") return (view.node = document.createTextNode(view.text));
  if (view.kind === "code") {
    view.block = createCodeBlock(view.language, view.language ? parts() : undefined);
    view.block.append(view.text);
    return view.block.element;
  }
  if (view.kind === "math") {
    view.node = createFormula(view.source, view.display);
    parts()?.typeset(view.tex, view.display !== "inline", view.node);
    return view.node;
  }
  const node = document.createElement(view.tag);
  for (const child of view.children) node.appendChild(create(child, parts));
  // Last, for with dir="auto" each child added makes the browser look for the first letter again.
  setAttributes(node, view.attributes);
  return (view.node = node);
}

function reuse(old: View, view: View): boolean {
  if (old.kind === "text" && view.kind === "text") return reuseText(old, view);
  if (old.kind === "code" && view.kind === "code") return reuseCode(old, view);
  if (old.kind === "math" && view.kind === "math") return reuseFormula(old, view);
  if (old.kind !== "element" || view.kind !== "element" || !old.node) return false;
  // A link that leads elsewhere is another link: its target must not change under the pointer.
  if (old.tag !== view.tag || old.attributes.href !== view.attributes.href) return false;
  view.node = old.node;
  setAttributes(old.node, view.attributes, old.attributes);
  patch(old.node, old.children, view.children);
  return true;
}

function reuseText(old: TextView, view: TextView): boolean {
  const node = old.node;
  if (!node) return false;
  view.node = node;
  if (view.text === old.text) return true;
  // appendData keeps a selection in the text, and does not copy it.
  if (view.text.startsWith(old.text)) node.appendData(view.text.slice(old.text.length));
  else node.data = view.text;
  return true;
}

function reuseCode(old: CodeView, view: CodeView): boolean {
  if (!old.block || old.language !== view.language || !view.text.startsWith(old.text)) return false;
  view.block = old.block;
  view.block.append(view.text.slice(old.text.length));
  return true;
}

function reuseFormula(old: MathView, view: MathView): boolean {
  if (!old.node || old.source !== view.source || old.display !== view.display) return false;
  view.node = old.node;
  return true;
}

function setAttributes(node: HTMLElement, attributes: Attributes, old: Attributes = {}): void {
  const set = (name: string, value: string | undefined, before: string | undefined) => {
    if (value === before) return;
    if (value === undefined) node.removeAttribute(name);
    else node.setAttribute(name, value);
  };
  set("class", attributes.class, old.class);
  set("dir", attributes.dir, old.dir);
  set("start", attributes.start?.toString(), old.start?.toString());
  set("title", attributes.title, old.title);
  set("aria-description", attributes.description, old.description);
  set("role", attributes.role, old.role);
  set("aria-label", attributes.label, old.label);
  if (attributes.href === undefined || attributes.href === old.href) return;
  node.setAttribute("href", attributes.href);
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
  node.setAttribute("referrerpolicy", "no-referrer");
}
