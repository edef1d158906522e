// A closed formula comes in, a box with its source goes out, in which the typeset formula takes the source's place
// once the typesetter is there. A formula that it cannot set, or sets wrongly, stays source. Knows no TeX.
import { buildMath } from "./mathml";
import type { Typesetter } from "./contract";
import { isSelected } from "./selection";
import { visibleCode, visibleProse } from "./visible";

/** Characters of an error message that are shown. */
const MAX_REASON = 200;

/** `display`: within a line, on a line of its own in a paragraph, or a block. */
export function createFormula(source: string, display: "inline" | "flow" | "block"): HTMLElement {
  const code = document.createElement("code");
  code.className = "ns-tex";
  code.dir = "ltr";
  code.textContent = visibleCode(source);
  const box = document.createElement(display === "block" ? "div" : "span");
  box.className = display === "inline" ? "ns-math" : "ns-math ns-display";
  box.append(code);
  return box;
}

export function typesetFormula(typesetter: Typesetter, tex: string, display: boolean, box: HTMLElement): "done" | "later" {
  if (isSelected(box)) return "later";
  try {
    box.replaceChildren(buildMath(typesetter.typeset(tex, display), display));
  } catch (error) {
    box.firstElementChild?.setAttribute("title", reasonOf(error));
  }
  return "done";
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const words = visibleProse(message).replace(/\s+/gu, " ").trim().slice(0, MAX_REASON);
  return words ? `Not typeset: ${words}` : "Not typeset";
}
