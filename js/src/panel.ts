// static/panel.js, once for each tuning: Python to be read and copied comes in, its view goes out. Also what the page must
// know of the panel around it, which ipywidgets builds: keys in it are no shortcuts, its copy below is not to be seen, and
// that copy is to be asked for where the page has missed it (JupyterLab drops an update of a page that was reloaded).
import type { AnyModel, InitializeArgs, RenderArgs } from "./anywidget";
import { restoreViews } from "./hollow";
import { hideCopies, staleCopies, TUNING_CLASS, type Bundle } from "./notebook";
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

/** The kernel's update comes with the news of it, if it comes at all (ms). */
const MISSED_MS = 500;

const codeOf = (model: AnyModel): string => String(model.get("code") ?? "");

/** Calls `then` when `element` is in the page: ipywidgets puts it there after it was drawn. */
function whenConnected(element: HTMLElement, then: () => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  if (element.isConnected) then();
  else requestAnimationFrame(() => whenConnected(element, then, signal));
}

/** Lumino asks the focused element itself before those around it, and then it is too late: its shortcuts say `:focus`. */
function holdShortcuts(panel: HTMLElement | null, signal: AbortSignal): void {
  const hold = ({ target }: FocusEvent): void => (target as Element).setAttribute("data-lm-suppress-shortcuts", "true");
  panel?.addEventListener("focusin", hold, { signal });
}

/** Has the copies below the panel be those that the kernel has made last. */
function watchCopies(model: AnyModel, signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stale = (): ReturnType<typeof staleCopies> => {
    const { of, size } = (model.get("_kept") ?? {}) as { of?: string; size?: number };
    return of === undefined || size === undefined ? [] : staleCopies(model, of, size);
  };
  const check = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stale().length > 0 && model.send({ type: "copy" }), MISSED_MS);
  };
  const take = (message: unknown): void => {
    const { type, data, metadata } = (message ?? {}) as Partial<Bundle> & { type?: unknown };
    if (type === "copy" && data && metadata) for (const copy of stale()) copy.fill({ data, metadata });
  };
  check();
  model.on("change:_kept", check);
  model.on("msg:custom", take);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    model.off("change:_kept", check);
    model.off("msg:custom", take);
  });
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
  hideCopies(model);
  watchCopies(model, signal);
  whenConnected(el, () => holdShortcuts(el.closest(`.${TUNING_CLASS}`), signal), signal);
  return () => view.abort();
}

/** After a reload the panel is put back where the file has only its copy. */
function initialize({ model, signal }: InitializeArgs): void {
  const { of } = (model.get("_kept") ?? {}) as { of?: string };
  if (of !== undefined) restoreViews(model, of, signal);
}

export default { initialize, render };
