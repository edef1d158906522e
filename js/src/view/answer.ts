// The growing text of an answer comes in, rendered Markdown goes out, or a code block where the request asked for JSON.
// All model text of a run passes here or through text nodes; nothing here parses.
import { createMarkdownStream } from "../markdown/index";
import type { PartLoaders } from "../markdown/index";
import type { Growing } from "../store";
import { createJsonText } from "./jsontext";

export interface GrowingText {
  /** Appends what is new; `isWhole` says that no more will come. */
  update(isWhole: boolean): void;
}

/** Renders `growing` into `element`. */
export function createMarkdownText(growing: Growing, element: HTMLElement, parts: PartLoaders, signal: AbortSignal): GrowingText {
  let epoch = growing.epoch;
  let shown = 0;
  let isEnded = false;
  let markdown = createMarkdownStream(element, parts);
  signal.addEventListener("abort", () => markdown.destroy());

  const restart = (): void => {
    markdown.destroy();
    element.replaceChildren();
    markdown = createMarkdownStream(element, parts);
    ({ epoch } = growing);
    shown = 0;
    isEnded = false;
  };

  return {
    update(isWhole) {
      const hasMore = shown < growing.pieces.length;
      if (epoch !== growing.epoch || (isEnded && hasMore)) restart();
      if (shown < growing.pieces.length) markdown.append(growing.pieces.slice(shown).join(""));
      shown = growing.pieces.length;
      if (!isWhole || isEnded) return;
      isEnded = true;
      markdown.end();
    },
  };
}

/**
 * The same for an answer of which the request wants JSON: its first character decides, once, so that nothing changes its
 * look. A model that answers in prose all the same is shown as prose.
 */
export function createStructuredText(growing: Growing, element: HTMLElement, parts: PartLoaders, signal: AbortSignal): GrowingText {
  let text: GrowingText | undefined;
  return {
    update(isWhole) {
      const first = text ? "" : /\S/u.exec(growing.pieces.find((piece) => /\S/u.test(piece)) ?? "")?.[0];
      if (!text && first) {
        const create = first === "{" || first === "[" ? createJsonText : createMarkdownText;
        text = create(growing, element, parts, signal);
      }
      text?.update(isWhole);
    },
  };
}
