// The model's reasoning comes in, a <details> goes out: open while there is nothing else to read, folded when the
// answer begins, and left alone once the reader has touched it.
import type { PartLoaders } from "../markdown/index";
import { isStale, type Answer, type Run } from "../store";
import { createMarkdownText } from "./answer";
import { h, setAttribute, type Section } from "./dom";

export function createReasoning(answer: Answer, run: Run, parts: PartLoaders, signal: AbortSignal): Section {
  const summary = h("summary", {}, "Reasoning");
  const content = h("div");
  const body = h("div", { class: "reasoning", tabindex: "0", role: "group", "aria-label": "Reasoning" }, content);
  const element = h("details", { part: "reasoning", hidden: true }, summary, body);
  const text = createMarkdownText(answer.reasoning, content, parts, signal);
  let isTouched = false;
  let isFolded = false;
  let follows = true;
  body.addEventListener("scroll", () => (follows = body.scrollTop + body.clientHeight >= body.scrollHeight - 4), { signal });
  // Low while the run is live, and after the end until it is opened anew: a change of height would move the page.
  const setHeight = (): void => setAttribute(element, "data-live", run.ended ? null : "");
  const onPress = (): void => {
    isTouched = true;
    setHeight();
  };
  summary.addEventListener("click", onPress, { signal });
  // Its height is bounded, so that folding it moves the answer little; it shows its end as it grows.
  if (typeof ResizeObserver === "function") {
    const observer = new ResizeObserver(() => {
      if (follows && !run.ended) body.scrollTop = body.scrollHeight;
    });
    observer.observe(content);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  return {
    element,
    update() {
      if (answer.reasoning.length === 0) return;
      const hasAnswer = answer.text.length + answer.refusal.length > 0;
      if (element.hidden) {
        element.hidden = false;
        setHeight();
        element.open = !hasAnswer && !run.ended;
      } else if (hasAnswer && !isTouched && !isFolded) element.open = false;
      isFolded ||= hasAnswer;
      text.update(run.ended && !isStale(run));
    },
  };
}
