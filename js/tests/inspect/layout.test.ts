// The whole inspector in jsdom: which views are open, the transport, keys, the tree of branches, a race, the Wire view and
// what is linked; without a core as plain text.
import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import createCore, { type Core } from "../../src/core";
import createEntry from "../../src/inspect/entry";
import createLibrary from "../../src/inspect/inspectorlibrary";
import type { Moment } from "../../src/inspect/trace";
import { ending, inspectorModel, opening, run, text, track, WORDS } from "./fake";

setMaxListeners(100); // all of a view hangs on one signal

const core: Core = createCore().initialize();
/** A page of its own for each model: their ids are the same. */
const hostOf = (has: { core: boolean }) => {
  const library = createLibrary().initialize();
  return {
    getWidget: (ref: string): Promise<{ exports: unknown }> => {
      if (ref === "inspector") return Promise.resolve({ exports: library });
      return has.core ? Promise.resolve({ exports: core }) : Promise.reject(new Error("not there"));
    },
  };
};
let end: AbortController;
beforeEach(() => {
  end = new AbortController();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "requestAnimationFrame", "cancelAnimationFrame"] });
});
afterEach(() => {
  end.abort();
  vi.useRealTimers();
  leave();
  document.body.replaceChildren();
});

/** jsdom trips over a focus in what was removed. */
function leave(): void {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  if (focused instanceof HTMLElement) focused.blur();
}

const all = run(...WORDS);
const flush = (ms = 60) => vi.advanceTimersByTimeAsync(ms);

async function open(kept: Moment[][] = [all], options: object = { replay: true }, tracks = kept.map(() => track()), hasCore = true) {
  const model = inspectorModel(kept.map((list) => [...list]), options, tracks);
  const el = document.body.appendChild(document.createElement("div"));
  const entry = createEntry();
  entry.initialize({ model, signal: end.signal });
  entry.render({ model, el, signal: end.signal, host: hostOf({ core: hasCore }) });
  await flush();
  const root = el.querySelector(".notebook-stream")!.shadowRoot!;
  const button = (name: string, of: ParentNode = root) => [...of.querySelectorAll("button")].find((one) => one.textContent.trim() === name || one.ariaLabel?.startsWith(name))!;
  const answers = () => [...root.querySelectorAll(".answer-host")].map((one) => one.shadowRoot!);
  const answer = (at = 0) => answers()[at]?.querySelector('[part="answer"]')?.textContent.trim() ?? "";
  const views = () => [...root.querySelectorAll("section")].map((view) => view.getAttribute("aria-label"));
  const press = (key: string, target: Element = root.querySelector(".transport")!, more: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true, ...more });
    target.dispatchEvent(event);
    return event;
  };
  const rows = () => [...root.querySelectorAll<HTMLElement>(".row")].filter((row) => !row.hidden).sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet));
  return { model, root, el, button, answers, answer, views, press, rows };
}
const SHOWN = "The cat sat on a mat.";

test("a recording shows its end, with the words of its run", async () => {
  const { answer, answers, views, root } = await open();
  expect(answer()).toBe(SHOWN);
  expect(views()).toEqual(["Answer"]);
  expect(answers()[0]!.querySelector(".state")!.textContent).toBe("done");
  expect(root.querySelector(".time")!.textContent).toBe("1.2 / 1.2 s");
});

test("without the core it is plain text", async () => {
  const { answer } = await open([all], { replay: true }, [track()], false);
  expect(answer()).toBe("The cat sat on a **mat**.");
});

test("views open and close, one at least stays, in one order", async () => {
  const { button, views } = await open();
  button("Wire").click();
  button("Tokens").click();
  expect(views()).toEqual(["Answer", "Tokens", "Wire"]);
  expect(button("Tokens").getAttribute("aria-pressed")).toBe("true");
  for (const name of ["Answer", "Tokens", "Wire"]) button(name).click();
  expect(views()).toEqual(["Wire"]);
  expect(button("Wire").getAttribute("aria-disabled")).toBe("true");
});

test("asked for another view, it stands beside the answer", async () => {
  expect((await open([all], { replay: true, view: "wire" })).views()).toEqual(["Answer", "Wire"]);
});

test("the slider moves the answer and says the place in words", async () => {
  const { root, answer } = await open();
  const slider = root.querySelector<HTMLInputElement>("input.place")!;
  slider.value = "0.65";
  slider.dispatchEvent(new Event("input"));
  await flush();
  expect(answer()).toBe("The cat");
  expect(slider.getAttribute("aria-valuetext")).toBe("0.7 s of 1.2 s, piece 2 of 7");
  expect(root.querySelector(".mode")!.textContent).toBe("paused");
});

