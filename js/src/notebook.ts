// What the page can change in the notebook behind a model: the outputs in its file. Rests on private parts of JupyterLab
// and Notebook 7, each asked for before it is used; where they are missing nothing is found and nothing changed.
import type { AnyModel } from "./anywidget";
import { COPY_CLASS, htmlOf, OPENING, outputAreas, saveViewsHollow, WIDGET, type Outputs } from "./hollow";

/** The elements around a tuning, and around one of which the notebook keeps a copy; twins in tuning/tuning.py. */
export const TUNING_CLASS = "notebook-stream-tuning";
export const KEPT_CLASS = "notebook-stream-kept";
// The display below a live view as long as there is no copy; twin of `PLACE` in widget/displays.py.
const CLOSING = "</div>";
const PLACE = OPENING + CLOSING;

export interface Bundle {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

/** An output that should hold the copy and does not. */
interface Gap {
  fill(bundle: Bundle): void;
}

/** The outputs that show `model` and were to become its copy, and the empty places for a copy right below one. */
export function gapsOf(model: AnyModel): Gap[] {
  try {
    return outputAreas(model).flatMap((outputs) => gapsIn(outputs, String(model.get("_model_id"))));
  } catch {
    return []; // a notebook that is being closed, or of another make
  }
}

/** The copies below a view of the widget `id` that are not `size` long (UTF-16 units): the page has missed the last one. */
export function staleCopies(model: AnyModel, id: string, size: number): Gap[] {
  try {
    return outputAreas(model).flatMap((outputs) =>
      Array.from({ length: Math.max(0, outputs.length - 1) }, (_, at) => at)
        .filter((at) => {
          const below = htmlOf(outputs.get(at + 1).data);
          return shows(outputs, at, id) && below.startsWith(OPENING) && below.length !== size + PLACE.length;
        })
        .map((at) => ({ fill: (bundle: Bundle) => put(outputs, at + 1, beside(bundle)) })),
    );
  } catch {
    return []; // as above
  }
}

function shows(outputs: Outputs, at: number, id: string): boolean {
  const view = outputs.get(at).data?.[WIDGET] as { model_id?: unknown } | undefined;
  return view?.model_id === id;
}

function gapsIn(outputs: Outputs, id: string): Gap[] {
  const gaps: Gap[] = [];
  for (let at = 0; at < outputs.length; at++) {
    if (!shows(outputs, at, id)) continue;
    const below = at + 1 < outputs.length ? htmlOf(outputs.get(at + 1).data) : "";
    if (below === PLACE) gaps.push({ fill: (bundle) => put(outputs, at + 1, beside(bundle)) });
    else if (!below.startsWith(OPENING)) gaps.push({ fill: (bundle) => put(outputs, at, bundle) });
  }
  return gaps;
}

const beside = ({ data, metadata }: Bundle): Bundle => ({
  data: { ...data, "text/html": OPENING + htmlOf(data) + CLOSING },
  metadata,
});

function put(outputs: Outputs, at: number, { data, metadata }: Bundle): void {
  outputs.set(at, { output_type: "display_data", data, metadata });
}

/**
 * Hides each copy that stands right below a live view, as long as that is there, once for a page; and has the file of the
 * notebook behind `model` show nothing but the copies.
 */
export function hideCopies(model: AnyModel): void {
  saveViewsHollow(model);
  const name = `${COPY_CLASS}-hidden`;
  if (document.querySelector(`style.${name}`)) return;
  const style = document.createElement("style");
  style.className = name;
  const child = ".jp-OutputArea-child";
  style.textContent = `${child}:has(.notebook-stream, .${KEPT_CLASS}) + ${child}:has(.${COPY_CLASS}) { display: none; }`;
  document.head.append(style);
}
