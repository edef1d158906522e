// JSON as it is being written comes in, in pieces cut anywhere, the same text with line breaks and indentation goes
// out. It reads marks only, so that text which is no JSON, or not yet, comes through as it is. Knows no DOM.

const INDENT = "  ";
/** Deeper levels stay in one line: else a text of brackets alone would grow by its depth. */
const MAX_DEPTH = 12;

/** A printer for one text: takes the next piece, gives what to append. */
export function createJsonPrinter(): (piece: string) => string {
  let isJson: boolean | undefined;
  let depth = 0;
  let isString = false;
  let isEscaped = false;
  let isBreakDue = false; // only before what follows, or the growing end would stand in an empty line

  const lineBreak = (): string => (depth > MAX_DEPTH ? "" : `\n${INDENT.repeat(depth)}`);

  /** What a character outside of strings becomes. */
  function outside(character: string): string {
    if (/\s/u.test(character)) return depth > 0 ? "" : character;
    const isClosing = character === "}" || character === "]";
    let before = "";
    if (isClosing && depth > 0) {
      depth--;
      before = isBreakDue ? "" : lineBreak(); // {} stays together
    } else if (isBreakDue && character !== ",") before = lineBreak();
    isBreakDue = false;
    if (character === "{" || character === "[") {
      depth++;
      isBreakDue = true;
    } else if (character === "," && depth > 0) isBreakDue = true;
    else if (character === ":" && depth > 0) return `${before}: `;
    isString = character === '"';
    return before + character;
  }

  function inside(character: string): string {
    if (isEscaped) isEscaped = false;
    else if (character === "\\") isEscaped = true;
    else if (character === '"') isString = false;
    return character;
  }

  return (piece) => {
    let text = piece;
    if (isJson === undefined) {
      text = text.trimStart();
      if (!text) return "";
      isJson = text.startsWith("{") || text.startsWith("[");
    }
    if (!isJson) return text;
    let out = "";
    for (const character of text) out += isString ? inside(character) : outside(character);
    return out;
  };
}
