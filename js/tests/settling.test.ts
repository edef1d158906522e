// The change-over as the page sees it: whom the kernel is told to wait for, and what a page does that has missed it.
import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import createCore, { type Core } from "../src/core";
import createEntry from "../src/entry";
import { gapsOf } from "../src/notebook";
import { append, fakeModel, state, type FakeModel } from "./fake";
import type { Manager } from "../src/anywidget";
import type { Copy, End, RunState } from "../src/wire";

setMaxListeners(50); // all of a view hangs on one signal; Node takes more than ten listeners for a leak

const WIDGET = "application/vnd.jupyter.widget-view+json";
const PLACE = '<div class="notebook-stream-copy"></div>';
const core: Core = createCore().initialize();
const host = { getWidget: () => Promise.resolve({ exports: core as unknown }) };
const end = (seq: number, more: RunState = {}): End => ({
  type: "end",
  seq,
  state: state({ status: "done", finish_reason: "stop", total_s: 3, settling: "planned", ...more }),
});
const copy: Copy = { type: "copy", data: { "text/html": "<p>$& it</p>", "text/plain": "it" }, metadata: { notebook_stream: { text: "it" } } };
let controllers: AbortController[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "requestAnimationFrame", "cancelAnimationFrame"] });
});
afterEach(() => {
  for (const controller of controllers) controller.abort();
  controllers = [];
  vi.useRealTimers();
  document.body.replaceChildren();
});

