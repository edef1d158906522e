// static/comparison.js, sent with every comparison: anywidget's model and element come in, a live grid goes out. The
// Markdown of its cells is the shared core's; until that is there, and where it is missing, they show plain text.
import type { InitializeArgs, RenderArgs } from "../anywidget";
import type { Core } from "../core";
import { restoreViews } from "../hollow";
import { findLibrary } from "../library";
import { mount, partLoaders } from "../mount";
import type { Drawing } from "./body";
import { createClock, type Clock } from "./clock";
import { createComparison, type Comparison } from "./comparison";
import { createGrid } from "./grid";

interface Known {
  comparison: Comparison;
  clock: Clock;
}

const isCore = ({ createChoices, styles }: Partial<Core>): boolean => typeof createChoices === "function" && typeof styles === "string";

export default () => {
  // By model id: a host may call this function once for several models.
  const models = new Map<unknown, Known>();
  const open = ({ model, signal }: InitializeArgs): Known => {
    const id = model.get("_model_id");
    const known = models.get(id);
    if (known) return known;
    const own = signal ?? new AbortController().signal;
    const comparison = createComparison(model, own);
    const made = { comparison, clock: createClock(comparison) };
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
      const { comparison, clock } = open(args);
      const root = mount(args.el);
      root.host.classList.add("comparison");
      const drawing: Drawing = { core: null, parts: partLoaders(args, view.signal) };
      const redraw = createGrid(root, comparison, clock, drawing, view.signal);
      void findLibrary<Core>(args, "_core", isCore, view.signal).then((core) => {
        if (!core || view.signal.aborted) return;
        drawing.core = core;
        redraw();
      });
      return () => view.abort();
    },
  };
};
