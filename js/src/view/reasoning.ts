// The model's reasoning comes in, a <details> goes out: open while there is nothing else to read, folded when the
// answer begins, and left alone once the reader has touched it.
import { isStale, type Run } from "../store";
import { createMarkdownText } from "./answer";
import { h, type Section } from "./dom";

export function createReasoning(run: Run, signal: AbortSignal): Section {
  const summary = h("summary", {}, "Reasoning");
  const body = h("div", { class: "reasoning", tabindex: "0", role: "group", "aria-label": "Reasoning" });
  const element = h("details", { part: "reasoning", hidden: true }, summary, body);
  const text = createMarkdownText(run.reasoning, body, signal);
  let isTouched = false;
  let isFolded = false;
  let follows = true;
  summary.addEventListener("click", () => (isTouched = true), { signal });
  body.addEventListener("scroll", () => (follows = body.scrollTop + body.clientHeight >= body.scrollHeight - 4), { signal });

  return {
    element,
    update() {
      if (run.reasoning.length === 0) return;
      const hasAnswer = run.text.length + run.refusal.length > 0;
      if (element.hidden) {
        element.hidden = false;
        element.open = !hasAnswer && !run.ended;
      } else if (hasAnswer && !isTouched && !isFolded) element.open = false;
      isFolded ||= hasAnswer;
      text.update(run.ended && !isStale(run));
      // It has a height of its own, so that folding it moves the answer little.
      if (element.open && follows && !run.ended) body.scrollTop = body.scrollHeight;
    },
  };
}
