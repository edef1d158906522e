// A growing JSON answer comes in, one code block that grows with it goes out: indented, coloured by the highlighter
// where there is one. The JSON is shown, never evaluated.
import { createCodeBlock, type CodeBlock } from "../markdown/code";
import { copyToClipboard, listenForCopy } from "../markdown/copy";
import type { PartLoaders } from "../markdown/index";
import { createParts, usePartsIn } from "../markdown/parts";
import type { Growing } from "../store";
import type { GrowingText } from "./answer";
import { h } from "./dom";
import { createJsonPrinter } from "./json";

export function createJsonText(growing: Growing, element: HTMLElement, loaders: PartLoaders, signal: AbortSignal): GrowingText {
  const onError = (error: unknown): void => console.error(error);
  const content = h("div", { class: "ns-markdown" });
  element.append(content);
  const parts = createParts(loaders, onError);
  usePartsIn(content, parts);
  signal.addEventListener("abort", () => parts.destroy());
  listenForCopy(content, (text) => copyToClipboard(text, content), onError, signal);
  let block: CodeBlock;
  let print: (piece: string) => string;
  let epoch: number;
  let shown: number;
  let isEnded: boolean;

  const restart = (): void => {
    block = createCodeBlock("json", parts);
    content.replaceChildren(block.element);
    print = createJsonPrinter();
    ({ epoch } = growing);
    shown = 0;
    isEnded = false;
  };
  restart();

  return {
    update(isWhole) {
      if (epoch !== growing.epoch || (isEnded && shown < growing.pieces.length)) restart();
      if (shown < growing.pieces.length) block.append(print(growing.pieces.slice(shown).join("")));
      shown = growing.pieces.length;
      if (!isWhole || isEnded) return;
      isEnded = true;
      block.append("\n"); // so that the last line is known to be finished, and gets its colours
    },
  };
}
