// The typesetter and the renderer's check of what it gives: TeX in, elements of closed lists out, or an error.
import { describe, expect, test } from "vitest";

import { createTypesetter } from "../../src/maths/typesetter";
import { buildMath } from "../../src/markdown/mathml";
import type { MathElement } from "../../src/markdown/contract";

const typesetter = createTypesetter();
const set = (tex: string, display = false): Element => buildMath(typesetter.typeset(tex, display), display);

/** What models write. */
const COMMON = [
  "x^2 + \\frac{a}{b}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\sqrt[3]{x}", "\\sum_{i=1}^n i", "\\text{if } x > 0",
  "\\begin{align}a&=b\\\\c&=d\\end{align}", "\\vec{x}'", "\\hat{x}", "\\overbrace{a+b}^{n}", "\\boxed{E=mc^2}", "\\cancel{x}",
  "\\mathbb{R}\\mathcal{L}\\mathfrak{g}\\mathbf{x}", "\\left(\\frac12\\right)", "\\binom{n}{k}", "x\\tag{1}", "a\\,b\\quad c\\!d",
  "\\begin{cases}1&x>0\\\\0&\\text{else}\\end{cases}", "\\begin{array}{c|c}1&2\\\\\\hline3&4\\end{array}", "\\lim_{x\\to 0}",
  "\\operatorname{argmax}_x", "\\xrightarrow{abc}", "\\underline{x}", "\\textbf{ab}", "\\ce{H2O}", "\\mathrm{d}x", "\\color{red}{x}",
  "\\begin{aligned}a&=b\\end{aligned}", "\\begin{equation}x\\end{equation}", "f''(x)", "\\langle x|y\\rangle", "\\Large y", "\\phantom{x}",
  "\\nabla \\times \\mathbf{E} = -\\frac{\\partial \\mathbf{B}}{\\partial t}", "\\bar{x}\\tilde{y}\\dot{z}", "\\iint_D", "\\overline{x}",
]; // prettier-ignore

test.each(COMMON)("%s", (tex) => {
  const isDisplayOnly = /\\tag|\{(?:align|equation)\}/u.test(tex);
  for (const display of isDisplayOnly ? [true] : [false, true]) {
    const math = set(tex, display);
    expect(math.namespaceURI).toBe("http://www.w3.org/1998/Math/MathML");
    expect(math.getAttribute("display")).toBe(display ? "block" : null);
    expect(math.querySelectorAll("*").length).toBeGreaterThan(0);
  }
});

test("the structure is that of the formula", () => {
  const fraction = set("\\frac{a}{b}").querySelector("mfrac")!;
  expect([...fraction.children].map(({ tagName, textContent }) => `${tagName} ${textContent}`)).toEqual(["mi a", "mi b"]);
  expect(set("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}").querySelectorAll("mtr")).toHaveLength(2);
});

test.each([
  ["x^", "incomplete TeX"],
  ["\\frac{a", "Unexpected end of input"],
  ["\\foo", "Unsupported function name: \\foo"],
  ["\\href{javascript:alert(1)}{x}", "Unsupported"],
  ["\\url{https://evil.test}", "Unsupported"],
  ["\\class{a}{x}", "not trusted"],
  ["\\style{color:red}{x}", "not trusted"],
  ["\\htmlData{a=b}{x}", "Unsupported"],
  ["\\includegraphics{https://evil.test/a.png}", "not trusted"],
  ["\\def\\x{\\x\\x}\\x", "Too many expansions"],
])("%s is an error with a reason", (tex, reason) => {
  expect(() => set(tex)).toThrow(reason);
});

test("a macro does not outlive its formula", () => {
  set("\\gdef\\mine{x}\\mine");
  expect(() => set("\\mine")).toThrow("Unsupported");
});

test("names of an object's own are no macros", () => {
  expect(() => set("\\constructor")).toThrow("Unsupported");
  expect(() => set("\\__proto__")).toThrow();
});

const ATTRIBUTES = ["accent", "displaystyle", "scriptlevel", "width", "height", "depth", "lspace", "rspace", "voffset"].concat(
  ["stretchy", "fence", "form", "separator", "largeop", "movablelimits", "linethickness", "mathvariant", "mathsize", "class", "display"],
  ["symmetric", "minsize", "maxsize", "accentunder"],
);

test("nothing but elements, attributes and classes of the lists gets into the page", () => {
  for (const tex of COMMON) {
    for (const element of [...set(tex, true).querySelectorAll("*")]) {
      for (const { name, value } of [...element.attributes]) {
        expect(ATTRIBUTES).toContain(name);
        if (name === "class") expect(value).toMatch(/^(ns-m-[a-z-]+ ?)+$/u);
      }
    }
  }
});

describe("a hostile typesetter", () => {
  const math = (child: unknown): MathElement => ({ tag: "math", children: [child as MathElement] });
  test.each<[string, MathElement]>([
    ["no math", { tag: "mi" }],
    ["math in math", math({ tag: "math" })],
    ["HTML", math({ tag: "img", attributes: { src: "x" } })],
    ["a script", math({ tag: "script", children: ["alert(1)"] })],
    ["annotation-xml", math({ tag: "annotation-xml", children: [{ tag: "div" }] })],
    ["maction", math({ tag: "maction" })],
    ["href", math({ tag: "mi", attributes: { href: "https://evil.test" } })],
    ["an event", math({ tag: "mi", attributes: { onclick: "alert(1)" } })],
    ["style", math({ tag: "mi", attributes: { style: "position:fixed" } })],
    ["class", math({ tag: "mi", attributes: { class: "jp-Button" } })],
    ["id", math({ tag: "mi", attributes: { id: "a" } })],
    ["a prototype's name", math({ tag: "mi", attributes: { constructor: "a" } })],
    ["a look of its own", math({ tag: "mi", looks: ["evil fixed"] })],
    ["a length over all", math({ tag: "mspace", attributes: { width: "100em" } })],
    ["a negative length", math({ tag: "mspace", attributes: { width: "-2em" } })],
    ["lifted far", math({ tag: "mpadded", attributes: { voffset: "9em" } })],
    ["no object", math(null)],
    ["a number", math(7)],
    ["too many", { tag: "math", children: Array.from({ length: 5001 }, () => ({ tag: "mi" })) }],
    ["too deep", Array.from({ length: 120 }).reduce<MathElement>((inner) => ({ tag: "mrow", children: [inner] }), { tag: "mi" })],
  ])("%s", (_, tree) => {
    expect(() => buildMath(tree, false)).toThrow();
  });

  test("what hides is shown", () => {
    const text = buildMath({ tag: "math", children: [{ tag: "mtext", children: ["a\u202Eb"] }] }, false).textContent;
    expect(text).toBe("a⟨U+202E⟩b");
  });
});
