// What a highlighter and a typesetter take and give: data only, so that neither has a hand in the page. Both sides know
// this file; the renderer checks what comes against it.

/** What a piece of code is, by the names of CodeMirror's modes. */
export const TOKEN_KINDS = [
  "keyword", "operator", "atom", "number", "string", "special", "comment", "definition", "builtin", "type", "property",
  "tag", "attribute", "meta", "heading", "link", "inserted", "deleted",
] as const; // prettier-ignore
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** A piece of a line; one without a kind has the colour of the text. */
export interface Piece {
  text: string;
  kind?: TokenKind | undefined;
}

/** Takes the lines of one block of code, each once, in order, without their line ends; the pieces join to the line. */
export type LineHighlighter = (line: string) => readonly Piece[];

export interface Highlighter {
  /** A new line highlighter for a block in `language`, as written behind the fence; undefined for an unknown one. */
  open(language: string): LineHighlighter | undefined;
}

export interface Typesetter {
  /** The MathML tree of `tex`. Throws an error that says what is wrong with it. */
  typeset(tex: string, display: boolean): MathElement;
}

/** Our own class names, as `ns-m-...`: what temml says by style sheets. */
export const LOOKS = [
  "left", "right", "flush-left", "flush-right", "gap", "line-top", "line-bottom", "line-left", "line-right", "box", "bold",
  "accent", "vec", "jot", "small", "thin", "overline", "underline", "cancel", "upstrike", "downstrike", "sout", "xcancel",
  "red", "orange", "green", "blue", "purple",
] as const; // prettier-ignore
export type Look = (typeof LOOKS)[number];

export interface MathElement {
  tag: string;
  attributes?: Record<string, string>;
  looks?: readonly Look[];
  children?: readonly (MathElement | string)[];
}
