// The whole grid in jsdom, where every cell counts as seen: names and roles, buttons, keys, focus, pin, enlarge, across,
// sort, filter, repeats, what is spoken; and that nothing is left behind.
import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import createCore, { type Core } from "../../src/core";
import createEntry from "../../src/grid/entry";
import type { FakeModel } from "../fake";
import type { Layout } from "../../src/wire";
import { append, axis, batch, end, gridModel, layout, whole } from "./fake";

setMaxListeners(500); // all of a view hangs on one signal; Node takes more than ten listeners for a leak

const core: Core = createCore().initialize();
const host = { getWidget: () => Promise.resolve({ exports: core as unknown }) };
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

async function open(of?: Layout, { withCore = true, model = gridModel(of) }: { withCore?: boolean; model?: FakeModel } = {}) {
  const entry = createEntry();
  const initialize = new AbortController();
  controllers.push(initialize);
  entry.initialize({ model, signal: initialize.signal });
  const render = async () => {
    const view = new AbortController();
    controllers.push(view);
    const el = document.createElement("div");
    document.body.append(el);
    entry.render({ model, el, signal: view.signal, ...(withCore ? { host } : {}) });
    await vi.advanceTimersByTimeAsync(20);
    return { el, view, ...look(el.querySelector(".notebook-stream")!.shadowRoot!) };
  };
  let seq = 0;
  const tell = async (...cells: ReturnType<typeof append>[]) => {
    model.emit("msg:custom", batch(++seq, ...cells));
    await vi.advanceTimersByTimeAsync(300);
  };
  return { model, initialize, render, tell, ...(await render()) };
}

function look(root: ShadowRoot) {
  const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)];
  const cell = (at: number) => all(".cell:not(.blank)")[at]!;
  const button = (name: string, within: ParentNode = root) =>
    [...within.querySelectorAll<HTMLElement>("button")].find((element) => !element.hidden && (element.textContent.replace("■ ", "") === name || element.ariaLabel === name));
  const heads = (role: string) => all(`[role=${role}]:not(.corner)`).map(({ textContent }) => textContent);
  const answers = () => all(".cell .inner [part=answer]").map(({ textContent }) => textContent.trim());
  const key = async (name: string) => {
    const target = root.activeElement!;
    const event = new KeyboardEvent("keydown", { key: name, bubbles: true, composed: true, cancelable: true });
    target.dispatchEvent(event);
    await vi.advanceTimersByTimeAsync(300);
    return event;
  };
  const choose = async (name: string, value: string) => {
    const select = root.querySelector<HTMLSelectElement>(`select[aria-label="${name}"]`)!;
    select.value = value;
    select.dispatchEvent(new Event("change"));
    await vi.advanceTimersByTimeAsync(20);
  };
  return { root, all, cell, button, heads, answers, key, choose, progress: () => root.querySelector(".progress")!.textContent };
}

const click = async (element: HTMLElement | undefined) => {
  element!.click();
  await vi.advanceTimersByTimeAsync(300);
};

test("a grid with heads, a cell for each run, and a name for each", async () => {
  const { el, root, heads, all, cell, progress, tell } = await open();
  expect(el.querySelector<HTMLElement>(".notebook-stream.comparison")!.dataset["lmSuppressShortcuts"]).toBe("true");
  expect(root.querySelector("[role=grid]")!.getAttribute("aria-label")).toBe("Comparison");
  expect([heads("columnheader"), heads("rowheader")]).toEqual([["a/one", "b/two"], ["capital", "haiku"]]);
  expect(all("[role=row] > [role=gridcell]")).toHaveLength(4);
  expect(cell(3).ariaLabel ?? cell(3).getAttribute("aria-label")).toBe("haiku, b/two: queued");
  await tell(append(0, 1, "Pa"));
  expect(progress()).toMatch(/^0 of 4 · 1 running · 3 queued · \d/u);
});

