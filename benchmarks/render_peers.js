// The renderers of peers/package.json, each as its own guide says to use it: an element comes in, what shows a longer
// and longer text in it goes out. No highlighter, typesetter, animation or style sheet in any, as there is none in ours.
import { IncremarkContent } from "@incremark/react";
import { marked } from "marked";
import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { Streamdown } from "streamdown";

/** Parses and draws everything anew. */
export function openMarked(root) {
  return { show: (text) => (root.innerHTML = marked.parse(text)), close: () => undefined };
}

export function openStreamdown(root) {
  return openReact(root, (text, isLast) => createElement(Streamdown, { isAnimating: !isLast }, text));
}

export function openIncremark(root) {
  const components = { code: ({ node }) => createElement("pre", null, createElement("code", null, node.value)) };
  const incremarkOptions = { math: false };
  return openReact(root, (content, isFinished) =>
    createElement(IncremarkContent, { content, isFinished, components, incremarkOptions }),
  );
}

/** At once, so that a frame's work is done in the frame; what React puts off comes when it comes. */
function openReact(element, view) {
  const root = createRoot(element);
  return {
    show: (text, isLast) => flushSync(() => root.render(view(text, isLast))),
    close: () => flushSync(() => root.unmount()),
  };
}
