// temml's MathML tree comes in, a tree of plain objects with the tags, attributes and looks that the renderer knows goes
// out. What only decorates is dropped; what would change the formula if it were dropped is an error.
import type { Look, MathElement } from "../markdown/contract";

/** temml's own nodes, as far as we read them (its `mathMLTree.js`, `tree.js`, `domTree.js`). */
export interface TemmlNode {
  type?: string;
  text?: string;
  attributes?: Record<string, unknown>;
  classes?: string[];
  style?: Record<string, unknown>;
  children?: TemmlNode[];
}

/** Said by the style sheet, or of use only to other readers of MathML. */
const DROPPED = new Set(["notation", "title", "style", "mathbackground", "mathcolor", "id", "xmlns", "display", "linebreak", "columnalign"]);
const CLASSES: Readonly<Record<string, Look>> = {
  "tml-left": "left",
  "tml-right": "right",
  "tml-vec": "vec",
  "tml-jot": "jot",
  "tml-small": "small",
  "tml-overline": "overline",
  "tml-underline": "underline",
  "tml-fbox": "box",
  "tml-cancel": "cancel",
  "tml-xcancel": "xcancel",
  upstrike: "upstrike",
  downstrike: "downstrike",
  sout: "sout",
};

/** The element for `node`, which must be one with a tag. */
export function toTree(node: TemmlNode): MathElement {
  if (!node.type) throw new Error("an element without a name");
  const looks = looksOf(node);
  return {
    tag: node.type,
    attributes: attributesOf(node),
    ...(looks.length > 0 && { looks }),
    children: (node.children ?? []).flatMap(childrenOf),
  };
}

function childrenOf(node: TemmlNode): (MathElement | string)[] {
  if (typeof node.text === "string") return [node.text];
  if (node.type) return [toTree(node)];
  // A fragment, or an HTML element (the anchor of \ref, an equation's number): only what is in it.
  return (node.children ?? []).flatMap(childrenOf);
}

function attributesOf({ attributes = {} }: TemmlNode): Record<string, string> {
  const kept = Object.entries(attributes).filter(([name, value]) => !DROPPED.has(name) && isCore(name, String(value)));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** What MathML Core no longer has, browsers ignore. temml writes other variants in letters of their own. */
function isCore(name: string, value: string): boolean {
  return name === "mathvariant" ? value === "normal" : !value.endsWith("width");
}

function looksOf(node: TemmlNode): Look[] {
  const { classes = [], style = {}, attributes = {} } = node;
  const looks = new Set(classes.flatMap((name) => CLASSES[name] ?? []));
  const has = (name: string): boolean => style[name] !== undefined && style[name] !== "";
  const isZero = (name: string): boolean => /^0(?:em|pt)?$/u.test(String(style[name] ?? ""));
  if (isZero("paddingLeft") || isZero("padding")) looks.add("flush-left");
  if (isZero("paddingRight") || isZero("padding")) looks.add("flush-right");
  if (style["paddingLeft"] === "1em") looks.add("gap");
  if (has("borderTop")) looks.add("line-top");
  if (has("borderBottom")) looks.add("line-bottom");
  if (has("borderLeft")) looks.add("line-left");
  if (has("borderRight")) looks.add("line-right");
  if (has("border")) looks.add("box");
  if (has("fontWeight") || attributes["style"] === "font-weight:bold") looks.add("bold");
  if (has("mathDepth") || has("math-depth")) looks.add("accent");
  if (has("marginLeft")) looks.add("thin");
  const hue = hueOf(String(style["color"] ?? ""));
  if (hue) looks.add(hue);
  return [...looks];
}

/** The one of our few colours, which read on any theme, that is nearest; none for greys. */
function hueOf(color: string): Look | undefined {
  const [, r = "", g = "", b = ""] = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/iu.exec(color) ?? [];
  const [red, green, blue] = [r, g, b].map((part) => parseInt(part, 16)) as [number, number, number];
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (!(range > 40)) return undefined;
  if (most === red) return blue > green + range / 3 ? "purple" : green > blue + range / 4 ? "orange" : "red";
  if (most === green) return "green";
  return red > green + range / 3 ? "purple" : "blue";
}
