// static/inspector.js, opened once a kernel, with the first inspector: nothing comes in, what draws every inspector goes out
// as the exports that anywidget's host.getWidget hands on. The Markdown is the shared core's; until that is there, and
// where it is missing, answers are plain text.
import type { AnyModel } from "../anywidget";
import type { Core } from "../core";
import type { PartLoaders } from "../markdown/index";
import type { Drawing } from "./answerpane";
import { createInspector, type Inspector } from "./inspector";
import { createLayout } from "./layout";
import { createPlayer, type Player } from "./player";

export interface InspectorLibrary {
  /** Draws the inspector that `model` is into `root` until `signal` aborts; `own` aborts with the model. */
  show(root: ShadowRoot, model: AnyModel, own: AbortSignal, core: Promise<Core | null>, parts: PartLoaders, signal: AbortSignal): void;
}

interface Known {
  inspector: Inspector;
  /** One for all views of a model: they are in step. */
  player: Player;
}

export default () => ({
  initialize(): InspectorLibrary {
    const models = new Map<unknown, Known>();
    const open = (model: AnyModel, own: AbortSignal): Known => {
      const id = model.get("_model_id");
      const known = models.get(id);
      if (known) return known;
      const inspector = createInspector(model, own);
      const made = { inspector, player: createPlayer(inspector, own) };
      own.addEventListener("abort", () => models.delete(id));
      models.set(id, made);
      return made;
    };
    return {
      show(root, model, own, core, parts, signal) {
        const { inspector, player } = open(model, own);
        const drawing: Drawing = { core: null, parts };
        const redraw = createLayout(root, inspector, player, drawing, signal);
        void core.then((found) => {
          if (!found || signal.aborted) return;
          drawing.core = found;
          redraw();
        });
      },
    };
  },
});
