// The pinned cell comes in, one line goes out that says with what the others are compared, how the differences look, and
// lets go of it.
import { visibleProse } from "../markdown/visible";
import { h, setText } from "../view/dom";
import type { Layout } from "../wire";
import { namesOf } from "./arrange";
import type { Cell } from "./comparison";

export function createLegend(layout: Layout, onUnpin: (cell: Cell) => void, signal: AbortSignal) {
  const name = h("strong", { dir: "auto" });
  const unpin = h("button", { type: "button", class: "unpin" }, "Unpin");
  const keys = h("span", { class: "keys" }, h("del", {}, "only there"), " ", h("ins", {}, "only here"), " ", h("span", { class: "cut" }, "⟨−n words⟩"), " only there, left out");
  const element = h("div", { class: "legend", hidden: true }, h("span", {}, "Compared with ", name), keys, unpin);
  let pinned: Cell | null = null;
  unpin.addEventListener("click", () => pinned && onUnpin(pinned), { signal });
  return {
    element,
    update(cell: Cell | null): void {
      pinned = cell;
      element.hidden = cell === null;
      if (cell) setText(name, visibleProse(namesOf(layout, cell.index, true).join(" · ")));
    },
  };
}
