// A token's text comes in; out go nodes in which spaces, newlines and what a reader cannot see are visible. Marks for
// spaces and newlines are furniture (attributes that styles show), so that copying leaves them out.
import { visibleCode } from "../markdown/visible";
import { h } from "../view/dom";

const BLANKS = / +|\t|\n/g;
/** Of a text in a label or a line of the detail. */
const MAX_CHARS = 60;
const MARKS: Record<string, string> = { "\t": "→", "\n": "⏎" };

const markOf = (blank: string): string => MARKS[blank] ?? "·".repeat(blank.length);

/** What is copied is the text, with a mark only for what is invisible or reorders (visible.ts). */
export function glyphs(text: string): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let at = 0;
  for (const { 0: blank, index } of text.matchAll(BLANKS)) {
    if (index > at) nodes.push(visibleCode(text.slice(at, index), text.slice(0, at).slice(-1)));
    nodes.push(h("span", { class: blank === "\n" ? "newline" : "blank", "data-mark": markOf(blank) }, blank));
    at = index + blank.length;
  }
  if (at < text.length) nodes.push(visibleCode(text.slice(at), text.slice(0, at).slice(-1)));
  return nodes;
}

/** The same as one line of text, for where nothing is copied; an empty one is "∅". */
export function lineOf(text: string): string {
  const line = visibleCode(shorten(text)).replace(BLANKS, markOf);
  return line || "∅";
}

/** For who hears it: white space in words. */
export function spoken(text: string): string {
  if (text === "") return "empty";
  if (text.trim() === "") return [...text].map((blank) => ({ " ": "space", "\t": "tab", "\n": "newline" })[blank] ?? "blank").join(" ");
  return visibleCode(shorten(text)).replaceAll("\n", " newline ").trim();
}

function shorten(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  return `${text.slice(0, MAX_CHARS).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
