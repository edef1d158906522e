// The figures of a run and those of all runs come in, a strip of them goes out: a value, a bar as a share of the largest,
// and a mark at the best. Without the cost where no run has one.
import { h, setAttribute, setText } from "../view/dom";
import type { Run } from "../store";
import { FIGURES, praiseOf, type FigureKind, type Figures, type Scales } from "./figures";

export interface FigureStrip {
  element: HTMLElement;
  show(run: Run, figures: Figures, scales: Scales): void;
}

export function createFigureStrip(): FigureStrip {
  const figures = FIGURES.map(createFigure);
  const element = h("dl", { class: "figures", "aria-label": "Figures" }, ...figures.map((figure) => figure.element));
  return {
    element,
    show: (run, own, scales) => {
      setAttribute(element, "data-cost", scales.cost.isKnown ? "" : null);
      for (const figure of figures) figure.show(run, own, scales);
    },
  };
}

function createFigure(kind: FigureKind): FigureStrip {
  const mark = h("span", { class: "best", "aria-hidden": "true", hidden: true }, "✓\u2009");
  const term = h("dt", {}, mark, kind.label);
  const value = h("dd");
  const fill = h("span", { class: "fill" });
  const bar = h("div", { class: "gauge", "aria-hidden": "true" }, fill);
  const element = h("div", { class: "figure" }, term, value, bar);
  return {
    element,
    show(run, figures, scales) {
      const figure = figures[kind.name];
      const { largest, isKnown } = scales[kind.name];
      const praise = praiseOf(kind, run, figures, scales);
      element.hidden = kind.name === "cost" && !isKnown;
      const text = figure ? `${figure.isEstimated ? "≈" : ""}${kind.text(figure.value)}` : "–";
      setText(value, text);
      mark.hidden = !praise;
      setAttribute(element, "data-best", praise ? "" : null);
      setAttribute(element, "title", `${kind.title}: ${figure ? text : "not known"}${praise ? `, the ${praise}` : ""}`);
      const width = figure && largest > 0 ? `${Math.max(2, Math.round((100 * figure.value) / largest))}%` : "0";
      if (fill.style.width !== width) fill.style.width = width;
    },
  };
}