test("keys go on to the player when going back has taken away what had the focus", async () => {
  const { press, answers, root } = await open();
  const before = answers()[0]!.querySelector<HTMLElement>('[part="answer"]')!;
  before.focus();
  before.dispatchEvent(new FocusEvent("focusin", { bubbles: true, composed: true })); // jsdom's own stays inside
  before.remove(); // as the view does where there is nothing to read any more
  press("Home");
  await flush();
  expect((root.activeElement as HTMLElement).className).toBe("answer-box");
  document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  (root.activeElement as HTMLElement).blur();
  press("End");
  await flush();
  expect(root.activeElement).toBe(null); // the reader has left
});

test("keys move the player wherever they are pressed, and go no further", async () => {
  const { press, answer, answers, root } = await open();
  const reached = vi.fn();
  document.addEventListener("keydown", reached, { signal: end.signal });
  press("Home");
  await flush();
  expect(answer()).toBe("");
  press("ArrowRight");
  press("ArrowRight", answers()[0]!.querySelector('[part="answer"]')!);
  await flush();
  expect(answer()).toBe("The cat");
  press("ArrowLeft", root.querySelector("input.place")!);
  await flush();
  expect(answer()).toBe("The");
  press("ArrowLeft", root.querySelector(".toggles button")!, { shiftKey: true });
  press("End");
  await flush();
  expect(answer()).toBe(SHOWN);
  press(" ");
  await flush(600);
  expect(answer()).toMatch(/^The/u);
  press(" ");
  press("x");
  expect(reached).not.toHaveBeenCalled();
  press("Tab");
  expect(reached).toHaveBeenCalledOnce();
});

test("where a control uses a key itself it is left to it", async () => {
  const { press, root, button, answer } = await open([all], { replay: true, view: "wire" });
  for (const target of [root.querySelector("select")!, root.querySelector("input[type=search]")!]) {
    expect(press("ArrowLeft", target).defaultPrevented).toBe(false);
    expect(press(" ", target).defaultPrevented).toBe(false);
  }
  expect(press(" ", button("Wire")).defaultPrevented).toBe(false);
  await flush();
  expect(answer()).toBe(SHOWN);
});

test("a replay has no Stop, and Escape only pauses it; a live run has one", async () => {
  const replay = await open([all], { replay: true, playing: true });
  await flush(600);
  replay.press("Escape", replay.answers()[0]!.querySelector('[part="answer"]')!);
  expect(replay.root.querySelector(".answer-host")!.hasAttribute("data-recorded")).toBe(true);
  expect(replay.root.querySelector(".play")!.ariaLabel).toBe("Pause (space)");
  await flush();
  expect(replay.root.querySelector(".play")!.ariaLabel).toBe("Play (space)");
  expect(replay.model.sent.filter(({ type }) => type === "stop")).toEqual([]);
  const live = await open([all.slice(0, 4)], {});
  expect(live.root.querySelector(".answer-host")!.hasAttribute("data-recorded")).toBe(false);
  live.press("Escape", live.answers()[0]!.querySelector('[part="answer"]')!);
  expect(live.model.sent.at(-1)).toEqual({ type: "stop" });
});

test("live there is a way to what comes; after the end there is none", async () => {
  const { root, model, button, answer } = await open([all.slice(0, 3)], {});
  const live = root.querySelector<HTMLButtonElement>(".live")!;
  expect([live.hidden, live.ariaPressed ?? live.getAttribute("aria-pressed")]).toEqual([false, "true"]);
  button("Step back").click();
  model.push(all.slice(3, 5));
  await flush();
  expect(answer()).toBe("The");
  live.click();
  await flush();
  expect(answer()).toBe("The cat sat on");
  model.push(all.slice(5));
  await flush(400);
  expect(live.hidden).toBe(true);
});

test("branches stand as a tree, say what they changed, and are chosen", async () => {
  const branch = [opening, text(0.1, "The dog"), ending(0.2)];
  const tracks = [track({ label: "original" }), track({ label: "‘ dog’ at token 2", parent: 0, token: 1 })];
  const { root, answer } = await open([all, branch], { replay: true }, tracks);
  const [first, second] = root.querySelectorAll<HTMLButtonElement>(".branches button");
  expect([first!.textContent, second!.textContent]).toEqual(["original", "‘ dog’ at token 2, instead of ‘ cat’"]);
  expect(second!.parentElement!.style.getPropertyValue("--ns-depth")).toBe("1");
  second!.click();
  await flush();
  expect(answer()).toBe("The dog");
  expect([first, second].map((one) => one!.getAttribute("aria-pressed"))).toEqual(["false", "true"]);
});

