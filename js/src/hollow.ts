// How the notebook's file has a live view that stays: as an empty output which remembers whose view it was, for without
// its kernel JupyterLab would show an error there, above the copy. A page that finds the kernel alive puts the view back.
// Rests on private parts of JupyterLab and Notebook 7; where they are missing nothing is changed.
import type { AnyModel, Manager } from "./anywidget";

export const WIDGET = "application/vnd.jupyter.widget-view+json";
const HOLLOW = "application/vnd.notebook-stream.view+json";
/** The beginning of the output right below such a view: the place of its copy, see notebook.ts. */
export const COPY_CLASS = "notebook-stream-copy";
export const OPENING = `<div class="${COPY_CLASS}">`;
/** After a reload the notebook's cells may come later than the models (ms). */
const TRIES_MS = [0, 1000, 5000];

interface Output {
  data?: Record<string, unknown>;
}

/** JupyterLab's OutputAreaModel. */
export interface Outputs {
  length: number;
  get(index: number): Output;
  set(index: number, output: unknown): void;
}

/** Of both copies of this module, in two bundles, one changes a notebook. */
const MARK = Symbol.for("notebook-stream.hollow");

interface Notebook {
  toJSON?(): { cells?: { outputs?: Output[] }[] };
  [MARK]?: true;
}

/** Has the file of the notebook behind `model` hold live views that stand above their copy as empty outputs. */
export function saveViewsHollow(model: AnyModel): void {
  const notebook = (model.widget_manager as Manager | undefined)?.context?.model as Notebook | undefined;
  if (typeof notebook?.toJSON !== "function" || notebook[MARK]) return;
  const whole = notebook.toJSON.bind(notebook);
  notebook[MARK] = true;
  notebook.toJSON = () => {
    const json = whole();
    try {
      return { ...json, cells: (json.cells ?? []).map((cell) => (cell.outputs ? { ...cell, outputs: hollowed(cell.outputs) } : cell)) };
    } catch {
      return json; // of another make: the file is more than what is in it of ours
    }
  };
}

const hollowed = (outputs: Output[]): Output[] =>
  outputs.map((output, at) => {
    const view = output.data?.[WIDGET];
    if (!view || !htmlOf(outputs[at + 1]?.data).startsWith(OPENING)) return output;
    return { ...output, data: { "text/html": "<div></div>", "text/plain": "", [HOLLOW]: view } };
  });

/** Puts the views of the widget `id` back where the file has them as empty outputs, unless `signal` aborts before. */
export function restoreViews(model: AnyModel, id: string, signal?: AbortSignal): void {
  const restore = (): void => {
    try {
      outputAreas(model).forEach((outputs) => fill(outputs, id));
    } catch {
      // a notebook that is being closed, or of another make
    }
  };
  const timers = TRIES_MS.map((wait) => setTimeout(restore, wait));
  signal?.addEventListener("abort", () => timers.forEach(clearTimeout));
}

function fill(outputs: Outputs, id: string): void {
  for (let at = 0; at < outputs.length; at++) {
    const view = outputs.get(at).data?.[HOLLOW] as { model_id?: unknown } | undefined;
    if (view?.model_id === id) outputs.set(at, { output_type: "display_data", data: { [WIDGET]: view }, metadata: {} });
  }
}

export function outputAreas(model: AnyModel): Outputs[] {
  const cells = (model.widget_manager as Manager | undefined)?.context?.model?.cells;
  const areas: Outputs[] = [];
  for (let at = 0; at < (cells?.length ?? 0); at++) {
    const { outputs } = (cells?.get(at) ?? {}) as { outputs?: Outputs };
    if (outputs) areas.push(outputs);
  }
  return areas;
}

export function htmlOf(data: Record<string, unknown> | undefined): string {
  const html = data?.["text/html"];
  return Array.isArray(html) ? html.join("") : String(html ?? ""); // a file may have it in lines
}
