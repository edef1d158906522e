// What every entry does with anywidget's render arguments: a host element with an open shadow root, and loaders of the
// Markdown's parts. Small, for it is sent with every stream.
import type { RenderArgs } from "./anywidget";
import { findLibrary } from "./library";
import type { Highlighter, PartLoaders, Typesetter } from "./markdown/index";

/** The parts of the Markdown view that the kernel opens when the text needs them. */
export function partLoaders(args: RenderArgs, signal: AbortSignal): PartLoaders {
  const load = <T>(name: string, has: (exports: Partial<T>) => boolean) => {
    return async (): Promise<T> => {
      const part = await findLibrary(args, name, has, signal);
      return part ?? new Promise<T>(() => undefined); // it never comes: that is no error
    };
  };
  return {
    highlighter: load<Highlighter>("_highlight", ({ open }) => typeof open === "function"),
    typesetter: load<Typesetter>("_maths", ({ typeset }) => typeof typeset === "function"),
  };
}

export function mount(el: HTMLElement): ShadowRoot {
  // Streams side by side share the width: a long line of code must not push its neighbour out of the row.
  el.style.minWidth = "0";
  el.style.flex = "1 1 0px"; // equal shares: with `auto` that line leaves the neighbour 48 of 860 px (measured)
  const box = document.createElement("div");
  box.className = "notebook-stream";
  // Lumino's mark for "keys here are not shortcuts": it listens in the capture phase, before any handler of ours.
  box.dataset["lmSuppressShortcuts"] = "true";
  el.append(box);
  return box.attachShadow({ mode: "open" });
}
