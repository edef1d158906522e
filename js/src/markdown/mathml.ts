// A MathML tree as plain objects comes in, elements of the MathML namespace from closed lists go out. Whatever is not
// in the lists is an error: rather no formula than another one. Knows no TeX.
import { LOOKS } from "./contract";
import type { MathElement } from "./contract";
import { visibleProse } from "./visible";

const NAMESPACE = "http://www.w3.org/1998/Math/MathML";

/** Those of MathML Core that show something; none that links, acts or holds other languages. */
const TAGS = new Set([
  "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "menclose",
  "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "none",
  "mtable", "mtr", "mtd",
]); // prettier-ignore

const FLAG = /^(?:true|false)$/u;
// Negative lengths and lifted text could lay text over other text.
const LENGTH = /^\+?(?:\d{1,2}(?:\.\d*)?|\.\d+)(?:em|ex|pt|px|mu|%)?$/u;
const SHIFT = /^[+-]?(?:[0-2](?:\.\d*)?|\.\d+)(?:em|ex)$/u;
const SIZE = /^(?:(?:0?\.[4-9]\d*|1(?:\.\d+)?|2(?:\.[0-5]\d*)?)em|70%)$/u;
const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  accent: FLAG,
  accentunder: FLAG,
  displaystyle: FLAG,
  fence: FLAG,
  largeop: FLAG,
  movablelimits: FLAG,
  separator: FLAG,
  stretchy: FLAG,
  symmetric: FLAG,
  form: /^(?:prefix|infix|postfix)$/u,
  mathvariant: /^normal$/u,
  mathsize: SIZE,
  scriptlevel: /^[+-]?[0-2]$/u,
  linethickness: LENGTH,
  lspace: LENGTH,
  rspace: LENGTH,
  width: LENGTH,
  height: LENGTH,
  depth: LENGTH,
  minsize: LENGTH,
  maxsize: LENGTH,
  voffset: SHIFT,
};
const LOOK_NAMES: ReadonlySet<string> = new Set(LOOKS);

/** Elements of one formula, and how deep they may be nested: more is no formula that anybody reads. */
const MAX_ELEMENTS = 5000;
const MAX_DEPTH = 100;

/** The `<math>` element of `tree`. Throws where the tree holds anything that is not in the lists. */
export function buildMath(tree: MathElement, display: boolean): Element {
  let count = 0;

  function build(from: MathElement, depth: number): Element {
    const { tag } = from; // once: what is read again may be something else
    if (!TAGS.has(tag) || (tag === "math") !== (depth === 0)) throw new Error(`<${tag}> is not shown`);
    if (++count > MAX_ELEMENTS || depth > MAX_DEPTH) throw new Error("the formula is too large");
    const element = document.createElementNS(NAMESPACE, tag);
    for (const [name, value] of Object.entries(from.attributes ?? {})) setChecked(element, name, value);
    const looks = Array.from(from.looks ?? []); // a list of our own: another may lie of what is in it
    if (!looks.every((look) => LOOK_NAMES.has(look))) throw new Error("an unknown look");
    if (looks.length > 0) element.setAttribute("class", looks.map((look) => `ns-m-${look}`).join(" "));
    for (const child of from.children ?? []) {
      element.append(typeof child === "string" ? visibleProse(child) : build(child, depth + 1));
    }
    return element;
  }

  const math = build(tree, 0);
  if (display) math.setAttribute("display", "block");
  return math;
}

function setChecked(element: Element, name: string, value: unknown): void {
  const allowed = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
  if (typeof value !== "string" || !allowed?.test(value)) throw new Error(`${name.slice(0, 20)} is not shown`);
  element.setAttribute(name, value);
}
