// The figures of a run and those of all runs come in, a strip of five goes out: a value, a bar as a share of the largest,
// and a mark at the best.
import { h, setAttribute, setText } from "../view/dom";
import { FIGURES, type FigureKind, type Figures, type Scales } from "./figures";

export interface FigureStrip {
  element: HTMLElement;
  /** `isDone`: it may be the best. */
  show(figures: Figures, scales: Scales, isDone: boolean): void;
}

export function createFigureStrip(): FigureStrip {
  const figures = FIGURES.map(createFigure);
  const element = h("dl", { class: "figures", "aria-label": "Figures" }, ...figures.map((figure) => figure.element));
  return {
    element,
    show: (...values) => {
      for (const figure of figures) figure.show(...values);
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
    show(figures, scales, isDone) {
      const figure = figures[kind.name];
      const { largest, best } = scales[kind.name];
      const isBest = isDone && figure !== null && figure.value === best;
      const text = figure ? `${figure.isEstimated ? "≈" : ""}${kind.text(figure.value)}` : "–";
      setText(value, text);
      mark.hidden = !isBest;
      setAttribute(element, "data-best", isBest ? "" : null);
      setAttribute(element, "title", `${kind.title}: ${figure ? text : "not known"}${isBest ? `, the ${kind.praise}` : ""}`);
      const width = figure && largest > 0 ? `${Math.max(2, Math.round((100 * figure.value) / largest))}%` : "0";
      if (fill.style.width !== width) fill.style.width = width;
    },
  };
}
