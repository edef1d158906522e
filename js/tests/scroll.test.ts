// Following the end, with a layout of our own since jsdom has none: one scroller, one growing box in it.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { holdPlace } from "../src/view/scroll";

const WINDOW = 500;
const BAR = 28;
let height = 100;
let running = true;
let grown: () => void;
let controller: AbortController;
let scroller: HTMLElement;
let bar: HTMLElement;
let jump: HTMLElement;

beforeEach(() => {
  [height, running, controller] = [100, true, new AbortController()];
  scroller = document.createElement("div");
  scroller.style.overflowY = "auto";
  const host = document.createElement("div");
  bar = document.createElement("div");
  bar.tabIndex = -1;
  jump = document.createElement("button");
  jump.hidden = true;
  bar.append(jump);
  // The scroller is inside a shadow root of the host page's, as in marimo: the search must cross it.
  const outer = document.createElement("div");
  outer.attachShadow({ mode: "open" }).append(host);
  scroller.append(outer);
  document.body.append(scroller);
  const before = 450; // what stands above the box
  let top = 0;
  const max = () => Math.max(0, before + height + 300 - WINDOW); // and 300 below it
  Object.defineProperties(scroller, {
    clientHeight: { get: () => WINDOW },
    clientTop: { get: () => 0 },
    scrollHeight: { get: () => before + height + 300 },
    scrollTop: { get: () => top, set: (value: number) => (top = Math.min(max(), Math.max(0, value))) },
  });
  scroller.getBoundingClientRect = () => ({ top: 0, bottom: WINDOW }) as DOMRect;
  host.getBoundingClientRect = () => ({ top: before - top, bottom: before - top + height }) as DOMRect;
  Object.defineProperty(bar, "offsetHeight", { get: () => BAR });
  vi.stubGlobal("innerHeight", WINDOW);
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(callback: () => void) {
        grown = callback;
      }
      observe = () => undefined;
      disconnect = () => undefined;
    },
  );
  host.append(bar);
  holdPlace(host, { bar, jump }, () => running, controller.signal);
});
afterEach(() => {
  controller.abort();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

const grow = (by: number) => {
  height += by;
  grown();
};
const readerScrolls = (top: number) => {
  scroller.scrollTop = top;
  scroller.dispatchEvent(new Event("scroll"));
};
const bottom = () => 450 - scroller.scrollTop + height;

test("the end is followed while the reader is there", () => {
  readerScrolls(60);
  grow(0);
  for (let i = 0; i < 20; i += 1) grow(37);
  expect(bottom()).toBe(WINDOW);
});

test("the last words of a run, such as its error, are followed like the rest", () => {
  readerScrolls(60);
  grow(0);
  grow(300);
  running = false;
  grow(50);
  expect(bottom()).toBe(WINDOW);
});

test("a box whose end is not in view is not followed", () => {
  grow(0);
  grow(400);
  expect(scroller.scrollTop).toBe(0);
});

test("the reader who scrolls up is left alone, and is followed again once back at the end", () => {
  readerScrolls(60);
  grow(0);
  grow(400);
  readerScrolls(scroller.scrollTop - 50);
  const place = scroller.scrollTop;
  for (let i = 0; i < 5; i += 1) grow(100);
  expect(scroller.scrollTop).toBe(place);
  readerScrolls(450 + height - WINDOW);
  grow(100);
  expect(bottom()).toBe(WINDOW);
});

test("who has scrolled up is offered the way to the end, who is there is not", () => {
  readerScrolls(60);
  grow(0);
  grow(400);
  expect(jump.hidden).toBe(true);
  readerScrolls(scroller.scrollTop - 50);
  expect(jump.hidden).toBe(false);
  jump.click();
  expect([bottom(), jump.hidden]).toEqual([WINDOW, true]);
  grow(100);
  expect(bottom()).toBe(WINDOW);
  readerScrolls(scroller.scrollTop - 50);
  readerScrolls(450 + height - WINDOW);
  expect(jump.hidden).toBe(true);
});

test("the way to the end is not offered for a box that is not in view, nor after the run", () => {
  grow(700);
  expect(jump.hidden).toBe(false);
  readerScrolls(0);
  height = 20;
  grow(1000);
  running = false;
  grown();
  expect(jump.hidden).toBe(true);
});

test("the focus does not fall to the page when the way to the end goes", () => {
  readerScrolls(60);
  grow(0);
  grow(400);
  readerScrolls(scroller.scrollTop - 50);
  jump.focus();
  jump.click();
  const root = bar.getRootNode() as ShadowRoot;
  expect(root.activeElement).toBe(bar);
});

test("while a button is down nothing moves", () => {
  readerScrolls(60);
  grow(0);
  const place = scroller.scrollTop;
  scroller.querySelector("div")!.shadowRoot!.firstElementChild!.dispatchEvent(new Event("pointerdown"));
  grow(100);
  expect(scroller.scrollTop).toBe(place);
  window.dispatchEvent(new Event("pointerup"));
  grow(100);
  expect(bottom()).toBe(WINDOW);
});

test("the status line stands at the window's edge while its box is taller, and goes back at the end", () => {
  grow(0);
  grow(700);
  expect(bar.style.transform).toBe(`translateY(-${bottom() - WINDOW}px)`);
  readerScrolls(100);
  expect(bar.style.transform).toBe(`translateY(-${bottom() - WINDOW}px)`);
  running = false;
  grown();
  expect(bar.style.transform).toBe("");
});

test("the status line holds still under the pointer, and falls back into its place when that has left", () => {
  grow(0);
  readerScrolls(200); // its end is in view, so nothing follows what grows below the fold
  grow(20);
  bar.dispatchEvent(new Event("pointerenter"));
  const top = bottom() - BAR;
  for (let i = 0; i < 3; i += 1) grow(22);
  expect(bar.style.transform).toBe(`translateY(-${bottom() - BAR - top}px)`);
  expect(bottom() - BAR).toBe(top + 66);
  bar.dispatchEvent(new Event("pointerleave"));
  expect(bar.style.transform).toBe("");
  bar.dispatchEvent(new Event("pointerenter"));
  grow(22);
  running = false;
  grown();
  expect(bar.style.transform).toBe("");
});

test.each(["the end", "the abort"])("after %s nothing is moved any more", (what) => {
  readerScrolls(60);
  grow(0);
  if (what === "the end") running = false;
  else controller.abort();
  grown();
  const place = scroller.scrollTop;
  grow(900);
  readerScrolls(place);
  expect([scroller.scrollTop, bar.style.transform]).toEqual([place, ""]);
});
