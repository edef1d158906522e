// The page's part of a tuning: the code and its Copy button, keys that stay in the panel, a copy that the page has missed.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import panel from "../src/panel";
import { isUnsaved } from "../src/view/settling";
import { fakeModel, type FakeModel } from "./fake";
import type { Manager } from "../src/anywidget";

const WIDGET = "application/vnd.jupyter.widget-view+json";
const place = (html: string): string => `<div class="notebook-stream-copy">${html}</div>`;

interface Output {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

/** A notebook of one cell with these outputs, as JupyterLab's models show it. */
function notebook(outputs: Output[]): Manager {
  const area = {
    get length() {
      return outputs.length;
    },
    get: (at: number) => outputs[at]!,
    set: (at: number, output: Output) => (outputs[at] = output),
  };
  return { context: { model: { cells: { length: 1, get: () => ({ outputs: area }) } } } };
}

/** The page's element around a tuning, and in it the view of `model`. */
function open(model: FakeModel): { around: HTMLElement; root: ShadowRoot; close: () => void } {
  const around = document.createElement("div");
  around.className = "widget-box notebook-stream-tuning";
  const el = document.createElement("div");
  const close = panel.render({ model, el });
  around.append(el); // as ipywidgets does: after it was drawn
  document.body.append(around);
  vi.advanceTimersByTime(20);
  return { around, root: el.shadowRoot!, close };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

test("the code is text, and not there where there is none", () => {
  const model = fakeModel({ code: "" });
  const { root, close } = open(model);
  const box = root.querySelector<HTMLElement>(".box")!;
  expect(box.hidden).toBe(true);
  model.traits["code"] = "s = stream('<b>x</b>')\n";
  model.emit("change:code");
  expect(box.hidden).toBe(false);
  expect(root.querySelector("code")?.textContent).toBe("s = stream('<b>x</b>')\n");
  expect(root.querySelector("b")).toBeNull();
  expect(root.querySelector("button")?.getAttribute("aria-label")).toBe("Copy code");
  close();
  expect(model.listenerCount()).toBe(0);
});

test("what has the focus in the panel has no shortcuts, and what is elsewhere has", () => {
  const { around, close } = open(fakeModel());
  const [inside, outside] = [document.createElement("select"), document.createElement("select")];
  around.append(inside);
  document.body.append(outside);
  inside.focus();
  expect(inside.hasAttribute("data-lm-suppress-shortcuts")).toBe(true);
  outside.focus();
  expect(outside.hasAttribute("data-lm-suppress-shortcuts")).toBe(false);
  close();
  const later = document.createElement("select");
  around.append(later);
  later.focus();
  expect(later.hasAttribute("data-lm-suppress-shortcuts")).toBe(false);
});

const outputs = (html: string): Output[] => [{ data: { [WIDGET]: { model_id: "tuning-1" } } }, { data: { "text/html": html } }];

test("a copy that is the last one is let be", () => {
  const model = fakeModel({ _kept: { of: "tuning-1", size: 8 } }, notebook(outputs(place("<p>é</p>"))));
  open(model);
  vi.advanceTimersByTime(5_000);
  expect(model.sent).toEqual([]);
});

test("a copy that the page has missed is asked for and put into the notebook", () => {
  const found = outputs(place(""));
  const model = fakeModel({ _kept: {} }, notebook(found));
  open(model);
  vi.advanceTimersByTime(5_000);
  expect(model.sent).toEqual([]); // nothing has been kept yet
  model.traits["_kept"] = { of: "tuning-1", size: 9 };
  model.emit("change:_kept");
  expect(model.sent).toEqual([]); // the kernel's own update may be on its way
  vi.advanceTimersByTime(500);
  expect(model.sent).toEqual([{ type: "copy" }]);
  for (const wrong of [null, 7, {}, { type: "copy" }, { type: "other", data: {}, metadata: {} }]) model.emit("msg:custom", wrong);
  expect(found[1]!.data["text/html"]).toBe(place(""));
  model.emit("msg:custom", { type: "copy", data: { "text/html": "<p>it</p>" }, metadata: { a: 1 } });
  expect(found[1]).toMatchObject({ data: { "text/html": place("<p>it</p>") }, metadata: { a: 1 } });
  model.emit("change:_kept");
  vi.advanceTimersByTime(500);
  expect(model.sent).toHaveLength(1); // now it is the last one
});

test("an output below that is no copy, and a copy of another's, are let be", () => {
  const found = [...outputs("<p>of the user's</p>"), { data: { [WIDGET]: { model_id: "other" } } }, { data: { "text/html": place("") } }];
  const model = fakeModel({ _kept: { of: "tuning-1", size: 3 } }, notebook(found));
  open(model);
  vi.advanceTimersByTime(5_000);
  expect(model.sent).toEqual([]);
});

test("an answer in a tuning that is kept does not say that it is not saved", () => {
  const [cell, box, host] = ["div", "div", "div"].map((tag) => document.createElement(tag));
  cell!.className = "jp-Notebook";
  box!.className = "widget-box";
  cell!.append(box!);
  box!.append(host!);
  document.body.append(cell!);
  expect(isUnsaved(host!)).toBe(true);
  box!.classList.add("notebook-stream-kept");
  expect(isUnsaved(host!)).toBe(false);
});
