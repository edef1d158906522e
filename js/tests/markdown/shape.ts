// A page of ours, or the HTML that a specification or markdown-it gives, comes in; one text goes out that is the same
// for both when they show the same. Where we depart from the HTML on purpose, a rule below says how, and no more.
import { showsHost, targetOf } from "../../src/markdown/links";
import { languageOf } from "../../src/markdown/parser";
import { visibleCode, visibleProse } from "../../src/markdown/visible";

interface Box {
  tag: string;
  attributes: Record<string, string>;
  children: Shape[];
}
type Shape = string | Box;

const BLOCKS = new Set(
  "root p h1 h2 h3 h4 h5 h6 blockquote ul ol li hr table thead tbody tr th td code-block math-block br".split(" "),
);
/** In these, white space stays as it is. */
const VERBATIM = new Set(["code", "code-block", "math", "math-block"]);

/** What our page shows, without the furniture, directions, and what only serves the look. */
export function shapeOfPage(root: Element): string {
  return print({ tag: "root", attributes: {}, children: ofPage(Array.from(root.childNodes)) });
}

/** What `html` would show in our page. */
export function shapeOfHtml(html: string): string {
  const template = document.createElement("template");
  template.innerHTML = html; // eslint-disable-line no-restricted-properties -- a specification's, not a model's
  return print({ tag: "root", attributes: {}, children: ofHtml(Array.from(template.content.childNodes), false) });
}

function ofPage(nodes: readonly Node[]): Shape[] {
  return nodes.flatMap((node): Shape[] => {
    if (!(node instanceof HTMLElement)) return [node.textContent ?? ""];
    const children = () => ofPage(Array.from(node.childNodes));
    const { classList, localName: tag } = node;
    if (classList.contains("ns-scroll")) return children();
    if (classList.contains("ns-code")) return [codeBlock(labelOf(node), node.querySelector("pre")?.textContent ?? "")];
    if (classList.contains("ns-task")) return [task(node.getAttribute("aria-label") === "done")];
    if (classList.contains("ns-math")) return [math(displayOf(node), node.textContent)];
    const attributes: Record<string, string> = {};
    for (const name of ["href", "title", "aria-description", "start"]) keep(attributes, name, node.getAttribute(name));
    keep(attributes, "align", /ns-(left|center|right)/u.exec(node.className)?.[1]);
    return [box(classList.contains("ns-image") ? "image" : tag, attributes, children())];
  });
}

function labelOf(code: Element): string {
  return code.querySelector(".ns-language")?.textContent ?? "";
}

function displayOf(formula: HTMLElement): string {
  if (formula.localName === "div") return "block";
  return formula.classList.contains("ns-display") ? "flow" : "inline";
}

/** The rules, in the order of the HTML they are for. `linked`: within a link, whatever it leads to. */
function ofHtml(nodes: readonly Node[], linked: boolean): Shape[] {
  return nodes.flatMap((node): Shape[] => {
    if (!(node instanceof HTMLElement)) return [visibleProse(node.textContent ?? "")];
    const children = () => ofHtml(Array.from(node.childNodes), linked || node.localName === "a");
    switch (node.localName) {
      case "a":
        return link(node, children());
      case "img":
        return [image(node, linked)];
      case "pre":
        return [codeOf(node)];
      case "code": // invisible characters are shown
        return [box("code", {}, [visibleCode(node.textContent)])];
      case "del": // another name for the same
        return [box("s", {}, children())];
      case "input": // a task's box is a picture, not a control
        return [task(node.hasAttribute("checked"))];
      case "x-math": // how the tests have markdown-it write a formula
        return [math(node.className, visibleCode(node.textContent))];
      default:
        return [box(node.localName, alignment(node), node.localName === "li" ? tasks(children()) : children())];
    }
  });
}

/** A link that is relative or of another scheme is its words. Its title is its target, its host is told. */
function link(node: HTMLElement, children: Shape[]): Shape[] {
  const target = targetOf(node.getAttribute("href") ?? "");
  if (!target) return children;
  return [box("a", described(target, textOf(children)), children)];
}

