// static/inspector.js, sent with every inspector: anywidget's model and element come in, a live view of its tracks goes
// out. The Markdown is the shared core's; until that is there, and where it is missing, the answer is plain text.
import type { InitializeArgs, RenderArgs } from "../anywidget";
import type { Core } from "../core";
import { restoreViews } from "../hollow";
import { findLibrary } from "../library";
import { mount, partLoaders } from "../mount";
import type { Drawing } from "./answerpane";
import { createInspector, type Inspector } from "./inspector";
import { createLayout } from "./layout";
import { createPlayer, type Player } from "./player";

interface Known {
  inspector: Inspector;
  /** One for all views of a model: they are in step. */
  player: Player;
}

const isCore = ({ createView, styles }: Partial<Core>): boolean => typeof createView === "function" && typeof styles === "string";

export default () => {
  // By model id: a host may call this function once for several models.
  const models = new Map<unknown, Known>();
  const open = ({ model, signal }: InitializeArgs): Known => {
    const id = model.get("_model_id");
    const known = models.get(id);
    if (known) return known;
    const own = signal ?? new AbortController().signal;
    const inspector = createInspector(model, own);
    const made = { inspector, player: createPlayer(inspector, own) };
    own.addEventListener("abort", () => models.delete(id));
    models.set(id, made);
    restoreViews(model, String(id), own);
    return made;
  };
  return {
    // Must not wait for anything: anywidget drops a model's messages for good after two seconds.
    initialize(args: InitializeArgs): void {
      open(args);
    },
    render(args: RenderArgs): () => void {
      const view = new AbortController();
      args.signal?.addEventListener("abort", () => view.abort());
      const { inspector, player } = open(args);
      const root = mount(args.el);
      root.host.classList.add("inspected");
      const drawing: Drawing = { core: null, parts: partLoaders(args, view.signal) };
      const redraw = createLayout(root, inspector, player, drawing, view.signal);
      void findLibrary<Core>(args, "_core", isCore, view.signal).then((core) => {
        if (!core || view.signal.aborted) return;
        drawing.core = core;
        redraw();
      });
      return () => view.abort();
    },
  };
};
