// static/inspect.js, sent with every inspector, hence small: anywidget's model and element come in, the view of its tracks
// goes out, drawn by the inspector's library, which is sent once a kernel.
import type { InitializeArgs, RenderArgs } from "../anywidget";
import type { Core } from "../core";
import { restoreViews } from "../hollow";
import { findLibrary } from "../library";
import { mount, partLoaders } from "../mount";
import type { InspectorLibrary } from "./inspectorlibrary";

const isCore = ({ createView, styles }: Partial<Core>): boolean => typeof createView === "function" && typeof styles === "string";
const isInspector = ({ show }: Partial<InspectorLibrary>): boolean => typeof show === "function";

export default () => {
  // By model id: a host may call this function once for several models.
  const signals = new Map<unknown, AbortSignal>();
  const open = ({ model, signal }: InitializeArgs): AbortSignal => {
    const id = model.get("_model_id");
    const known = signals.get(id);
    if (known) return known;
    const own = signal ?? new AbortController().signal;
    own.addEventListener("abort", () => signals.delete(id));
    signals.set(id, own);
    restoreViews(model, String(id), own);
    return own;
  };
  return {
    // Must not wait for anything: anywidget drops a model's messages for good after two seconds. The page asks for all
    // that it shows, so none are lost before the library is there.
    initialize(args: InitializeArgs): void {
      open(args);
    },
    render(args: RenderArgs): () => void {
      const view = new AbortController();
      args.signal?.addEventListener("abort", () => view.abort());
      const own = open(args);
      const root = mount(args.el);
      root.host.classList.add("inspected");
      const core = findLibrary<Core>(args, "_core", isCore, view.signal);
      const parts = partLoaders(args, view.signal);
      void findLibrary<InspectorLibrary>(args, "_inspector", isInspector, view.signal).then((library) => {
        if (view.signal.aborted) return;
        if (library) library.show(root, args.model, own, core, parts, view.signal);
        else root.textContent = "The code of this view is not here: run its cell again.";
      });
      return () => view.abort();
    },
  };
};