interface Output {
  output_type?: string;
  data?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

/** A notebook with one cell of these outputs, as JupyterLab's models show it; they are what `set` puts there. */
function notebook(...outputs: Output[]): { manager: Manager; outputs: Output[] } {
  const area = {
    get length() {
      return outputs.length;
    },
    get: (at: number) => outputs[at]!,
    set: (at: number, output: Output) => (outputs[at] = output),
  };
  const cells = { length: 2, get: (at: number) => (at === 0 ? {} : { outputs: area }) };
  return { manager: { context: { model: { cells } } }, outputs };
}

const live = (id = "model-1"): Output => ({ data: { [WIDGET]: { model_id: id } } });

async function open(manager?: Manager, inLayout = false) {
  const model = fakeModel({}, manager);
  const entry = createEntry();
  const controller = new AbortController();
  controllers.push(controller);
  entry.initialize({ model, signal: controller.signal });
  const views: AbortController[] = [];
  const render = async (boxed: boolean) => {
    const view = new AbortController();
    controllers.push(view);
    views.push(view);
    const el = document.createElement("div");
    const box = document.createElement("div");
    box.className = boxed ? "jupyter-widgets widget-container widget-box" : "";
    const notebook = document.createElement("div");
    notebook.className = "jp-Notebook";
    document.body.append(notebook);
    notebook.append(box);
    box.append(el);
    entry.render({ model, el, signal: view.signal, host });
    await vi.advanceTimersByTimeAsync(20);
    return el.querySelector(".notebook-stream")!;
  };
  return { model, views, render, element: await render(inLayout) };
}

const tell = async (model: FakeModel, ...messages: unknown[]) => {
  for (const message of messages) model.emit("msg:custom", message);
  await vi.advanceTimersByTimeAsync(40);
};

const views = (model: FakeModel): string[] => model.sent.flatMap((message) => (message.type === "views" ? [message.state] : []));

test("a page in which nobody reads says so at the end, once, and not before", async () => {
  const { model } = await open();
  await tell(model, append(1, "it"));
  expect(model.sent).toEqual([]);
  await tell(model, end(2));
  document.dispatchEvent(new Event("selectionchange"));
  expect(views(model)).toEqual(["free"]);
});

test("the reader's pointer and focus hold it; it is free when they have left", async () => {
  const { model, element } = await open();
  await tell(model, append(1, "it"));
  const answer = element.shadowRoot!.querySelector<HTMLElement>("[part=answer]")!;
  answer.focus();
  await tell(model, end(2));
  expect(views(model)).toEqual(["held"]);
  answer.blur();
  await vi.advanceTimersByTimeAsync(20);
  expect(views(model)).toEqual(["held", "free"]);
  vi.spyOn(element, "matches").mockReturnValue(true); // jsdom knows no pointer
  element.dispatchEvent(new Event("pointerenter"));
  vi.mocked(element.matches).mockReturnValue(false);
  element.dispatchEvent(new Event("pointerleave"));
  expect(views(model)).toEqual(["held", "free", "held", "free"]);
});

test("a run whose live view stays asks for nothing", async () => {
  const { model } = await open();
  await tell(model, append(1, "it"), end(2, { settling: "" }));
  await vi.advanceTimersByTimeAsync(5000);
  expect(model.sent).toEqual([]);
});

test("after the change-over the page says when no view is left", async () => {
  const { model, views: shown } = await open();
  await tell(model, append(1, "it"), end(2));
  shown[0]!.abort();
  await tell(model, { type: "settled" });
  expect(views(model)).toEqual(["free", "none"]);
});

test("a view in a layout is neither waited for nor taken away, and says that it is not saved", async () => {
  const { manager, outputs } = notebook(live("box"));
  const { model, element } = await open(manager, true);
  await tell(model, append(1, "it"), end(2), { type: "settled" });
  await vi.advanceTimersByTimeAsync(5000);
  expect(model.sent).toEqual([]);
  expect(outputs).toEqual([live("box")]);
  expect(element.shadowRoot!.querySelector("[part=notice]")!.textContent).toBe("Not saved in this layout: display(s) keeps it.");
});

test("a view that is still there has missed it: the page puts the copy into the notebook", async () => {
  const { manager, outputs } = notebook({ data: {} }, live(), live("other"));
  const { model } = await open(manager);
  await tell(model, append(1, "it"), end(2), { type: "settled" });
  expect(model.sent).toEqual([{ type: "views", state: "free" }]);
  await vi.advanceTimersByTimeAsync(600);
  expect(model.sent.at(-1)).toEqual({ type: "copy" });
  await tell(model, copy);
  expect(outputs).toEqual([{ data: {} }, { output_type: "display_data", data: copy.data, metadata: copy.metadata }, live("other")]);
});

test("a copy beside a view that stays goes into its own place, in which it was missing", async () => {
  const { manager, outputs } = notebook(live(), { data: { "text/html": [PLACE] } });
  const { model } = await open(manager);
  await tell(model, append(1, "it"), end(2), { type: "settled" });
  await vi.advanceTimersByTimeAsync(600);
  await tell(model, copy);
  expect(outputs[0]).toEqual(live());
  expect(outputs[1]!.data!["text/html"]).toBe('<div class="notebook-stream-copy"><p>$& it</p></div>');
});

test("nothing is asked for where nothing is missing", async () => {
  const full = { data: { "text/html": '<div class="notebook-stream-copy"><p>it</p></div>' } };
  const { manager } = notebook(live(), full);
  const { model } = await open(manager);
  await tell(model, append(1, "it"), end(2), { type: "settled" });
  await vi.advanceTimersByTimeAsync(5000);
  expect(model.sent).toEqual([{ type: "views", state: "free" }]);
});

test("the copy waits for the reader, and not for ever", async () => {
  const { manager, outputs } = notebook(live());
  const { model, element } = await open(manager);
  await tell(model, append(1, "it"), end(2), { type: "settled" });
  element.shadowRoot!.querySelector<HTMLElement>("[part=answer]")!.focus();
  await vi.advanceTimersByTimeAsync(600);
  await tell(model, copy);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(outputs).toEqual([live()]);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(outputs[0]!.data).toEqual(copy.data);
});

test("a page without a notebook behind it, or with one of another make, changes nothing", () => {
  expect(gapsOf(fakeModel())).toEqual([]);
  const broken = { length: 1, get: () => ({ outputs: { length: 1, get: () => { throw new Error("disposed"); } } }) };
  expect(gapsOf(fakeModel({}, { context: { model: { cells: broken } } }))).toEqual([]);
});

test("the rule that hides a copy below a live view is there once, however many views there are", async () => {
  const { render } = await open();
  await render(false);
  const rules = [...document.head.querySelectorAll("style")].filter(({ textContent }) => textContent.includes("notebook-stream-copy"));
  expect(rules.length).toBe(1);
});