test("answers stream into their cells as Markdown, with their end, their figures and their errors", async () => {
  const { cell, tell, answers, all } = await open();
  await tell(append(0, 1, "**Pa", { ttft_s: 0.3 }), append(1, 1, "Ro"));
  await tell(append(0, 2, "ris**"), end(0, 3, { tokens: 12, ttft_s: 0.3, tokens_per_s: 40 }));
  await tell(end(1, 2, { tokens: 30, total_s: 4, ttft_s: 0.2 }), end(2, 1, { status: "error", error: { code: "auth", message: "No.", hint: "Set <b>it</b>." } }));
  expect(answers()).toEqual(["Paris", "Ro", "", ""]);
  expect(cell(0).querySelector("strong")!.textContent).toBe("Paris");
  expect(all(".how").map(({ textContent }) => textContent)).toEqual(["done", "done", "⚠error: key refused", "queued"]);
  expect(cell(2).querySelector(".trouble")!.textContent).toBe("No.Set <b>it</b>.");
  const figures = (at: number) => [...cell(at).querySelectorAll(".figure:not([hidden]) dd")].map(({ textContent }) => textContent);
  expect([figures(0), figures(3)]).toEqual([["0.30 s", "2.0 s", "40", "12"], ["–", "–", "–", "–"]]);
  const best = (at: number) => [...cell(at).querySelectorAll("[data-best]")].map((figure) => [figure.querySelector("dt")!.textContent, figure.getAttribute("title")]);
  expect(best(0)).toEqual([["✓\u2009time", "seconds in all: 2.0 s, the shortest"]]);
  expect(best(1).map(([name]) => name)).toEqual(["✓\u2009first"]);
  expect(cell(1).querySelector<HTMLElement>(".figure:nth-child(2) .fill")!.style.width).toBe("100%");
});

test("Continue is there where an answer was cut off and can go on, and the cell begins anew with all of it", async () => {
  const { model, cell, button, tell } = await open();
  await tell(append(0, 1, "begun "), append(1, 1, "y"), end(1, 2, { status: "stopped" }));
  expect([button("Continue", cell(0)), button("Continue", cell(1))]).toEqual([undefined, undefined]);
  await tell(end(0, 2, { status: "stopped", resumable: true }));
  await click(button("Continue", cell(0)));
  expect(model.sent.at(-1)).toEqual({ type: "resume", cells: [0], runs: [0] });
  await tell(append(0, 1, "begun and ended", {}, 1));
  expect(cell(0).querySelector(".inner")!.textContent).toContain("begun and ended");
  expect(button("Continue", cell(0))).toBeUndefined();
});

test("a cell that could not be asked again can be asked once more, and why is told", async () => {
  const { model, root, cell, button, tell } = await open();
  await tell(append(0, 1, "x"), end(0, 2, { status: "stopped", resumable: true }));
  await click(button("Continue", cell(0)));
  model.emit("msg:custom", { type: "cells", seq: 2, state: { note: "it cannot go on" } });
  await vi.advanceTimersByTimeAsync(300);
  expect(root.textContent).toContain("it cannot go on");
  model.sent.length = 0;
  await click(button("Continue", cell(0)));
  expect(model.sent).toHaveLength(1);
});

test("Stop, Again, Copy and Stop all say what they do, and tell the kernel", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: (text: string) => Promise.resolve(void written.push(text)) } });
  const { model, cell, button, tell, all } = await open();
  await tell(append(0, 1, "*x*"), append(1, 1, "y"));
  await click(button("Stop", cell(0)));
  expect([model.sent.at(-1), button("Again", cell(0))]).toEqual([{ type: "stop_cells", cells: [0], runs: [0] }, undefined]);
  expect(cell(0).querySelector(".how")!.textContent).toContain("stopping…");
  await tell(end(0, 2, { status: "stopped", stop_reason: "user" }));
  await click(button("Copy", cell(0)));
  expect(written).toEqual(["*x*"]);
  await click(button("Again", cell(0)));
  expect(model.sent.at(-1)).toEqual({ type: "again", cells: [0], runs: [0] });
  await tell(append(0, 1, "second", {}, 1));
  expect(cell(0).querySelector(".inner")!.textContent).toContain("second");
  expect(cell(0).querySelector(".inner")!.textContent).not.toContain("x");
  await click(button("Stop all"));
  expect(model.sent.at(-1)).toEqual({ type: "stop" });
  await tell(...[0, 1, 2, 3].map((at) => end(at, at === 1 || at === 0 ? 2 : 1, { status: "stopped" }, at === 0 ? 1 : 0)));
  expect(button("Stop all")).toBeUndefined();
  expect(all(".note")[0]!.hidden).toBe(true);
  vi.unstubAllGlobals();
});

