// How an answer ended comes in, one plain sentence goes out where the reader has to know: with the provider's own words.
import { visibleProse } from "../markdown/visible";
import type { Answer } from "../store";
import { h, setText, type Section } from "./dom";

/** As the kernel tells it; `reason` is empty before the end. */
export interface Finish {
  reason: string;
  detail: string;
}

/** Characters of the provider's words. */
const MAX_DETAIL = 500;

/** `isAlone`: the status line tells how this answer ended. */
export function createFinish(answer: Answer, finish: () => Finish, isAlone: () => boolean): Section {
  const words = h("span", { dir: "auto" });
  const icon = h("span", { class: "icon", "aria-hidden": "true" }, "⚠");
  const element = h("div", { part: "finish", role: "group", "aria-label": "End of the answer", hidden: true }, icon, words);
  return {
    element,
    update() {
      const text = sentence(finish(), answer, isAlone());
      element.hidden = text === "";
      icon.hidden = finish().reason === "tool_calls" || finish().reason === "pause";
      setText(words, text);
    },
  };
}

/** Empty where there is nothing to say. Pure, so that every way to end is a row of a test table. */
export function sentence({ reason, detail }: Finish, answer: Answer, isAlone: boolean): string {
  const isEmpty = answer.text.length + answer.refusal.length === 0;
  const told = visibleProse(detail.slice(0, MAX_DETAIL)).trim();
  const because = told ? `: ${told}` : ".";
  switch (reason) {
    case "":
    case "stop":
      return "";
    case "content_filter":
      return (isEmpty ? "Blocked by the provider, no answer was given" : "Cut off by the provider's content filter") + because;
    case "refusal":
      return answer.refusal.length > 0 && !told ? "" : `The model refused${because}`;
    case "length":
      return isAlone ? "" : `Cut off at ${told || "max_tokens"}.`;
    case "tool_calls":
      return isAlone ? "" : "Asks for tools.";
    case "pause":
      return isAlone ? "" : "Paused by the server.";
    default:
      return isAlone && !told ? "" : `Ended with ${visibleProse(reason.slice(0, 40))}${because}`;
  }
}
