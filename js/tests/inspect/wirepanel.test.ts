// The Wire view: its rows, what is drawn of many, filter, search, keyboard, the opened event, and what is linked.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Place } from "../../src/inspect/panel";
import { createSelection } from "../../src/inspect/selection";
import { createTrace, type Moment } from "../../src/inspect/trace";
import { createWirePanel } from "../../src/inspect/wirepanel";
import { kindOf, nameOf, summaryOf } from "../../src/inspect/wirerows";
import { ending, opening, text, track } from "./fake";

let end: AbortController;
beforeEach(() => (end = new AbortController()));
afterEach(() => {
  end.abort();
  document.body.replaceChildren();
});

const ping: Moment = { at: 0.15, name: ":", data: "keep-alive" };
const odd: Moment = { at: 0.25, name: "mystery", data: '{"what":[1,2]}' };
const LIST = [opening, text(0.1, "The"), ping, text(0.2, " cat"), odd, text(0.3, " sat"), ending(0.4)];

function open(list: Moment[] = LIST, shown = list.length) {
  const trace = createTrace(track());
  trace.add(list);
  const selection = createSelection(trace);
  const place = { moments: shown, tokens: 0, seconds: 0 };
  const panel = createWirePanel({ trace, selection, place: place as Place, branch: null, seek: () => undefined }, end.signal);
  document.body.append(panel.element);
  panel.update();
  const { element } = panel;
  const list_ = element.querySelector<HTMLElement>("[role=listbox]")!;
  const rows = () => [...element.querySelectorAll<HTMLElement>(".row")].filter((row) => !row.hidden).sort((a, b) => Number(a.getAttribute("aria-posinset")) - Number(b.getAttribute("aria-posinset")));
  const row = (name: string, of = rows()) => of.map((one) => one.querySelector(`.${name}`)!.textContent);
  const press = (key: string, more: KeyboardEventInit = {}, target: Element = list_) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  const search = element.querySelector<HTMLInputElement>("input[type=search]")!;
  const find = (wanted: string) => {
    search.value = wanted;
    search.dispatchEvent(new Event("input"));
  };
  const button = (name: string) => [...element.querySelectorAll("button")].find((one) => one.textContent.startsWith(name) || one.getAttribute("aria-label") === name)!;
  const found = () => element.querySelector(".found")!.textContent;
  const detail = () => element.querySelector(".detail")!;
  const current = () => rows().find((one) => one.getAttribute("aria-selected") === "true")?.querySelector(".number")?.textContent;
  return { trace, selection, place, panel, element, list: list_, rows, row, press, search, find, button, found, detail, current };
}

test("each event has its number, times, name and what it says", () => {
  const { row } = open();
  expect(row("number")).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  expect(row("at")).toEqual(["0.000", "0.100", "0.150", "0.200", "0.250", "0.300", "0.400"]);
  expect(row("gap")).toEqual(["", "+100 ms", "+50 ms", "+50 ms", "+50 ms", "+50 ms", "+100 ms"]);
  expect(row("name")).toEqual(["response", "data", "comment", "data", "mystery", "data", "end"]);
  expect(row("what").slice(1, 5)).toEqual(['"The"', "keep-alive", '" cat"', '{"what":[1,2]}']);
});

test("only what has come for the reader is listed", () => {
  const { rows, place, panel } = open(LIST, 2);
  expect(rows()).toHaveLength(2);
  place.moments = 5;
  panel.update();
  expect(rows()).toHaveLength(5);
  place.moments = 1;
  panel.update();
  expect(rows()).toHaveLength(1);
});

test("of twenty thousand only those in sight are drawn, and told how many there are", () => {
  const many = Array.from({ length: 20_000 }, (_, i) => text(i / 100, `w${i}`));
  const { rows, list, row } = open(many);
  expect(rows().length).toBeLessThan(60);
  expect(rows()[0]!.getAttribute("aria-setsize")).toBe("20000");
  list.scrollTop = 24 * 10_000;
  list.dispatchEvent(new Event("scroll"));
  expect(rows().length).toBeLessThan(60);
  expect(row("what")).toContain('"w10000"');
});

test("kinds are told apart and can be left out", () => {
  expect(LIST.map(kindOf)).toEqual(["event", "event", "comment", "event", "unknown", "event", "event"]);
  const { button, row } = open();
  expect(button("comments").textContent).toBe("comments 1");
  button("comments").click();
  button("unknown").click();
  expect(row("number")).toEqual(["1", "2", "4", "6", "7"]);
  expect(button("comments").getAttribute("aria-pressed")).toBe("false");
  button("comments").click();
  expect(row("number")).toEqual(["1", "2", "3", "4", "6", "7"]);
});

test("a search counts, marks and leads from one to the next, around", () => {
  const { find, found, button, current, rows, search, press } = open();
  find("AT\"");
  expect(found()).toBe("3 found"); // " cat", "what", " sat"
  expect(rows().filter((one) => one.hasAttribute("data-found")).map((one) => one.querySelector(".number")!.textContent)).toEqual(["4", "5", "6"]);
  button("Next").click();
  expect([current(), found()]).toEqual(["4", "1 of 3"]);
  press("Enter", {}, search);
  press("Enter", {}, search);
  expect([current(), found()]).toEqual(["6", "3 of 3"]);
  button("Next").click();
  expect(current()).toBe("4");
  button("Previous").click();
  expect(current()).toBe("6");
  find("nowhere");
  expect([found(), button("Next").disabled]).toEqual(["0 found", true]);
});

