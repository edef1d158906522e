// The growing text of a run comes in, rendered Markdown goes out. All model text of a run passes here or through
// text nodes; nothing here parses.
import { createMarkdownStream } from "../markdown/index";
import type { PartLoaders } from "../markdown/index";
import type { Growing } from "../store";

/** Renders `growing` into `element`. `update(isWhole)` appends what is new; `isWhole` says that no more will come. */
export function createMarkdownText(growing: Growing, element: HTMLElement, parts: PartLoaders, signal: AbortSignal) {
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
    update(isWhole: boolean): void {
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