test("Stop all stays under the focus, and goes when that does", async () => {
  const { button, tell } = await open();
  const stop = button("Stop all")!;
  stop.focus();
  await tell(...[0, 1, 2, 3].map((at) => end(at, 1)));
  expect([stop.hidden, stop.getAttribute("aria-disabled")]).toEqual([false, "true"]);
  stop.blur();
  await vi.advanceTimersByTimeAsync(0);
  expect(stop.hidden).toBe(true);
});

test("the focus goes with the button when Stop becomes Again", async () => {
  const { root, cell, button, tell } = await open();
  await tell(append(0, 1, "x"));
  button("Stop", cell(0))!.focus();
  await tell(end(0, 2));
  expect(root.activeElement!.textContent).toBe("Again");
});

test("arrows go from cell to cell, one cell is in the tab order, and no key but Tab leaves the view", async () => {
  const { root, cell, all, key, el } = await open();
  const leaked: string[] = [];
  el.addEventListener("keydown", (event) => leaked.push(event.key));
  const reachable = () => all(".cell[tabindex='0']").map((element) => element.getAttribute("aria-label")!.split(":")[0]);
  expect(reachable()).toEqual(["capital, a/one"]);
  cell(0).focus();
  await key("ArrowRight");
  expect(root.activeElement).toBe(cell(1));
  await key("ArrowDown");
  await key("ArrowRight"); // the edge
  expect([root.activeElement, reachable()]).toEqual([cell(3), ["haiku, b/two"]]);
  expect(all(".cell button[tabindex='0']").every((element) => cell(3).contains(element))).toBe(true);
  await key("ArrowUp");
  await key("ArrowLeft");
  expect(root.activeElement).toBe(cell(0));
  await key("d");
  await key("Tab");
  expect(leaked).toEqual(["Tab"]);
});

test("Escape stops the run of the cell that has the focus, and only that", async () => {
  const { model, cell, key, tell } = await open();
  await tell(append(0, 1, "x"), append(1, 1, "y"));
  cell(1).focus();
  expect((await key("Escape")).defaultPrevented).toBe(true);
  expect(model.sent).toEqual([{ type: "stop_cells", cells: [1], runs: [0] }]);
  await tell(end(1, 2));
  expect((await key("Escape")).defaultPrevented).toBe(false);
});

test("Enter enlarges a cell above the grid; Escape closes it and gives the focus back", async () => {
  const { root, all, cell, key, tell } = await open();
  await tell(append(0, 1, "some **text**"));
  cell(0).focus();
  await key("Enter");
  const panel = all(".enlarged")[0]!;
  expect([panel.hidden, panel.querySelector(".title")!.textContent, panel.querySelector("strong")!.textContent]).toEqual([false, "capital · a/one", "text"]);
  expect(root.activeElement!.textContent).toBe("Close");
  await tell(append(0, 2, " more"));
  expect(panel.querySelector(".inner")!.textContent).toContain("more");
  await key("Escape");
  expect([panel.hidden, root.activeElement]).toEqual([true, cell(0)]);
});

