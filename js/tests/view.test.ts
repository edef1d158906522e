// The whole view in jsdom: its parts and roles, what stands there in each state, keys, focus, speech, two views of
// one stream, and that nothing is left behind.
import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import createCore, { type Core } from "../src/core";
import createEntry from "../src/entry";
import { speech } from "../src/view/speech";
import { append, fakeModel, snapshot, state, type FakeModel } from "./fake";
import type { End, RunState } from "../src/wire";

setMaxListeners(50); // all of a view hangs on one signal; Node takes more than ten listeners for a leak

const core: Core = createCore().initialize();
const host = { getWidget: () => Promise.resolve({ exports: core as unknown }) };
const end = (seq: number, more: RunState = {}): End => ({
  type: "end",
  seq,
  state: state({ status: "done", finish_reason: "stop", elapsed_s: 3.2, total_s: 3.2, ...more }),
});
let controllers: AbortController[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "requestAnimationFrame", "cancelAnimationFrame"] });
  speech.isOn = true;
});
afterEach(() => {
  for (const controller of controllers) controller.abort();
  controllers = [];
  vi.useRealTimers();
  document.body.replaceChildren();
});

async function open(model: FakeModel = fakeModel(), withHost = true) {
  const initialize = new AbortController();
  const entry = createEntry();
  controllers.push(initialize);
  entry.initialize({ model, signal: initialize.signal });
  const render = async () => {
    const controller = new AbortController();
    controllers.push(controller);
    const el = document.createElement("div");
    document.body.append(el);
    entry.render({ model, el, signal: controller.signal, ...(withHost ? { host } : {}) });
    await vi.advanceTimersByTimeAsync(20);
    const root = el.querySelector(".notebook-stream")!.shadowRoot!;
    return { el, root, controller, ...parts(root) };
  };
  return { model, initialize, render, ...(await render()) };
}

function parts(root: ShadowRoot) {
  const part = (name: string) => root.querySelector<HTMLElement>(`[part="${name}"]`)!;
  const button = (name: string) =>
    [...root.querySelectorAll("button")].find((element) => element.textContent.includes(name) || element.ariaLabel === name)!;
  return { part, button, stop: button("Stop") };
}

// Two frames: the Markdown's own and the view's.
const flush = () => vi.advanceTimersByTimeAsync(40);
const tell = async (model: FakeModel, ...messages: unknown[]) => {
  for (const message of messages) model.emit("msg:custom", message);
  await flush();
};

test("the host element, the open shadow root and the parts", async () => {
  const { el, root, part, stop, button } = await open();
  const box = el.querySelector<HTMLElement>(".notebook-stream")!;
  expect([box.dataset["lmSuppressShortcuts"], root.mode]).toEqual(["true", "open"]);
  for (const name of ["answer", "status", "reasoning", "metrics", "error"]) expect(part(name), name).not.toBeNull();
  expect([stop.type, button("Copy").type]).toEqual(["button", "button"]);
});

