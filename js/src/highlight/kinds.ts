// The style names of CodeMirror's modes, old and new ones, come in; our kinds of pieces go out.
import type { TokenKind } from "../markdown/contract";

// `variableName` and `punctuation` have the colour of the text: half of all spans less. An `error` is mostly a mode
// that does not know the newest syntax: to colour it would blame the code.
const KINDS = new Map<string, TokenKind>([
  ["keyword", "keyword"],
  ["controlKeyword", "keyword"],
  ["modifier", "keyword"],
  ["qualifier", "keyword"],
  ["operator", "operator"],
  ["atom", "atom"],
  ["bool", "atom"],
  ["unit", "number"],
  ["number", "number"],
  ["integer", "number"],
  ["string", "string"],
  ["character", "string"],
  ["quote", "string"],
  ["comment", "comment"],
  ["def", "definition"],
  ["definition", "definition"],
  ["builtin", "builtin"],
  ["standard", "builtin"],
  ["type", "type"],
  ["typeName", "type"],
  ["className", "type"],
  ["namespace", "type"],
  ["property", "property"],
  ["propertyName", "property"],
  ["tag", "tag"],
  ["tagName", "tag"],
  ["macroName", "meta"],
  ["attribute", "attribute"],
  ["attributeName", "attribute"],
  ["meta", "meta"],
  ["labelName", "meta"],
  ["header", "heading"],
  ["heading", "heading"],
  ["link", "link"],
  ["url", "link"],
  ["inserted", "inserted"],
  ["deleted", "deleted"],
]);

const known = new Map<string, TokenKind | undefined>();

/** The kind for what a mode says of a token; undefined for one in the colour of the text. */
export function kindOf(style: string | null): TokenKind | undefined {
  if (!style) return undefined;
  if (!known.has(style)) known.set(style, lookUp(style));
  return known.get(style);
}

function lookUp(style: string): TokenKind | undefined {
  if (/^string[.-]/u.test(style)) return "special";
  // "variableName.definition", "meta tag": the more special word comes last in the one, first in the other.
  const words = style.split(" ").flatMap((word) => word.split(".").reverse());
  return words.map((word) => KINDS.get(word)).find((kind) => kind !== undefined);
}
