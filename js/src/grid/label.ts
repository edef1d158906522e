// A value of an axis comes in, its label goes out, with what it stands for where that is longer: cut to a few lines, and to
// be had in full.
import { visibleProse } from "../markdown/visible";
import { h } from "../view/dom";
import type { Axis } from "../wire";

/** Characters and lines that fit without being cut, roughly. */
const SHORT = 60;
const SHORT_LINES = 3;

/** `isNamed`: the name of the axis is told, too. */
export function createLabel(axis: Axis | undefined, value: number, isNamed: boolean): HTMLElement {
  const label = visibleProse(axis?.labels[value] ?? "");
  const detail = visibleProse(axis?.details[value] ?? "");
  // The label is either the beginning of the detail, or a name for it.
  const isBeginning = detail !== "" && detail.replace(/\s+/gu, " ").startsWith(label.replace(/…$/u, "").trimEnd());
  const element = h("div", { class: "label" });
  if (isNamed) element.append(h("span", { class: "axis" }, visibleProse(axis?.name ?? "")), " ");
  if (!isBeginning) element.append(h("span", { class: "value", dir: "auto" }, label));
  if (detail) element.append(...createDetail(detail, isBeginning ? "value" : "value detail"));
  return element;
}

function createDetail(detail: string, className: string): HTMLElement[] {
  const text = h("span", { class: className, dir: "auto", title: detail }, detail);
  if (detail.length <= SHORT && detail.split("\n").length <= SHORT_LINES) return [text];
  text.classList.add("clamped");
  const more = h("button", { type: "button", class: "more", "aria-expanded": "false" }, "More");
  more.addEventListener("click", () => {
    const isCut = text.classList.toggle("clamped");
    more.setAttribute("aria-expanded", String(!isCut));
    more.textContent = isCut ? "More" : "Less";
  });
  return [text, more];
}
