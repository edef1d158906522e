// Text to be asked for comes in, a Copy button that says how it went comes out.
import { copyText } from "./clipboard";
import { h, setText } from "./dom";

const COPIED_MS = 1500;

/** Copies what `text` gives when it is pressed. */
export function createCopyButton(text: () => string, signal: AbortSignal): HTMLButtonElement {
  const element = h("button", { type: "button", class: "copy" }, "Copy");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const copy = async (): Promise<void> => {
    setText(element, (await copyText(text())) ? "Copied" : "Failed");
    clearTimeout(timer);
    if (!signal.aborted) timer = setTimeout(() => setText(element, "Copy"), COPIED_MS);
  };
  element.addEventListener("click", () => void copy(), { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  return element;
}
