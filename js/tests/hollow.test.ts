// The notebook's file has an empty output where a live view stands above its copy, and the view comes back from there.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { restoreViews, saveViewsHollow, WIDGET } from "../src/hollow";
import type { AnyModel } from "../src/anywidget";

const COPY = '<div class="notebook-stream-copy"><p>kept</p></div>';
const view = (id: string) => ({ output_type: "display_data", data: { [WIDGET]: { model_id: id, version_major: 2 }, "text/plain": "<Comparison>" }, metadata: {} });
const html = (text: string) => ({ output_type: "display_data", data: { "text/html": text }, metadata: {} });

function modelOf(context: object): AnyModel {
  return { get: () => undefined, send: () => undefined, on: () => undefined, off: () => undefined, widget_manager: { context } };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a view above its copy is saved as an empty output, and everything else as it is", () => {
  const others = [view("other"), html("<p>below</p>"), { output_type: "stream", text: "said" }];
  const json = { nbformat: 4, cells: [{ outputs: [view("ours"), html(COPY), ...others] }, { source: "no outputs" }] };
  const before = structuredClone(json);
  const notebook = { toJSON: () => json };
  saveViewsHollow(modelOf({ model: notebook }));
  const { toJSON } = notebook;
  saveViewsHollow(modelOf({ model: notebook })); // as each further view does, and another bundle would
  expect(notebook.toJSON).toBe(toJSON);
  const saved = notebook.toJSON() as typeof json;
  expect(JSON.stringify(saved)).not.toContain('"ours","version_major":2},"text/plain":"<Comparison>"');
  const [first, ...rest] = saved.cells[0]!.outputs!;
  expect(Object.keys((first as ReturnType<typeof view>).data)).not.toContain(WIDGET);
  expect((first as ReturnType<typeof html>).data["text/html"]).toBe("<div></div>");
  expect(rest).toEqual([html(COPY), ...others]);
  expect(saved.cells[1]).toEqual({ source: "no outputs" });
  expect(json).toEqual(before); // what the page shows is not touched
});

test("a copy that a file has in lines is one, too", () => {
  const lines = { ...html(""), data: { "text/html": ['<div class="notebook-', 'stream-copy"><p>kept</p></div>'] } };
  const notebook = { toJSON: () => ({ cells: [{ outputs: [view("ours"), lines] as object[] }] }) };
  saveViewsHollow(modelOf({ model: notebook }));
  expect(Object.keys((notebook.toJSON().cells[0]!.outputs[0] as ReturnType<typeof view>).data)).not.toContain(WIDGET);
});

test("after the abort nothing is put back", () => {
  const notebook = { toJSON: () => ({ cells: [{ outputs: [view("ours"), html(COPY)] }] }) };
  saveViewsHollow(modelOf({ model: notebook }));
  const outputs = notebook.toJSON().cells[0]!.outputs as unknown[];
  const area = { length: 2, get: (at: number) => outputs[at] as object, set: () => undefined };
  const controller = new AbortController();
  restoreViews(modelOf({ model: { cells: { length: 1, get: () => ({ outputs: area }) } } }), "ours", controller.signal);
  controller.abort();
  expect(vi.getTimerCount()).toBe(0);
});

test("what was saved so is put back for its own widget, and for no other", () => {
  const notebook = { toJSON: () => ({ cells: [{ outputs: [view("ours"), html(COPY)] }] }) };
  saveViewsHollow(modelOf({ model: notebook }));
  const outputs = notebook.toJSON().cells[0]!.outputs as unknown[];
  const area = { length: 2, get: (at: number) => outputs[at] as object, set: (at: number, output: unknown) => void (outputs[at] = output) };
  const model = modelOf({ model: { cells: { length: 1, get: () => ({ outputs: area }) } } });
  restoreViews(model, "another");
  vi.runAllTimers();
  expect(JSON.stringify(outputs[0])).not.toContain(WIDGET);
  restoreViews(model, "ours");
  vi.runAllTimers();
  expect((outputs[0] as ReturnType<typeof view>).data).toEqual({ [WIDGET]: { model_id: "ours", version_major: 2 } });
  expect(outputs[1]).toEqual(html(COPY));
});

test.each([[undefined], [{}], [{ model: {} }], [{ model: { toJSON: () => "x" } }], [{ model: { toJSON: () => ({ cells: 3 }) } }]])("a host of another make (%j) is left as it is", (context) => {
  const model = modelOf(context as object);
  saveViewsHollow(model);
  restoreViews(model, "x");
  vi.runAllTimers();
  const { toJSON } = (context as { model?: { toJSON?: () => unknown } } | undefined)?.model ?? {};
  if (toJSON) expect(() => toJSON()).not.toThrow();
});