test("who branches by the keyboard is with the branch afterwards", async () => {
  const { model, root, views } = await open([all], { view: "wire" }, [track({ label: "original" })]);
  root.querySelector<HTMLElement>("input[type=search]")!.focus();
  model.kept.push([opening, text(0.1, "The dog"), ending(0.2)]);
  model.traits["_tracks"] = [track({ label: "original" }), track({ label: "‘ dog’ at token 2", parent: 0, token: 1 })];
  model.emit("change:_tracks");
  await flush(400);
  expect(views()).toEqual(["Answer", "Wire"]);
  expect(root.activeElement?.textContent).toContain("‘ dog’");
});

test("where the kernel is gone no branch is offered", async () => {
  const sure = text(0.5, "The", { logprobs: [["The", -0.5, [["The", -0.5], ["A", -1.2]]]] });
  const { model, root, button } = await open([[opening, sure, ending(0.6)]], {}, [track({ branches: true })]);
  button("Tokens").click();
  button("Answer").click(); // it would measure its words
  await flush();
  root.querySelector<HTMLElement>(".token")!.click();
  const another = () => root.querySelector<HTMLElement>(".alternatives button");
  model.onSend = () => {
    throw new Error("Cannot send");
  };
  another()!.click();
  await flush(400);
  expect(another()).toBeNull();
  expect(root.querySelector(".alternatives")!.textContent).toContain("A30 %");
});

test("where the kernel is gone no branch is offered", async () => {
  const sure = text(0.5, "The", { logprobs: [["The", -0.5, [["The", -0.5], ["A", -1.2]]]] });
  const { model, root, button } = await open([[opening, sure, ending(0.6)]], {}, [track({ branches: true })]);
  button("Tokens").click();
  button("Answer").click(); // it would measure its words
  await flush();
  root.querySelector<HTMLElement>(".token")!.click();
  const another = () => root.querySelector<HTMLElement>(".alternatives button");
  model.onSend = () => {
    throw new Error("Cannot send");
  };
  another()!.click();
  await flush(400);
  expect(another()).toBeNull();
  expect(root.querySelector(".alternatives")!.textContent).toContain("A30 %");
});

test("a race stands side by side and in step; a name chooses whose events are shown", async () => {
  const other = [opening, text(0.55, "Quick"), ending(0.6)];
  const { answers, answer, root, rows, press } = await open([all, other], { replay: true, race: true, view: "wire" }, [track({ label: "a" }), track({ label: "b" })]);
  expect(answers()).toHaveLength(2);
  press("Home");
  await flush();
  expect([answer(0), answer(1)]).toEqual(["", ""]);
  press("ArrowRight");
  press("ArrowRight");
  await flush();
  expect([answer(0), answer(1)]).toEqual(["The cat", "Quick"]);
  root.querySelectorAll<HTMLButtonElement>(".name")[1]!.click();
  await flush();
  expect(rows().at(-1)!.textContent).toContain("end");
  expect(rows()).toHaveLength(3);
});

test("large type is told to the look", async () => {
  const { root } = await open([all], { replay: true, projector: true });
  expect((root.host as HTMLElement).hasAttribute("data-projector")).toBe(true);
});

test("what could not be done is said", async () => {
  const { root, model } = await open();
  model.traits["_options"] = { replay: true, remark: "This server cannot go on with a text." };
  model.emit("change:_options");
  await flush();
  expect(root.querySelector(".remark")!.textContent).toBe("This server cannot go on with a text.");
});

test("model text is only ever text", async () => {
  const evil = "<img src=x onerror=alert(1)><b>bold</b>";
  const list = [opening, text(0.1, evil), { at: 0.2, name: evil, data: evil }, ending(0.3)];
  const { root, answers } = await open([list], { replay: true, view: "wire", remark: evil }, [track({ label: evil, host: evil, wire_format: evil, request: { [evil]: evil } })]);
  for (const where of [root, ...answers()]) expect(where.querySelector("img, b, script")).toBeNull();
});

test("nothing is left behind", async () => {
  const { model } = await open([all, all], { replay: true, view: "wire", race: true, playing: true });
  end.abort();
  expect(model.listenerCount()).toBe(0);
  await flush(2000);
  expect(vi.getTimerCount()).toBe(0);
});
