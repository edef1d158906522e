// One answer of a run comes in, everything that it holds goes out: reasoning, text, refusal, pictures, tool calls,
// sources, how it ended. Where there are several answers each has a heading and a Copy of its own.
import type { PartLoaders } from "../markdown/index";
import { isStale, whole, type Answer, type Choice } from "../store";
import type { AnswerSource } from "../stream";
import { createMarkdownText, createStructuredText } from "./answer";
import { createCitations } from "./citations";
import { createCopyButton } from "./copy";
import { h, setAttribute, type Section } from "./dom";
import { createRefusal } from "./error";
import { createFinish, type Finish } from "./finish";
import { placeMarkers } from "./markers";
import { createMedia } from "./media";
import { createReasoning } from "./reasoning";
import { sourcesOf } from "./sources";
import { createTools } from "./tools";

/** So long after its last piece the text waits for more (ms). */
const WAITS_MS = 600;

export interface ChoiceView extends Section {
  /** Takes in new text at once, for the Markdown has frames of its own. */
  updateText(): void;
}

/** `isAlone`: there is no other answer. */
export function createChoice(
  source: AnswerSource,
  answer: Answer | Choice,
  { parts, isAlone }: { parts: PartLoaders; isAlone: () => boolean },
  signal: AbortSignal,
): ChoiceView {
  const { run } = source;
  const isWhole = (): boolean => run.ended && !isStale(run);
  const finish = (): Finish =>
    "finish_reason" in answer
      ? { reason: answer.finish_reason, detail: answer.finish_detail }
      : { reason: run.state.finish_reason ?? "", detail: run.state.finish_detail ?? "" };
  const name = answer.index === 0 ? "Answer" : `Answer ${answer.index + 1}`;
  const box = h("div", { part: "answer", tabindex: "0", role: "group", "aria-label": name });
  const createText = run.state.asked?.json ? createStructuredText : createMarkdownText;
  const text = createText(answer.text, box, parts, signal);
  const head = createHead(answer, signal);
  const sections = [
    createReasoning(answer, run, parts, signal),
    createRefusal(answer),
    createMedia(answer, isWhole, signal),
    createTools(answer),
    createCitations(answer),
    createFinish(answer, () => (run.ended || !isAlone() ? finish() : { reason: "", detail: "" }), isAlone),
  ];
  const [reasoning, ...below] = sections.map((section) => section.element);
  const element = h("div", { class: "choice" }, head, ...(reasoning ? [reasoning] : []), box, ...below);
  let marked: Element | null = null;
  let length = 0;
  let grewAt = 0;

  /** Once, when the text around them cannot change any more. */
  function mark(): void {
    const content = box.querySelector<HTMLElement>(".ns-markdown");
    if (!content || content === marked || answer.citations.length === 0) return;
    marked = content;
    placeMarkers(content, whole(answer.text), sourcesOf(answer.citations));
  }

  return {
    element,
    updateText() {
      box.hidden = answer.text.length === 0;
      if (answer.text.length !== length) [length, grewAt] = [answer.text.length, performance.now()];
      text.update(isWhole());
      if (isWhole()) mark();
    },
    update() {
      const isMany = !isAlone();
      head.hidden = !isMany;
      setAttribute(element, "role", isMany ? "group" : null);
      setAttribute(element, "aria-label", isMany ? `Choice ${answer.index + 1}` : null);
      // The cursor marks the growing end, which is no longer here while a tool call is being written.
      const isElsewhere = answer.tools.length > answer.results.length;
      const isLive = !run.ended && source.gone === "" && finish().reason === "" && !isElsewhere;
      setAttribute(box, "data-live", isLive ? "" : null);
      setAttribute(box, "data-waits", isLive && performance.now() - grewAt > WAITS_MS ? "" : null);
      for (const section of sections) section.update();
    },
  };
}

function createHead({ index, text, refusal }: Answer, signal: AbortSignal): HTMLElement {
  const copy = createCopyButton(() => whole(text) || whole(refusal), signal);
  const title = h("span", {}, `Choice ${index + 1}`);
  return h("div", { class: "head", role: "toolbar", "aria-label": `Choice ${index + 1}`, hidden: true }, title, copy);
}
