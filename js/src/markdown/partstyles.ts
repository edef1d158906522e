// The look of coloured code and of formulas, for a shadow root. Colours are JupyterLab's own where they can be read on
// the background of code (WCAG AA, 4.5 : 1, held by a test in both themes), else near ones that can.
import type { TokenKind } from "./contract";

/** Of each kind: colour on light, colour on dark, and JupyterLab's variable where both of its themes pass. */
export const TOKEN_COLORS: Readonly<Record<TokenKind, readonly [light: string, dark: string, variable?: string]>> = {
  keyword: ["#008000", "#4caf50", "keyword"],
  operator: ["#7800c2", "#d48fff", "operator"],
  atom: ["#4343c8", "#64b5f6"],
  number: ["#007a00", "#66bb6a"],
  string: ["#ba2121", "#ff7070", "string"],
  special: ["#770088", "#ce93d8", "string-2"],
  comment: ["#346c6c", "#73aeae"],
  definition: ["#0000ff", "#5ea9f2"],
  builtin: ["#008000", "#4caf50", "builtin"],
  type: ["#00704a", "#4db681"],
  property: ["#0055aa", "#42a5f5", "property"],
  tag: ["#117700", "#66bb6a"],
  attribute: ["#0000cc", "#64b5f6", "attribute"],
  meta: ["#8b1bd6", "#c88bff"],
  heading: ["#0000ff", "#2196f3", "header"],
  link: ["#0000cc", "#64b5f6"],
  inserted: ["#117700", "#66bb6a"],
  deleted: ["#ba2121", "#ff7070"],
};

/** Colours of formulas (`\color`): few, and all of them can be read. */
export const MATH_COLORS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  red: ["#ba2121", "#ff7070"],
  orange: ["#8a5000", "#ffb74d"],
  green: ["#117700", "#66bb6a"],
  blue: ["#0055aa", "#64b5f6"],
  purple: ["#770088", "#d48fff"],
};

function tokenRule([kind, [light, dark, variable]]: [string, readonly [string, string, string?]]): string {
  const own = `light-dark(${light}, ${dark})`;
  return `.ns-${kind} { color: ${variable ? `var(--jp-mirror-editor-${variable}-color, ${own})` : own}; }`;
}

function mathRule([name, [light, dark]]: [string, readonly [string, string]]): string {
  return `.ns-m-${name} { color: light-dark(${light}, ${dark}); }`;
}

// A wide formula scrolls in a box of its own. What follows the first rules is what temml's own sheet says of tables,
// strokes and accents for Chromium, by our names.
export const partStyles = `
${Object.entries(TOKEN_COLORS).map(tokenRule).join("\n")}
.ns-lines { display: block; }
.ns-comment { font-style: italic; }
.ns-markdown :not(pre) > .ns-tex { overflow-wrap: anywhere; }
.ns-math { unicode-bidi: isolate; }
.ns-math:not(.ns-display):has(> math) { white-space: nowrap; }
.ns-math:not(.ns-display):has(> math)::after { content: "\\2060"; }
.ns-display { display: block; overflow-x: auto; overflow-y: hidden; text-align: center; }
div.ns-math { margin: 0 0 1em; padding-block: 0.15em; }
.ns-math math { font-family: "Cambria Math", "STIX Two Math", "Latin Modern Math", "Noto Sans Math", "DejaVu Math TeX Gyre", math; font-size: 1.08em; line-height: normal; text-indent: 0; direction: ltr; }
.ns-math math * { border-color: currentColor; }
.ns-math mtd { text-align: center; padding: 0.5ex 0.4em; }
.ns-m-jot mtd { padding-block: 0.7ex; }
.ns-m-small mtd { padding-block: 0.35ex; }
.ns-math mtd.ns-m-left { text-align: -webkit-left; }
.ns-math mtd.ns-m-right { text-align: -webkit-right; }
.ns-math mtd.ns-m-flush-left { padding-left: 0; }
.ns-math mtd.ns-m-flush-right { padding-right: 0; }
.ns-math mtd.ns-m-gap { padding-left: 1em; }
.ns-m-line-top { border-top: 0.06em solid; }
.ns-m-line-bottom { border-bottom: 0.06em solid; }
.ns-m-line-left { border-left: 0.06em solid; }
.ns-m-line-right { border-right: 0.06em solid; }
.ns-m-box { padding: 3pt; border: 1px solid; }
.ns-m-bold { font-weight: bold; }
.ns-m-accent { math-depth: 0; }
.ns-m-vec { transform: scale(0.75); }
.ns-m-thin { margin-left: -0.167em; }
.ns-math menclose { display: inline-block; position: relative; }
.ns-m-overline { padding-top: 0.1em; border-top: 0.065em solid; }
.ns-m-underline { padding-bottom: 0.1em; border-bottom: 0.065em solid; }
.ns-m-cancel { display: inline-block; position: absolute; left: 0.5px; bottom: 0; width: 100%; height: 100%; background: currentColor; }
.ns-m-upstrike { clip-path: polygon(0.05em 100%, 0 calc(100% - 0.05em), calc(100% - 0.05em) 0, 100% 0.05em); }
.ns-m-downstrike { clip-path: polygon(0 0.05em, 0.05em 0, 100% calc(100% - 0.05em), calc(100% - 0.05em) 100%); }
.ns-m-sout { clip-path: polygon(0 calc(55% + 0.0333em), 0 calc(55% - 0.0333em), 100% calc(55% - 0.0333em), 100% calc(55% + 0.0333em)); }
.ns-m-xcancel { clip-path: polygon(0.05em 0, 0 0.05em, calc(50% - 0.05em) 50%, 0 calc(100% - 0.05em), 0.05em 100%, 50% calc(50% + 0.05em), calc(100% - 0.05em) 100%, 100% calc(100% - 0.05em), calc(50% + 0.05em) 50%, 100% 0.05em, calc(100% - 0.05em) 0, 50% calc(50% - 0.05em)); }
${Object.entries(MATH_COLORS).map(mathRule).join("\n")}
`;
