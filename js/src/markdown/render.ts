// Tokens come in, views from the closed list of nodes.ts go out. Knows nothing of streams, nor of what is finished.
import type { Token } from "markdown-it";

import { showsHost, targetOf } from "./links";
import { element } from "./nodes";
import type { Attributes, ElementView, MathView, Tag, View } from "./nodes";
import { languageOf } from "./parser";
import { sourceOf } from "./rules/formula";
import { visibleCode, visibleProse } from "./visible";

/** The views of the inline content of a token; brings the definitions known so far. */
export type Inline = (token: Token) => View[];

const BLOCKS: Partial<Record<string, Tag>> = {
  paragraph_open: "p",
  blockquote_open: "blockquote",
  bullet_list_open: "ul",
  ordered_list_open: "ol",
  list_item_open: "li",
  table_open: "table",
  thead_open: "thead",
  tbody_open: "tbody",
  tr_open: "tr",
  th_open: "th",
  td_open: "td",
};
const HEADINGS: readonly Tag[] = ["h1", "h2", "h3", "h4", "h5", "h6"];
const SPANS: Partial<Record<string, Tag>> = { em_open: "em", strong_open: "strong", s_open: "s" };
// A list sets the direction of all its items, since their markers stand at its side; elsewhere each block its own.
const OWN_DIRECTION = new Set<Tag>(["p", "ul", "ol", "th", "td", ...HEADINGS]);

/** Where a run of tokens stands. */
export interface Place {
  inList: boolean;
  /** First in a list item, where a task's box may be. */
  atItemStart: boolean;
}

export const TOP: Place = { inList: false, atItemStart: false };

/** The views of a run of block tokens: whole blocks, whole list items, or whole table rows. */
export function render(tokens: readonly Token[], inline: Inline, place: Place): View[] {
  const top: View[] = [];
  const stack: View[][] = [top];
  let lists = place.inList ? 1 : 0;
  let { atItemStart } = place;
  for (const token of tokens) {
    const here = stack.at(-1) ?? top;
    if (token.nesting === 1) {
      if (!token.hidden) stack.push(open(token, here, lists > 0));
      if (token.type.endsWith("_list_open")) lists++;
      if (token.type !== "paragraph_open") atItemStart = token.type === "list_item_open";
    } else if (token.nesting === -1) {
      if (!token.hidden) stack.pop();
      if (token.type.endsWith("_list_close")) lists--;
      atItemStart = false;
    } else {
      here.push(...leaf(token, inline, atItemStart));
      atItemStart = false;
    }
  }
  return top;
}

/** Adds the element that `token` opens to `here`; gives the list that its children go into. */
function open(token: Token, here: View[], inList: boolean): View[] {
  const tag = token.type === "heading_open" ? HEADINGS[Number(token.tag.slice(1)) - 1] : BLOCKS[token.type];
  if (!tag) throw new Error(`unknown token ${token.type}`);
  const view = element(tag, blockAttributes(token, tag, inList));
  // A wide table scrolls in a box of its own; made the box itself, it would be no table to a screen reader.
  here.push(tag === "table" ? element("div", { class: "ns-scroll" }, [view]) : view);
  return view.children;
}

function blockAttributes(token: Token, tag: Tag, inList: boolean): Attributes {
  const attributes: Attributes = {};
  if (OWN_DIRECTION.has(tag) && !inList) attributes.dir = "auto";
  const start = tag === "ol" ? token.attrGet("start") : null;
  if (start !== null) attributes.start = Number(start);
  // A number that its list has no room for would be cut, and read as another one.
  if (Number(start) >= 100) attributes.class = Number(start) < 10_000 ? "ns-wide" : "ns-widest";
  const align = tag === "th" || tag === "td" ? token.attrGet("style") : null;
  if (align === "text-align:left") attributes.class = "ns-left";
  if (align === "text-align:center") attributes.class = "ns-center";
  if (align === "text-align:right") attributes.class = "ns-right";
  return attributes;
}

function leaf(token: Token, inline: Inline, atItemStart: boolean): View[] {
  switch (token.type) {
    case "inline": {
      const views = inline(token);
      return atItemStart ? withCheckBox(views, token.content) : views;
    }
    case "fence":
      return [{ kind: "code", language: languageOf(token.info), text: token.content }];
    case "code_block":
      return [{ kind: "code", language: "", text: token.content }];
    case "hr":
      return [element("hr")];
    case "math_block":
      return [formula(token, "block")];
    case "reference_definition":
      return [];
    default:
      return token.content ? [{ kind: "text", text: visibleProse(token.content) }] : [];
  }
}

