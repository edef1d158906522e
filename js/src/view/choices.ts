// The answers of a run come in, all of them side by side go out; the usual one alone has the whole width and no heading.
import type { PartLoaders } from "../markdown/index";
import { answersOf, shownAnswers, type Answer } from "../store";
import type { AnswerSource } from "../stream";
import { createChoice, type ChoiceView } from "./choice";
import { h, setAttribute } from "./dom";

export function createChoices(source: AnswerSource, parts: PartLoaders, signal: AbortSignal): ChoiceView {
  const { run } = source;
  const element = h("div", { class: "choices" });
  const views = new Map<Answer, ChoiceView>();
  const isAlone = (): boolean => shownAnswers(run).length === 1;

  /** Each answer has a view from its first word on, in the order of their numbers. */
  function addViews(): void {
    if (views.size === run.choices.length + 1) return;
    let before: Element | null = null;
    for (const answer of answersOf(run)) {
      let view = views.get(answer);
      if (!view) {
        view = createChoice(source, answer, { parts, isAlone }, signal);
        views.set(answer, view);
        if (before) before.after(view.element);
        else element.prepend(view.element);
      }
      before = view.element;
    }
  }

  return {
    element,
    updateText() {
      addViews();
      for (const view of views.values()) view.updateText();
    },
    update() {
      addViews();
      const shown = shownAnswers(run);
      setAttribute(element, "data-many", shown.length > 1 ? "" : null);
      for (const [answer, view] of views) {
        view.element.hidden = !shown.includes(answer);
        view.update();
      }
    },
  };
}
