// static/panel.js, once for each tuning: Python to be read and copied comes in, its view goes out. Also what the page must
// know of the panel around it, which ipywidgets builds: keys in it are no shortcuts, and its copy below is not to be seen.
import type { AnyModel, RenderArgs } from "./anywidget";
import { hideCopies, TUNING_CLASS } from "./notebook";
import { createCopyButton } from "./view/copy";
import { h, setText } from "./view/dom";

const styles = `
:host { display: block; }
.box { position: relative; margin-top: 4px; background: var(--jp-cell-editor-background, #8881); }
.box[hidden] { display: none; }
pre { margin: 0; padding: 8px 90px 8px 12px; overflow: auto; color: var(--jp-content-font-color1, inherit); font: var(--jp-code-font-size, 13px)/1.4 var(--jp-code-font-family, monospace); }
button { position: absolute; top: 6px; right: 8px; min-width: 72px; height: 28px; border: 0; border-radius: 2px; background: var(--jp-layout-color2, #8882); color: var(--jp-ui-font-color1, inherit); font: var(--jp-ui-font-size1, 13px) var(--jp-ui-font-family, sans-serif); cursor: pointer; }
button:focus-visible, pre:focus-visible { outline: 2px solid var(--jp-brand-color1, Highlight); outline-offset: 1px; }
`;

const codeOf = (model: AnyModel): string => String(model.get("code") ?? "");

/** Calls `then` when `element` is in the page: ipywidgets puts it there after it was drawn. */
function whenConnected(element: HTMLElement, then: () => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  if (element.isConnected) then();
  else requestAnimationFrame(() => whenConnected(element, then, signal));
}

function render({ model, el, signal: given }: RenderArgs): () => void {
  const view = new AbortController();
  const { signal } = view;
  given?.addEventListener("abort", () => view.abort());
  const code = h("code");
  const copy = createCopyButton(() => codeOf(model), signal);
  copy.setAttribute("aria-label", "Copy code");
  const box = h("div", { class: "box" }, h("pre", { tabindex: "0", role: "region", "aria-label": "Code" }, code), copy);
  const update = (): void => {
    setText(code, codeOf(model));
    box.hidden = codeOf(model) === "";
  };
  el.attachShadow({ mode: "open" }).append(h("style", {}, styles), box);
  update();
  model.on("change:code", update);
  signal.addEventListener("abort", () => model.off("change:code", update));
  hideCopies();
  whenConnected(el, () => el.closest<HTMLElement>(`.${TUNING_CLASS}`)?.setAttribute("data-lm-suppress-shortcuts", "true"), signal);
  return () => view.abort();
}

export default { render };