/**
 * GFM task lists: a box that shows, and cannot be pressed, since the answer is not a form. `content` tells a box from
 * escaped brackets, the first view one from a link.
 */
function withCheckBox(views: View[], content: string): View[] {
  const [first, ...others] = views;
  const found = /^\[([ xX])\](?=\s)/u.exec(content);
  if (first?.kind !== "text" || !found) return views;
  const done = found[1] !== " ";
  const box = element("span", { class: "ns-task", role: "img", label: done ? "done" : "to do" }, [
    { kind: "text", text: done ? "☑" : "☐" },
  ]);
  return [box, { kind: "text", text: first.text.slice(found[0].length) }, ...others];
}

/** Emphasis within emphasis: a few thousand elements deep, a browser runs out of stack, and the whole page is lost. */
const MAX_SPANS = 100;

interface Span {
  children: View[];
  /** The token of an open link. */
  link?: Token;
}

export function renderInline(tokens: readonly Token[]): View[] {
  const stack: Span[] = [{ children: [] }];
  for (const token of tokens) {
    const here = stack.at(-1)?.children ?? [];
    const tag = SPANS[token.type];
    if (token.type === "link_open") stack.push({ children: [], link: token });
    else if (token.type === "link_close") closeLink(stack);
    else if (tag) {
      const children = stack.length > MAX_SPANS ? here : [];
      if (children !== here) here.push(element(tag, {}, children));
      stack.push({ children });
    } else if (token.nesting === -1) stack.pop();
    else if (token.type === "image") here.push(...image(token, stack));
    else addLeaf(here, token);
  }
  return stack[0]?.children ?? [];
}

function formula({ content, markup }: Token, display: MathView["display"]): MathView {
  return { kind: "math", tex: content.trim(), display, source: sourceOf(markup, content) };
}

function addLeaf(here: View[], token: Token): void {
  if (token.type === "hardbreak") here.push(element("br"));
  else if (token.type === "math_inline") here.push(formula(token, token.info === "display" ? "flow" : "inline"));
  else if (token.type === "code_inline") {
    here.push(element("code", {}, [{ kind: "text", text: visibleCode(token.content) }]));
  } else addText(here, token.type === "softbreak" ? "\n" : token.content);
}

function addText(here: View[], text: string): void {
  const last = here.at(-1);
  if (last?.kind === "text") last.text += visibleProse(text);
  else if (text) here.push({ kind: "text", text: visibleProse(text) });
}

function closeLink(stack: Span[]): void {
  const { children, link } = stack.pop() ?? { children: [] };
  const here = stack.at(-1)?.children ?? [];
  const target = targetOf(String(link?.attrGet("href") ?? ""));
  if (!target) {
    // A relative link leads to the notebook server, which the text knows nothing of: only its words are shown.
    for (const child of children) {
      if (child.kind === "text") addText(here, child.text);
      else here.push(child);
    }
    return;
  }
  const text = plainText(children);
  here.push(anchor(target.href, target.host, text, children));
}

/** An image is a link that tells its host: loading it would tell the host that the text was read. */
function image(token: Token, stack: readonly Span[]): View[] {
  const alt = visibleProse(altText(token.children ?? [])).trim() || "image";
  const target = targetOf(String(token.attrGet("src") ?? ""));
  const words: View = { kind: "text", text: alt };
  const insideLink = stack.some((span) => span.link);
  if (!target || insideLink) return [element("span", { class: "ns-image" }, [words])];
  const view = anchor(target.href, target.host, alt, [words]);
  view.attributes.class = "ns-image";
  return [view];
}

function anchor(href: string, host: string, text: string, children: View[]): ElementView {
  const attributes: Attributes = { href, title: href };
  // The style sheet shows the description behind the text; being no text, it is neither copied nor in the answer.
  if (!showsHost(text, { href, host })) attributes.description = host;
  return element("a", attributes, children);
}

function plainText(views: readonly View[]): string {
  return views
    .map((view) => {
      if (view.kind === "text") return view.text;
      if (view.kind === "element") return plainText(view.children);
      return view.kind === "math" ? view.source : "";
    })
    .join("");
}

function altText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === "image") return altText(token.children ?? []);
      if (token.type === "math_inline") return sourceOf(token.markup, token.content);
      return token.type.endsWith("break") ? " " : token.content;
    })
    .join("");
}
