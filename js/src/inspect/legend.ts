// What the colours of the tokens mean, and what the reader sees where the server told no tokens.
import { h } from "../view/dom";
import { stepWords } from "./probability";

export function createLegend(): HTMLElement {
  const steps = stepWords().map((words, step) => h("li", {}, h("span", { class: "swatch", "data-step": String(step) }, words)));
  return h("div", { class: "legend" }, h("span", {}, "Probability"), h("ul", { "aria-label": "Probability" }, ...steps));
}

export function createNote(): HTMLElement {
  return h(
    "p",
    { class: "note" },
    "These are the pieces as they came, not tokens: the server told none. OpenAI-compatible servers tell them, with their probabilities, when asked with ",
    h("code", {}, "logprobs=True, top_logprobs=5"),
    ".",
  );
}