test("the cursor breathes while the text waits, and is still while it moves", async () => {
  const { model, part } = await open();
  const waits = () => part("answer").hasAttribute("data-waits");
  for (let seq = 1; seq < 20; seq++) {
    await tell(model, append(seq, "word ", { state: { status: "streaming" } }));
    expect(waits()).toBe(false);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(waits()).toBe(true);
  await tell(model, append(20, "word "));
  expect(waits()).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  expect(waits()).toBe(true);
  await tell(model, end(21));
  expect(waits()).toBe(false);
});

test("text streams in, Markdown is rendered, the end is told", async () => {
  const { model, part } = await open();
  expect(part("status").textContent).toContain("connecting");
  await tell(model, append(1, "Hello *wor", { state: { status: "streaming", ttft_s: 0.3 } }), append(2, "ld*"));
  expect(part("answer").textContent.trim()).toBe("Hello world");
  expect(part("status").textContent).toContain("streaming");
  await tell(model, end(3));
  expect(part("answer").querySelector("em")?.textContent).toBe("world");
  expect(part("status").textContent).toContain("done");
  expect(part("answer").hasAttribute("data-live")).toBe(false);
});

test("a second view shows the whole at once and both follow", async () => {
  const { model, part, render } = await open();
  await tell(model, append(1, "one "));
  const second = await render();
  expect(second.part("answer").textContent.trim()).toBe("one");
  await tell(model, append(2, "two"), end(3));
  expect([part("answer").textContent.trim(), second.part("answer").textContent.trim()]).toEqual(["one two", "one two"]);
});

test("a snapshot that only adds keeps the finished nodes, another text replaces them", async () => {
  const { model, part } = await open();
  await tell(model, append(1, "first paragraph\n\nsecond"), append(3, "lost"));
  const first = part("answer").querySelector("p")!;
  await tell(model, snapshot(3, "first paragraph\n\nsecond and the rest"));
  expect(part("answer").contains(first)).toBe(true);
  expect(part("answer").textContent).toContain("and the rest");
  await tell(model, snapshot(4, "another"));
  expect(part("answer").textContent.trim()).toBe("another");
});

test("hidden tab: without animation frames the text comes all the same", async () => {
  const { model, part } = await open();
  vi.stubGlobal("requestAnimationFrame", () => 0);
  model.emit("msg:custom", append(1, "in the dark", { tools: [{ position: 0, name: "weather" }] }));
  await vi.advanceTimersByTimeAsync(250);
  vi.unstubAllGlobals();
  expect([part("answer").textContent.trim(), part("tools").textContent]).toEqual(["in the dark", "Tool call weather"]);
});

test("the answer is no live region and can take the focus", async () => {
  const { root, part } = await open();
  const live = [...root.querySelectorAll("[aria-live],[role=status],[role=alert],[role=log]")];
  expect(live.map((element) => [element.getAttribute("aria-live"), element.className])).toEqual([["polite", "unseen"]]);
  expect([part("answer").tabIndex, part("answer").getAttribute("aria-label")]).toEqual([0, "Answer"]);
  expect(part("status").getAttribute("role")).toBe("toolbar");
});

test("finished sentences are spoken at most every three seconds, then the end", async () => {
  const { model, root } = await open();
  const spoken = () => root.querySelector("[aria-live]")!.textContent;
  await tell(model, append(1, "One is **done**. Two is"));
  expect(spoken()).toBe("One is done.");
  await tell(model, append(2, " done. Three"));
  expect(spoken()).toBe("One is done.");
  await vi.advanceTimersByTimeAsync(3200);
  expect(spoken()).toBe("Two is done.");
  await tell(model, end(3));
  expect(spoken()).toBe("Three done");
});

test("two views of one stream say everything once", async () => {
  const { model, root, render } = await open();
  const second = await render();
  await tell(model, append(1, "One is done. Two"), end(2));
  expect([root, second.root].map((each) => each.querySelector("[aria-live]")!.textContent).filter(Boolean)).toHaveLength(1);
});

test("speech can be switched off", async () => {
  const { model, root, button } = await open();
  const speak = button("Read new sentences to screen readers");
  speak.click();
  expect(speak.getAttribute("aria-pressed")).toBe("false");
  await tell(model, append(1, "Silence. "), end(2));
  expect(root.querySelector("[aria-live]")!.textContent).toBe("");
});

test.each(["answer", "status"])("Escape on the %s stops; keys do not leave the view, Tab does", async (name) => {
  const { model, part } = await open();
  const outside: string[] = [];
  const listen = (event: KeyboardEvent) => outside.push(event.key);
  document.addEventListener("keydown", listen);
  for (const key of ["d", "ArrowDown", "Tab", "Escape"]) {
    part(name).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true }));
  }
  document.removeEventListener("keydown", listen);
  expect([outside, model.sent]).toEqual([["Tab"], [{ type: "stop" }]]);
});

test("Stop: pressed, told, and the focus stays where it is", async () => {
  const { model, root, part, stop } = await open();
  await tell(model, append(1, "Hi"));
  stop.focus();
  stop.click();
  await flush();
  expect(part("status").textContent).toContain("stopping…");
  await tell(model, end(2, { status: "stopped", stop_reason: "user", tokens: 212 }));
  expect(part("status").textContent).toContain("stopped: connection closed at 3.2 s, ≈ 212 tokens");
  expect([root.activeElement, stop.getAttribute("aria-disabled"), stop.style.visibility]).toEqual([stop, "true", ""]);
  stop.blur();
  await flush();
  expect([stop.style.visibility, stop.hidden]).toEqual(["hidden", true]);
});

test("Stop takes effect at the press, for the button may move away before the release", async () => {
  const { model, stop } = await open();
  await tell(model, append(1, "Hi"));
  stop.dispatchEvent(new MouseEvent("pointerdown", { button: 2, bubbles: true }));
  expect(model.sent).toEqual([]);
  stop.dispatchEvent(new MouseEvent("pointerdown", { button: 0, bubbles: true }));
  expect(model.sent).toEqual([{ type: "stop" }]);
  stop.click();
  expect(model.sent).toHaveLength(1);
});