test("what comes later is found too, and only once it is shown", () => {
  const { find, found, trace, place, panel } = open(LIST.slice(0, 4));
  find("sat");
  expect(found()).toBe("0 found");
  trace.add(LIST.slice(4));
  panel.update();
  expect(found()).toBe("0 found");
  place.moments = LIST.length;
  panel.update();
  expect(found()).toBe("1 found");
});

test("the keyboard moves a cursor, opens, and comes to the search", () => {
  const { press, current, list, detail, search, element, selection } = open();
  const keys: [string, string][] = [["ArrowDown", "1"], ["ArrowDown", "2"], ["End", "7"], ["ArrowDown", "7"], ["ArrowUp", "6"], ["Home", "1"], ["ArrowUp", "1"], ["PageDown", "2"]];
  for (const [key, number] of keys) {
    press(key);
    expect([key, current()]).toEqual([key, number]);
  }
  expect(element.querySelector(`#${list.getAttribute("aria-activedescendant")}`)!.querySelector(".number")!.textContent).toBe("2");
  press("Enter");
  expect(detail().textContent).toContain("2 · 0.100 s · +100 ms · data");
  expect(selection.isHeld).toBe(true);
  press("/");
  expect(document.activeElement).toBe(search);
});

test("the opened event is pretty JSON, in a place of its own", () => {
  const { rows, detail } = open();
  rows()[4]!.click();
  expect(detail().querySelector("code")!.textContent).toBe('{\n  "what": [\n    1,\n    2\n  ]\n}');
  rows()[2]!.click();
  expect(detail().querySelector("code")!.textContent).toBe("keep-alive");
});

test("a row that is pointed at points; what is pointed at elsewhere lights up", () => {
  const { rows, selection, list, trace } = open();
  rows()[3]!.dispatchEvent(new Event("pointerenter"));
  expect(selection.now).toEqual({ moment: 3, token: 1 });
  list.dispatchEvent(new Event("pointerleave"));
  expect(selection.now.moment).toBeNull();
  selection.pointToToken(trace.tokens.findIndex((token) => token.text === " sat"));
  expect(rows().filter((row) => row.hasAttribute("data-marked")).map((row) => row.querySelector(".number")!.textContent)).toEqual(["6"]);
});

test("what was asked and how the response began stand above", () => {
  const { element, place, panel } = open(LIST, 0);
  const [asked, answered] = element.querySelectorAll("details");
  expect(asked!.textContent).toContain('"model": "demo/markdown"');
  expect(answered!.hidden).toBe(true);
  place.moments = 1;
  panel.update();
  expect(answered!.textContent).toContain("status 200");
});

test.each([
  [{ at: 0, name: "::odd", data: "" }, ":odd", ""],
  [{ at: 0, name: "content_block_delta", data: "{}", piece: { tools: [{ name: "add", arguments: '{"a":1}' }] } }, "content_block_delta", 'tool call add "{\\"a\\":1}"'],
  [{ at: 0, name: "", data: "{}", piece: { tools: [{ name: "", arguments: '"b' }] } }, "data", 'tool call "\\"b"'],
  [{ at: 0, name: "", data: "{}", piece: { reasoning: "hm" } }, "data", 'reasoning "hm"'],
  [{ at: 0, name: "", data: `x\n${"y".repeat(500)}` }, "data", `x ${"y".repeat(158)}…`],
] as [Moment, string, string][])("%j", (moment, name, summary) => {
  expect([nameOf(moment), summaryOf(moment)]).toEqual([name, summary]);
});

test("invisible characters of a server are seen in the rows", () => {
  const { row } = open([{ at: 0, name: "na\u202eme", data: "wh\u202eat" }]);
  for (const cell of ["name", "what"]) {
    expect(row(cell)[0]).not.toContain("\u202e");
    expect(row(cell)[0]).toContain("202E");
  }
});

test("the end stays in sight until the reader scrolls up", () => {
  const many = Array.from({ length: 200 }, (_, i) => text(i / 100, `w${i}`));
  const { list, place, panel, trace } = open(many, 100);
  const grow = (shown: number): number => {
    place.moments = shown;
    panel.update();
    list.dispatchEvent(new Event("scroll"));
    return list.scrollTop;
  };
  expect(trace.hasEnded).toBe(false);
  expect(grow(120)).toBe(120 * 24);
  list.scrollTop = 240;
  list.dispatchEvent(new Event("scroll"));
  expect(grow(150)).toBe(240);
  list.scrollTop = 150 * 24;
  list.dispatchEvent(new Event("scroll"));
  expect(grow(200)).toBe(200 * 24);
});

test("a row that another filter leaves stands where it is now", () => {
  const { button, rows } = open();
  button("comments").click();
  expect(rows().map((one) => one.style.transform)).toEqual([0, 1, 2, 3, 4, 5].map((at) => `translateY(${at * 24}px)`));
});