/** An image is a link to it, or only its words where it has no target or stands in a link. */
function image(node: HTMLElement, linked: boolean): Shape {
  const target = linked ? undefined : targetOf(node.getAttribute("src") ?? "");
  const words = visibleProse((node.getAttribute("alt") ?? "").replaceAll("\n", " ")).trim() || "image";
  return box("image", target ? described(target, words) : {}, [words]);
}

function described(target: { href: string; host: string }, words: string): Record<string, string> {
  const attributes: Record<string, string> = { href: target.href, title: target.href };
  if (!showsHost(words, target)) attributes["aria-description"] = target.host;
  return attributes;
}

/** Code ends without a line end, and only a language that can be one is named. */
function codeOf(pre: HTMLElement): Shape {
  const language = /^language-(.*)$/su.exec(pre.firstElementChild?.className ?? "")?.[1] ?? "";
  return codeBlock(languageOf(language), visibleCode(pre.textContent.replace(/\n$/u, "")));
}

function alignment(node: HTMLElement): Record<string, string> {
  const attributes: Record<string, string> = {};
  keep(attributes, "start", node.getAttribute("start"));
  keep(attributes, "align", node.getAttribute("align") ?? (node.style.textAlign || null));
  return attributes;
}

/** markdown-it itself leaves the boxes of tasks as text. */
function tasks(item: Shape[]): Shape[] {
  const at = item.findIndex((child) => typeof child !== "string" || child.trim() !== "");
  const first = item[at];
  if (typeof first === "object" && first.tag === "p") first.children = tasks(first.children);
  const found = typeof first === "string" ? /^\s*\[([ xX])\](?=\s)/u.exec(first) : null;
  if (typeof first !== "string" || !found) return item;
  return [task(found[1] !== " "), first.slice(found[0].length), ...item.slice(at + 1)];
}

function box(tag: string, attributes: Record<string, string>, children: Shape[]): Box {
  return { tag, attributes, children };
}

function codeBlock(language: string, text: string): Box {
  return box("code-block", language ? { language } : {}, [text]);
}

function task(done: boolean): Box {
  return box("task", { done: String(done) }, []);
}

function math(display: string, source: string): Box {
  return display === "block" ? box("math-block", {}, [source]) : box("math", { display }, [source]);
}

function keep(attributes: Record<string, string>, name: string, value: string | null | undefined): void {
  if (value !== null && value !== undefined) attributes[name] = value;
}

function textOf(shapes: readonly Shape[]): string {
  return shapes.map((shape) => (typeof shape === "string" ? shape : textOf(shape.children))).join("");
}

function print({ tag, attributes, children }: Box): string {
  const start = [tag, ...Object.entries(attributes).map(([name, value]) => `${name}=${JSON.stringify(value)}`)];
  const inside = joined(children).map((child, index, all) => {
    if (typeof child !== "string") return print(child);
    const text = VERBATIM.has(tag) ? child : trimmed(child, tag, all[index - 1], all[index + 1]);
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"); // or text could pass for an element
  });
  return `<${start.join(" ")}>${inside.join("")}</${tag}>${BLOCKS.has(tag) ? "\n" : ""}`;
}

function joined(shapes: readonly Shape[]): Shape[] {
  const all: Shape[] = [];
  for (const shape of shapes) {
    const last = all.at(-1);
    if (typeof shape === "string" && typeof last === "string") all[all.length - 1] = last + shape;
    else all.push(shape);
  }
  return all;
}

/** White space is one space, and none at the sides of blocks. */
function trimmed(text: string, parent: string, before: Shape | undefined, after: Shape | undefined): string {
  const isEdge = (shape: Shape | undefined) =>
    shape === undefined ? BLOCKS.has(parent) : typeof shape !== "string" && BLOCKS.has(shape.tag);
  let result = text.replace(/[ \t\n\r]+/gu, " ");
  if (isEdge(before)) result = result.replace(/^ /u, "");
  if (isEdge(after)) result = result.replace(/ $/u, "");
  return result;
}