test("kernel gone: the text stays, Stop is grey", async () => {
  const { model, part, stop } = await open();
  await tell(model, append(1, "kept"));
  model.onSend = () => {
    throw new Error("Cannot send");
  };
  stop.click();
  await flush();
  expect([part("answer").textContent.trim(), stop.getAttribute("aria-disabled")]).toEqual(["kept", "true"]);
  expect(part("status").textContent).toContain("interrupted: kernel gone");
  expect([part("notice").hidden, part("notice").textContent]).toEqual([false, "Run the cell again."]);
});

test("a notice stays after the end for as long as the kernel says it", async () => {
  const { model, part } = await open();
  await tell(model, append(1, "Hi", { state: { notice: "source still running" } }));
  await tell(model, end(2, { status: "stopped", stop_reason: "user", origin: "source", notice: "source still running" }));
  expect([part("notice").hidden, part("notice").textContent]).toEqual([false, "source still running"]);
  expect(part("status").textContent).toContain("stopped at 3.2 s");
  await tell(model, snapshot(3, "Hi", { state: state({ status: "stopped", origin: "source" }) }));
  expect(part("notice").hidden).toBe(true);
});

test("a view gives way to its neighbour in a row", async () => {
  const { el } = await open();
  expect([el.style.minWidth, el.style.flex]).toEqual(["0px", "1 1 0px"]);
});

test("reasoning is low while live, and keeps its height at the end until it is opened anew", async () => {
  const { model, part } = await open();
  const isLow = () => part("reasoning").hasAttribute("data-live");
  await tell(model, { type: "append", seq: 1, reasoning: "Let me think." });
  expect(isLow()).toBe(true);
  await tell(model, end(2));
  expect(isLow()).toBe(true);
  part("reasoning").querySelector("summary")!.click();
  expect(isLow()).toBe(false);
});

test("an error says what happened and what to do", async () => {
  const { model, part } = await open();
  expect(part("error").hidden).toBe(true);
  await tell(model, end(1, { status: "error", error: { code: "auth", message: "401 from api.example.org", hint: "Set the key." } }));
  expect(part("error").hidden).toBe(false);
  expect(part("error").textContent).toContain("401 from api.example.orgSet the key.");
  expect(part("status").textContent).toContain("error: key refused");
});

test("reasoning is open while alone, folds at the answer, and is left alone once touched", async () => {
  for (const isTouched of [false, true]) {
    const { model, part } = await open();
    const details = part("reasoning") as HTMLDetailsElement;
    expect(details.hidden).toBe(true);
    await tell(model, { type: "append", seq: 1, reasoning: "Let me think." });
    expect([details.hidden, details.open]).toEqual([false, true]);
    if (isTouched) details.querySelector("summary")!.dispatchEvent(new Event("click"));
    await tell(model, append(2, "Yes."));
    expect(details.open).toBe(isTouched);
    details.open = true;
    await tell(model, append(3, " No."));
    expect(details.open).toBe(true);
  }
});

test("tool calls grow as text, with what is invisible made visible", async () => {
  const { model, part } = await open();
  await tell(model, { type: "append", seq: 1, tools: [{ position: 0, name: "weather", arguments: '{"a":"<b>' }] });
  await tell(model, { type: "append", seq: 2, tools: [{ position: 0, arguments: '\u202ex</b>"}' }] });
  expect(part("tools").querySelector("summary > code")!.textContent).toBe("weather");
  expect(part("tools").querySelector("pre")!.textContent).toBe('{\n  "a": "<b>⟨U+202E⟩x</b>"\n}');
});

test.each([
  ["https://example.org/a", "https://example.org/a"],
  ["mailto:a@example.org", "mailto:a@example.org"],
  [["javascript", "alert(1)"].join(":"), null],
  ["data:text/html,x", null],
  ["/lab/tree", null],
  ["https:evil", null],
])("the citation %s links to %s", async (url, href) => {
  const { model, part } = await open();
  await tell(model, { type: "append", seq: 1, citations: [{ url, title: "A page", quote: "words" }] });
  const link = part("citations").querySelector("a");
  expect(link?.getAttribute("href") ?? null).toBe(href);
  if (link) expect([link.rel, link.target]).toEqual(["noopener noreferrer", "_blank"]);
  expect(part("citations").textContent).toContain("A page");
  if (href) expect(part("citations").textContent).toContain("example.org");
});

test("Copy gives the raw Markdown, also without navigator.clipboard", async () => {
  const { model, button } = await open();
  await tell(model, append(1, "*raw* text"), end(2));
  let copied = "";
  document.execCommand = () => {
    copied = document.querySelector("textarea")!.value;
    return true;
  };
  button("Copy").click();
  await flush();
  expect([copied, button("Copied")?.textContent, document.querySelector("textarea")]).toEqual(["*raw* text", "Copied", null]);
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  button("Copied").click();
  await flush();
  vi.unstubAllGlobals();
  expect(writeText).toHaveBeenCalledWith("*raw* text");
});

