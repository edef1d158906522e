// The views of one run come in; whether the reader is in one of them goes out to the kernel, which waits for him before it
// puts the static copy in their place. Where the page has missed that (it was reloaded meanwhile), the copy is asked for
// and put into the notebook from here.
import { isSelected } from "../markdown/selection";
import { gapsOf, hideCopies, KEPT_CLASS } from "../notebook";
import type { Settles } from "../stream";
import type { Views } from "../wire";

/** After the change-over a view is gone within a frame; one that is still there after this long has missed it (ms). */
const MISSED_MS = 500;
/** The reader is not waited for any longer than this (ms); the kernel does not either. */
const PATIENCE_MS = 30_000;

interface Settling {
  add(root: ShadowRoot, signal: AbortSignal): void;
}

const known = new WeakMap<Settles, Settling>();

/** Follows `stream`, whose view in `root` is there until `signal` aborts, through its change-over. */
export function watchSettling(stream: Settles, root: ShadowRoot, signal: AbortSignal): void {
  let settling = known.get(stream);
  if (!settling) known.set(stream, (settling = createSettling(stream)));
  hideCopies(stream.model);
  settling.add(root, signal);
}

/** Whether `host` is a part of another widget, a VBox or an Output: it has no display of its own. */
export function isInLayout(host: Element): boolean {
  return host.closest(".widget-container, .widget-box, .widget-output") !== null; // classes of ipywidgets' views
}

/** Whether that is a notebook's, which keeps nothing of it but in a tuning; an application keeps nothing anyway. */
export function isUnsaved(host: Element): boolean {
  return isInLayout(host) && host.closest(".jp-Notebook") !== null && host.closest(`.${KEPT_CLASS}`) === null;
}

function createSettling(stream: Settles): Settling {
  const { model } = stream;
  const views = new Set<ShadowRoot>();
  let told: Views["state"] | undefined;
  let missedTimer: ReturnType<typeof setTimeout> | undefined;
  let doneAt: number | undefined;
  let isFilled = false;

  const own = (): ShadowRoot[] => [...views].filter(({ host }) => !isInLayout(host));
  const tell = (state: Views["state"]): void => {
    if (told !== state) stream.tell({ type: "views", state });
    told = state;
  };

  const update = (): void => {
    if (!stream.settling) return;
    if (stream.settling === "planned") {
      if (own().length > 0) tell(own().some(hasReader) ? "held" : "free");
      return;
    }
    doneAt ??= performance.now();
    if (views.size === 0) tell("none");
    else if (stream.copy) fill();
    else missedTimer ??= setTimeout(askForCopy, MISSED_MS);
  };

  const askForCopy = (): void => {
    if (own().length > 0 && gapsOf(model).length > 0) stream.tell({ type: "copy" });
  };

  /** Waits for the reader as the kernel does; each change of his calls it again. */
  const fill = (): void => {
    const left = PATIENCE_MS - (performance.now() - (doneAt ?? 0));
    if (isFilled) return;
    clearTimeout(missedTimer);
    if (own().some(hasReader) && left > 0) {
      missedTimer = setTimeout(fill, left);
      return;
    }
    isFilled = true;
    const { copy } = stream;
    if (copy) for (const gap of gapsOf(model)) gap.fill(copy);
  };

  // Not with a view: what the kernel tells after the change-over comes when there are none any more.
  stream.subscribe(update, stream.signal);
  stream.signal.addEventListener("abort", () => clearTimeout(missedTimer));
  return {
    add(root, signal) {
      views.add(root);
      for (const type of ["pointerenter", "pointerleave"]) root.host.addEventListener(type, update, { signal });
      for (const type of ["focusin", "focusout"]) root.addEventListener(type, () => queueMicrotask(update), { signal });
      document.addEventListener("selectionchange", update, { signal });
      signal.addEventListener("abort", () => {
        views.delete(root);
        update();
      });
      update();
    },
  };
}

/** Whether the reader's pointer, focus or selection is in the view. */
function hasReader(root: ShadowRoot): boolean {
  return root.host.matches(":hover") || root.activeElement !== null || Array.from(root.children).some(isSelected);
}