test("p pins: the others show what they have otherwise, in words and by more than colour; again, and they are as before", async () => {
  const { cell, key, all, tell, button } = await open();
  await tell(append(0, 1, "The cat sat on **the** mat."), end(0, 2), append(1, 1, "The dog sat on <b>the</b> mat."), end(1, 2));
  cell(0).focus();
  await key("p");
  expect(all("del").map(({ textContent }) => textContent)).toEqual(["only there", "cat", "**", "**"]);
  expect(all("ins").map(({ textContent }) => textContent)).toEqual(["only here", "dog", "<b>", "</b>"]);
  expect([cell(0).querySelector("strong")!.textContent, cell(0).hasAttribute("data-pinned")]).toEqual(["the", true]);
  expect(all(".legend")[0]!.textContent).toContain("Compared with capital · a/one");
  await tell(end(3, 1, { status: "error" }));
  await vi.advanceTimersByTimeAsync(1000);
  for (const at of [2, 3]) expect(cell(at).querySelector("del")).toBeNull(); // nothing has come there
  await tell(append(2, 1, "The cat sat"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(cell(2).querySelector("del")).toBeNull(); // the rest may still come
  await click(button("Unpin"));
  expect([all(".cell del").length, all(".legend")[0]!.hidden]).toEqual([0, true]);
  expect(cell(1).querySelector("[part=answer] .ns-markdown")!.textContent).toContain("The dog");
});

test("keys work wherever in a cell the focus is, and are left to the controls that use them", async () => {
  const { root, all, cell, button, key, tell } = await open();
  await tell(append(0, 1, "The cat sat on [the](https://example.org/) mat."), end(0, 2), append(1, 1, "The dog."), end(1, 2));
  const answer = cell(0).querySelector<HTMLElement>("[part=answer]")!;
  answer.focus();
  expect(root.activeElement).toBe(answer);
  expect((await key("ArrowDown")).defaultPrevented).toBe(false); // it scrolls
  await key("p");
  expect([cell(0).hasAttribute("data-pinned"), root.activeElement]).toEqual([true, answer]);
  await key("Enter");
  expect(all(".enlarged")[0]!.hidden).toBe(false);
  await key("Escape");
  expect([all(".enlarged")[0]!.hidden, root.activeElement]).toEqual([true, answer]);
  for (const control of [cell(0).querySelector("a")!, button("Again", cell(0))!]) {
    control.focus();
    expect((await key("Enter")).defaultPrevented).toBe(false);
    expect(all(".enlarged")[0]!.hidden).toBe(true);
  }
  await key("ArrowRight");
  expect(root.activeElement).toBe(cell(1));
  cell(1).querySelector<HTMLElement>("[part=answer]")!.focus();
  await key("p"); // what had the focus is drawn anew
  expect([root.activeElement, cell(1).hasAttribute("data-pinned")]).toEqual([cell(1), true]);
});

test("Escape stops, then closes, then unpins", async () => {
  const { model, all, cell, key, tell } = await open();
  await tell(append(0, 1, "x"), append(1, 1, "y"), end(1, 2));
  cell(1).focus();
  await key("p");
  await key("Enter");
  cell(0).focus();
  await key("Escape");
  expect([model.sent.at(-1), all(".enlarged")[0]!.hidden]).toEqual([{ type: "stop_cells", cells: [0], runs: [0] }, false]);
  cell(1).focus();
  await key("Escape");
  expect([all(".enlarged")[0]!.hidden, all(".legend")[0]!.hidden]).toEqual([true, false]);
  expect((await key("Escape")).defaultPrevented).toBe(true);
  expect([all(".legend")[0]!.hidden, cell(1).hasAttribute("data-pinned")]).toEqual([true, false]);
  expect((await key("Escape")).defaultPrevented).toBe(false);
});

test("much that is missing is a short mark, and the cell's own words are there at once", async () => {
  const { all, cell, key, tell } = await open();
  const long = Array.from({ length: 40 }, (_, at) => `word${at}`).join(" ");
  await tell(append(0, 1, `${long}\n\n${"字".repeat(90)}`), end(0, 2), append(1, 1, "My own words."), end(1, 2));
  await tell(append(2, 1, `${long}\n\n`), end(2, 2));
  cell(0).focus();
  await key("p");
  const cut = cell(1).querySelector(".cut")!;
  expect([cut.textContent, cell(1).querySelector("ins")!.textContent, cell(1).querySelector("del")]).toEqual(["⟨−41 words⟩", "My own words.", null]);
  expect(cut.getAttribute("title")).toContain("word0 word1");
  expect(cut.getAttribute("aria-label")).toMatch(/^41 words are missing: word0/u);
  expect(cell(2).querySelector(".cut")!.textContent).toBe("⟨−90 characters⟩");
  expect(all(".legend .keys")[0]!.textContent).toBe("only there only here ⟨−n words⟩ only there, left out");
});

test("the name of an axis stands with its values, but for models and prompts", async () => {
  const axes = [axis("prompt", ["p"]), axis("model", ["a", "b"]), axis("temperature", ["0", "0.6"]), axis("repeat", ["1", "2"])];
  const { all, heads, cell, choose, key, tell } = await open(layout(axes, 2, 3));
  expect([heads("columnheader"), heads("rowheader")[0]]).toEqual([["temperature 0", "temperature 0.6"], "prompt pmodel a"]);
  expect(cell(1).getAttribute("aria-label")).toBe("a, temperature 0.6: queued");
  await choose("Across", "1");
  expect(heads("columnheader")).toEqual(["a", "b"]);
  await tell(append(3, 1, "x"), end(3, 2));
  cell(2).querySelectorAll<HTMLElement>("[role=tab]")[1]!.click();
  cell(2).focus();
  await key("p");
  expect(all(".legend strong")[0]!.textContent).toBe("a · temperature 0.6 · repeat 2");
});

test("an axis alone down names its values, and a corner only what they do not tell", async () => {
  const { root, choose, heads } = await open(layout([axis("model", ["a", "b"]), axis("temperature", ["0", "1"])], 0));
  const corner = () => root.querySelector(".corner")!.textContent;
  expect([heads("rowheader"), corner()]).toEqual([["temperature 0", "temperature 1"], ""]);
  await choose("Across", "1");
  expect([heads("rowheader"), corner()]).toEqual([["a", "b"], "model"]);
});

test("the clock is the kernel's, counted on while something runs, and its total at the end", async () => {
  const { model, progress, tell } = await open(undefined, { model: gridModel(undefined, { elapsed_s: 40, total_s: null }) });
  await tell(append(0, 1, "x"));
  expect(progress()).toMatch(/ · 40\.\d s$/u);
  model.emit("msg:custom", { type: "cells", seq: 2, state: { elapsed_s: 50 } });
  await vi.advanceTimersByTimeAsync(2300);
  expect(progress()).toMatch(/ · 52\.\d s$/u);
  model.emit("msg:custom", { ...batch(3, ...[0, 1, 2, 3].map((at) => end(at, at === 0 ? 2 : 1))), state: { elapsed_s: 61.5, total_s: 61.5 } });
  await vi.advanceTimersByTimeAsync(3000);
  expect(progress()).toBe("4 of 4 ended · 61.5 s");
});

test("a cost has a place only where some run has one", async () => {
  const { all, tell, root } = await open();
  const costs = () => all(".cell .figure:nth-child(5)").map(({ hidden }) => hidden);
  await tell(end(0, 1, { tokens: 5 }));
  const option = root.querySelector<HTMLElement>("option[value=cost]")!;
  expect([costs(), option.hidden]).toEqual([[true, true, true, true], true]);
  await tell(end(1, 1, { cost: 0 }));
  expect([costs(), option.hidden]).toEqual([[false, false, false, false], false]);
});

test("a stop is told in few words, the rest in the title and among the figures", async () => {
  const { cell, tell } = await open();
  await tell(append(0, 1, "x"), end(0, 2, { status: "stopped", total_s: 4.1, tokens: 7, stop_reason: "user", origin: "server" }));
  const words = cell(0).querySelector<HTMLElement>(".words")!;
  expect([words.textContent, words.title]).toEqual(["stopped: connection closed", "stopped: connection closed at 4.1 s, 7 tokens"]);
});

test("what is across can be chosen, and the cells are moved, not made anew", async () => {
  const { choose, heads, cell, tell, answers } = await open();
  await tell(append(0, 1, "zero"), append(1, 1, "one"), append(2, 1, "two"));
  const [second, text] = [cell(1), cell(1).querySelector("[part=answer] .ns-markdown")];
  await choose("Across", "0");
  expect([heads("columnheader"), heads("rowheader")]).toEqual([["capital", "haiku"], ["a/one", "b/two"]]);
  expect(answers()).toEqual(["zero", "two", "one", ""]);
  expect([cell(2), cell(2).querySelector("[part=answer] .ns-markdown")]).toEqual([second, text]);
  await choose("Across", "-1");
  expect(heads("rowheader")).toEqual(["prompt capitalmodel a/one", "prompt capitalmodel b/two", "prompt haikumodel a/one", "prompt haikumodel b/two"]);
});

test("sorted by a figure, best first, and the other way round", async () => {
  const { choose, heads, tell, button } = await open();
  await tell(...[4, 1, 9, 2].map((total_s, at) => end(at, 1, { total_s, tokens_per_s: total_s })));
  await choose("Sort", "seconds");
  expect([heads("rowheader"), heads("columnheader")]).toEqual([["capital", "haiku"], ["b/two", "a/one"]]);
  await click(button("Least first"));
  expect([heads("rowheader"), heads("columnheader")]).toEqual([["haiku", "capital"], ["a/one", "b/two"]]);
  await choose("Sort", "rate");
  expect(button("Most first")).toBeDefined();
});

test("runs that have not ended are not sorted by, for their figures move; and what has its place is not touched", async () => {
  const { root, choose, heads, tell } = await open();
  await tell(end(0, 1, { total_s: 5 }), append(2, 1, "x", { elapsed_s: 1 }));
  await choose("Sort", "seconds");
  expect(heads("rowheader")).toEqual(["capital", "haiku"]);
  const moves = vi.spyOn(Element.prototype, "insertBefore");
  await choose("Sort", "tokens");
  await choose("Show", "");
  expect(moves.mock.calls.filter(([node]) => root.contains(node))).toEqual([]);
  await tell(end(2, 2, { total_s: 1 }));
  await choose("Sort", "seconds");
  expect(heads("rowheader")).toEqual(["haiku", "capital"]);
  expect(moves.mock.calls.length).toBeGreaterThan(0);
});

test("a new order waits until the reader has left the grid", async () => {
  const { choose, heads, tell, cell } = await open();
  await choose("Sort", "seconds");
  cell(0).focus();
  await tell(end(0, 1, { total_s: 9 }), end(1, 1, { total_s: 9 }), end(2, 1, { total_s: 1 }), end(3, 1, { total_s: 1 }));
  expect(heads("rowheader")).toEqual(["capital", "haiku"]);
  cell(0).blur();
  await vi.advanceTimersByTimeAsync(0);
  expect(heads("rowheader")).toEqual(["haiku", "capital"]);
});

test("the filter leaves what fits, by status and by text, and draws nothing of the rest", async () => {
  const { root, choose, heads, tell, all, progress } = await open();
  await tell(append(0, 1, "The Seine"), end(0, 2), append(3, 1, "The Tiber"));
  await choose("Show", "done");
  expect(progress()).toMatch(/ · 1 of 4 shown$/u);
  expect([heads("rowheader"), heads("columnheader")]).toEqual([["capital"], ["a/one"]]);
  await choose("Show", "");
  const find = root.querySelector<HTMLInputElement>("input[type=search]")!;
  const type = async (text: string) => {
    find.value = text;
    find.dispatchEvent(new Event("input"));
    await vi.advanceTimersByTimeAsync(20);
  };
  await type("tiber");
  expect(heads("rowheader")).toEqual(["haiku"]);
  await type("capital");
  expect(heads("columnheader")).toEqual(["a/one", "b/two"]);
  await type("the");
  expect(all(".cell[data-out]")).toHaveLength(2);
  await type("nowhere");
  expect([heads("rowheader"), all(".nothing")[0]!.hidden]).toEqual([[], false]);
  await type("");
  expect(progress()).not.toContain("shown");
  expect(all(".cell[data-out]")).toHaveLength(0);
});

test("repeats share a place with tabs, and say how far they agree", async () => {
  const repeated = layout([axis("prompt", ["p"]), axis("repeat", ["1", "2", "3"])], -1, 1);
  const { all, key, root, model, tell, answers } = await open(repeated);
  await tell(append(0, 1, "first"), end(0, 2), append(1, 1, "second"), end(1, 2, { total_s: 1 }), end(2, 1, { status: "error" }));
  const tabs = () => all("[role=tab]");
  expect(tabs().map((tab) => [tab.textContent, tab.getAttribute("aria-label"), tab.getAttribute("aria-selected")])).toEqual([
    ["1", "Repeat 1: done", "true"], ["2", "Repeat 2: done, the shortest of all", "false"], ["3", "Repeat 3: failed", "false"],
  ]);
  tabs()[0]!.focus();
  await key("ArrowRight");
  expect([root.activeElement, answers()[1]]).toEqual([tabs()[1], "second"]);
  expect(all(".pane").map(({ hidden }) => hidden)).toEqual([true, false]);
  await key("End");
  expect(root.activeElement).toBe(tabs()[2]);
  await key("Home");
  const agreement = { cells: [0, 1], distinct: 2, prefix: 0, before: "", after: ["f", "s"], alike: 0, chars: [5, 6], seconds: [2, 2] };
  model.emit("msg:custom", { type: "cells", seq: 2, state: { agreements: [agreement] } });
  await vi.advanceTimersByTimeAsync(300);
  expect(all(".agreement")[0]!.textContent).toBe("all 2 differ · from the first character on · 0 % of words alike · 5–6 characters · 2.0 s");
});

const LONG = `Explain\nserver-sent events ${"at length ".repeat(20)}`;

test("a name stands with what it is a name for", async () => {
  const { root, heads } = await open(layout([axis("prompt", ["short"]), axis("model", ["a", "b"], ["demo/lorem", "demo/table"])], 1));
  expect(heads("columnheader")).toEqual(["ademo/lorem", "bdemo/table"]);
  expect(root.querySelectorAll(".more")).toHaveLength(0);
});

test("a long prompt is cut, and can be had in full", async () => {
  const { root, button } = await open(layout([axis("prompt", ["Explain…"], [LONG]), axis("model", ["a", "b"])], 1));
  const value = root.querySelector<HTMLElement>("[role=rowheader] .value")!;
  expect([value.textContent, value.title, value.classList.contains("clamped")]).toEqual([LONG, LONG, true]);
  await click(button("More"));
  expect([value.classList.contains("clamped"), button("Less")!.getAttribute("aria-expanded")]).toEqual([false, "true"]);
});

test("progress is spoken now and then, and the end, by one of two views", async () => {
  const { render, all, tell } = await open();
  const other = await render();
  const spoken = () => [all(".unseen")[0]!.textContent, other.all(".unseen")[0]!.textContent];
  await tell(end(0, 1));
  expect(spoken()).toEqual(["", ""]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(spoken().sort()).toEqual(["", "1 of 4 done"]);
  await tell(end(1, 1), end(2, 1, { status: "error" }), end(3, 1));
  expect(spoken().sort()).toEqual(["", "All 4 ended, 1 failed"]);
});

test("two views show the same runs, each as its reader wants them", async () => {
  const { render, choose, heads, answers, tell } = await open();
  const other = await render();
  await choose("Across", "0");
  await tell(append(1, 1, "one"));
  expect([heads("columnheader"), other.heads("columnheader")]).toEqual([["capital", "haiku"], ["a/one", "b/two"]]);
  expect([answers()[2], other.answers()[1]]).toEqual(["one", "one"]);
});

test("without the core the answers are plain text", async () => {
  const { all, tell, cell, button, model } = await open(undefined, { withCore: false });
  await tell(append(0, 1, "**bold** <img src=x>"));
  await tell(append(0, 2, " more"));
  expect([all(".plain")[0]!.textContent, all("img").length, all(".ns-markdown").length]).toEqual(["**bold** <img src=x> more", 0, 0]);
  await click(button("Stop", cell(0)));
  expect(model.sent).toEqual([{ type: "stop_cells", cells: [0], runs: [0] }]);
});

test("names are shown without what cannot be seen, and never as HTML", async () => {
  const { all, heads } = await open(layout([axis("prompt", ["<b>x</b>", "y"]), axis("model", ["a\u202Eb"])], 1));
  expect([heads("rowheader")[0], all("b").length]).toEqual(["<b>x</b>", 0]);
  expect(heads("columnheader")[0]).not.toContain("\u202E");
});

test("a kernel that is gone greys the buttons out and is told of", async () => {
  const { model, cell, button, all, tell, progress } = await open();
  await tell(append(0, 1, "x", { notice: "n", note: "more" }));
  expect(cell(0).querySelector("[aria-label=Note]")!.textContent).toBe("nmore");
  model.onSend = () => {
    throw new Error("Cannot send");
  };
  await click(button("Stop", cell(0)));
  expect([button("Stop", cell(0))!.getAttribute("aria-disabled"), button("Stop all")!.getAttribute("aria-disabled")]).toEqual(["true", "true"]);
  expect(all(".note")[0]!.textContent).toContain("kernel gone");
  const told = progress();
  await vi.advanceTimersByTimeAsync(3000);
  expect([progress(), told.startsWith("0 of 4 · 4 failed · ")]).toEqual([told, true]);
});

test("a view that is closed leaves nothing behind, nor does the model", async () => {
  const { model, view, initialize, tell } = await open();
  const remove = vi.spyOn(document, "removeEventListener");
  await tell(append(0, 1, "x"));
  view.abort();
  await tell(whole(0, 5, "later"));
  await vi.advanceTimersByTimeAsync(6000); // in which a model looks for places of its own in the notebook's file
  expect(vi.getTimerCount()).toBe(0);
  initialize.abort();
  expect(model.listenerCount()).toBe(0);
  remove.mockRestore();
});