test("without a core there is plain text, Stop, and no error; a core that comes later takes over", async () => {
  const missing = await open(fakeModel(), false);
  await vi.advanceTimersByTimeAsync(100);
  await tell(missing.model, append(1, "*plain*", { state: { status: "streaming" } }));
  expect(missing.part("answer").textContent).toBe("*plain*");
  missing.button("Stop").click();
  expect(missing.model.sent).toEqual([{ type: "stop" }]);
  expect(missing.part("status").textContent).toContain("stopping…");

  let isThere = false;
  const late = { getWidget: () => (isThere ? Promise.resolve({ exports: core as unknown }) : Promise.reject(new Error("not found"))) };
  const model = fakeModel({ text: "*late*", seq: 1 });
  const entry = createEntry();
  const controller = new AbortController();
  controllers.push(controller);
  entry.initialize({ model, signal: controller.signal });
  const el = document.createElement("div");
  document.body.append(el);
  entry.render({ model, el, signal: controller.signal, host: late });
  await vi.advanceTimersByTimeAsync(8000);
  const root = el.firstElementChild!.shadowRoot!;
  expect(root.querySelector("[part=answer]")!.textContent).toBe("*late*");
  isThere = true;
  await vi.advanceTimersByTimeAsync(5100);
  await tell(model, end(2));
  expect(root.querySelector("[part=answer] em")!.textContent).toBe("late");
});

test("what came before the core is not asked for again, nor does its clock begin anew", async () => {
  let isThere = false;
  const late = { getWidget: () => (isThere ? Promise.resolve({ exports: core as unknown }) : Promise.reject(new Error("not found"))) };
  const model = fakeModel();
  const entry = createEntry();
  const controller = new AbortController();
  controllers.push(controller);
  entry.initialize({ model, signal: controller.signal });
  const el = document.body.appendChild(document.createElement("div"));
  entry.render({ model, el, signal: controller.signal, host: late });
  await tell(model, append(1, "*so", { state: { status: "streaming", elapsed_s: 1, ttft_s: 0.5 } }), append(2, " far*"));
  await vi.advanceTimersByTimeAsync(7000);
  isThere = true;
  await vi.advanceTimersByTimeAsync(5000);
  await tell(model, append(3, " and on"));
  const root = el.firstElementChild!.shadowRoot!;
  expect(root.querySelector("[part=answer]")!.textContent.trim()).toBe("so far and on");
  expect(root.querySelector("[part=answer] em")!.textContent).toBe("so far");
  expect(model.sent).toEqual([]);
  expect(Number(/([\d.]+) s/.exec(root.querySelector("[part=metrics]")!.textContent)![1])).toBeGreaterThan(12);
});

test("a view that fails after another has worked asks for the whole, for what was told before is forgotten", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { model, render } = await open();
  await tell(model, append(1, "*first*"));
  vi.spyOn(core, "createView").mockImplementation(() => {
    throw new Error("broken");
  });
  const second = await render();
  expect(model.sent).toEqual([{ type: "snapshot" }]);
  await tell(model, snapshot(1, "*first*"), append(2, " more"));
  expect(second.part("answer").textContent).toBe("*first* more");
});

test("a core whose view fails leaves plain text, and says so where developers look", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.spyOn(core, "createView").mockImplementation(() => {
    throw new Error("broken");
  });
  const { model, part } = await open();
  await tell(model, append(1, "*plain*"));
  expect(part("answer").textContent).toBe("*plain*");
  expect(warn).toHaveBeenCalledOnce();
});

test("a view leaves nothing behind: no listener, no timer", async () => {
  const add = vi.spyOn(EventTarget.prototype, "addEventListener");
  const { model, initialize, controller } = await open();
  await tell(model, append(1, "Hi"));
  const onGlobals = add.mock.calls.filter((_, i) => [window, document, document.body].includes(add.mock.contexts[i] as never));
  for (const [, , options] of onGlobals) expect((options as AddEventListenerOptions).signal).toBeInstanceOf(AbortSignal);
  controller.abort();
  await vi.advanceTimersByTimeAsync(6000); // in which a model looks for places of its own in the notebook's file
  expect(vi.getTimerCount()).toBe(0);
  for (const [, , options] of onGlobals) expect((options as AddEventListenerOptions).signal!.aborted).toBe(true);
  expect(model.listenerCount()).toBeGreaterThan(0); // the stream outlives the view
  initialize.abort();
  expect(model.listenerCount()).toBe(0);
});
