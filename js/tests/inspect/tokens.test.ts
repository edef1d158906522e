// The Tokens view: what is shown up to the player's place, what is pointed at and held, keys, branches, hostile texts.
import { afterEach, expect, test, vi } from "vitest";
import type { Logprob } from "../../src/inspect/trace";
import { each, hover, ln, momentsOf, open, press, SEA } from "./tokensfake";

afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

const tokensOf = (view: ReturnType<typeof open>): HTMLElement[] => view.all(".list .token");

test("every token is an element of its own with the step of its probability, and its text as it is", () => {
  const view = open(momentsOf(...each(SEA)));
  expect(view.texts()).toEqual(["The", " sea", " is", " salt", "\n"]);
  expect(tokensOf(view).map(({ dataset }) => dataset["step"])).toEqual(["0", "2", "1", "1", "4"]);
  expect(view.all(".list [data-mark]").map(({ dataset }) => dataset["mark"])).toEqual(["·", "·", "·", "⏎"]);
  expect(view.one(".legend").hidden).toBe(false);
  expect(view.one(".note").hidden).toBe(true);
});

test("where the server told no tokens it says so, and how to get them", () => {
  const view = open([{ at: 1, name: "", data: "", piece: { text: "The sea\nis" } }]);
  expect(view.one(".note").hidden).toBe(false);
  expect(view.one(".note").textContent).toMatch(/pieces as they came, not tokens.*logprobs=True, top_logprobs=5/);
  expect([view.one(".legend").hidden, view.one(".strip").hidden]).toEqual([true, true]);
  expect(view.texts()).toEqual(["The sea\nis"]);
  hover(tokensOf(view)[0]!);
  expect(view.one(".detail").textContent).toContain("piece 1");
});

test("going back hides what has not come, going on shows the same elements again", () => {
  const many = Array.from({ length: 1_000 }, (_, at): Logprob => [at % 150 === 149 ? ".\n" : ` ${at}`, -0.1, []]);
  const view = open(momentsOf(...each(many)));
  const before = tokensOf(view);
  for (const place of [1_000, 437, 0, 999, 150, 149, 151, 1_000]) {
    view.go(place);
    expect(view.texts()).toEqual(many.slice(0, place).map(([text]) => text));
  }
  expect(tokensOf(view).every((element, at) => element === before[at])).toBe(true);
});

test("only what is new is made, in chunks that end with a line where they can", async () => {
  const many = Array.from({ length: 900 }, (_, at): Logprob => [at === 120 ? "\n" : "a", -0.1, []]);
  const view = open(momentsOf(many));
  expect(view.all(".chunk").map(({ children }) => children.length)).toEqual([121, 400, 379]);
  const changes: MutationRecord[] = [];
  const observer = new MutationObserver((records) => changes.push(...records));
  observer.observe(view.one(".list"), { childList: true, subtree: true });
  view.trace.add(momentsOf(many.slice(0, 10)));
  view.go();
  await Promise.resolve();
  expect(changes.flatMap(({ addedNodes }) => [...addedNodes])).toHaveLength(10);
  expect(changes.flatMap(({ removedNodes }) => [...removedNodes])).toEqual([]);
});

test("very many tokens are made over several frames", async () => {
  const view = open(momentsOf(Array.from({ length: 6_000 }, (): Logprob => ["a", -0.1, []])));
  expect(tokensOf(view)).toHaveLength(2_500);
  await expect.poll(() => tokensOf(view).length).toBe(6_000);
});

test("pointing tells all of a token, and all views of it", () => {
  const view = open(momentsOf(SEA.slice(0, 2), SEA.slice(2)));
  expect(view.one(".detail").textContent).toContain("Point at a token");
  hover(tokensOf(view)[1]!);
  expect(view.selection.now).toEqual({ moment: 0, token: 1 });
  expect(view.all(".figures div").map(({ textContent }) => textContent)).toEqual([
    "probability25 %", "rank2 of 3 told", "surprise2.00 bits", "entropyat least 1.75 bits", "time0.100 s, with the one before",
  ]); // prettier-ignore
  expect(view.all(".alternatives li").map(({ textContent }) => textContent)).toEqual(["·ocean50 %", "·sea25 %the token", "·lake13 %", "others13 %"]);
  expect(view.all(".alternatives .fill").map(({ style }) => style.width)).toEqual(["50%", "25%", "12.5%", "12.5%"]);
  view.panel.element.dispatchEvent(new MouseEvent("pointerleave"));
  expect(view.selection.now.token).toBeNull();
});

test("what another view points at lights up with its moment's other tokens, and takes no focus", () => {
  const view = open(momentsOf(SEA.slice(0, 2), SEA.slice(2)));
  view.selection.pointToMoment(1);
  const tokens = tokensOf(view);
  expect(tokens.map((element) => element.hasAttribute("data-lit"))).toEqual([false, false, true, true, true]);
  expect(tokens.map((element) => element.hasAttribute("data-pointed"))).toEqual([false, false, true, false, false]);
  expect(document.activeElement).toBe(document.body);
  view.selection.pointToMoment(null);
  expect(view.all("[data-lit], [data-pointed]")).toEqual([]);
});

test("the list scrolls to a token only where another view pointed", () => {
  const view = open(momentsOf(...each(SEA)));
  const list = view.one(".list");
  vi.spyOn(list, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 100, 50));
  vi.spyOn(tokensOf(view)[3]!, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 500, 30, 20));
  hover(tokensOf(view)[3]!);
  expect(list.scrollTop).toBe(0);
  view.selection.pointToToken(null);
  view.selection.pointToToken(3);
  expect(list.scrollTop).toBe(490);
});

test("the list follows the growing text while its end is in sight, and shows where the reader went back to", () => {
  const view = open([]);
  const list = view.one(".list");
  let [height, top] = [300, 0];
  Object.defineProperties(list, {
    scrollHeight: { get: () => height },
    clientHeight: { get: () => 300 },
    scrollTop: { get: () => top, set: (value: number) => void (top = Math.max(0, Math.min(value, height - 300))) },
  });
  const grow = (): void => {
    view.trace.add(momentsOf([SEA[0]!]));
    height += 100;
    view.go();
  };
  const scrollTo = (value: number): void => {
    top = value;
    list.dispatchEvent(new Event("scroll"));
  };
  view.go();
  grow();
  expect(top).toBe(100);
  scrollTo(20);
  grow();
  expect(top).toBe(20);
  scrollTo(200);
  tokensOf(view)[0]!.focus();
  grow();
  expect(top).toBe(200); // what is looked at stays
  tokensOf(view)[0]!.blur();
  scrollTo(0);
  height = 500;
  view.go(2);
  expect(top).toBe(200);
});

test("a token that has not come for the reader is neither lit up nor told", () => {
  const view = open(momentsOf(...each(SEA)));
  view.go(2);
  view.selection.pointToToken(3);
  expect(view.one(".detail").textContent).toContain("Point at a token");
  expect(view.one(".cursor").hidden).toBe(true);
  view.go(4);
  expect(view.one(".detail").textContent).toContain("token 4");
  expect(view.one(".cursor").hidden).toBe(false);
});

test("keys go from token to token, hold and let go, and never reach the notebook", () => {
  const view = open(momentsOf(...each(SEA)));
  const tokens = tokensOf(view);
  expect(tokens.map((element) => element.getAttribute("tabindex"))).toEqual(["0", null, null, null, null]);
  tokens[0]!.focus();
  for (const [key, token] of [["ArrowRight", 1], ["End", 4], ["ArrowRight", 4], ["ArrowLeft", 3], ["Home", 0], ["ArrowLeft", 0]] as const) {
    expect(press(document.activeElement!, key)).toBe(false);
    expect(document.activeElement).toBe(tokens[token]);
    expect(view.selection.now.token).toBe(token);
  }
  expect(tokens.filter((element) => element.hasAttribute("tabindex"))).toEqual([tokens[0]]);
  expect(press(tokens[0]!, "Enter")).toBe(false);
  expect(view.selection.isHeld).toBe(true);
  expect(tokens[0]!.getAttribute("aria-selected")).toBe("true");
  hover(tokens[2]!);
  expect(view.selection.now.token).toBe(0);
  expect(press(tokens[0]!, "Escape")).toBe(false);
  expect([view.selection.isHeld, view.selection.now.token]).toEqual([false, null]);
  expect(press(tokens[0]!, " ")).toBe(false);
  expect([view.selection.isHeld, view.selection.now.token]).toEqual([true, 0]);
  press(tokens[0]!, "Escape");
  expect([press(tokens[0]!, "Escape"), press(tokens[0]!, "x")]).toEqual([true, true]); // not ours
});

test("a press holds, another one goes on to the next, the same again lets go", () => {
  const view = open(momentsOf(...each(SEA)));
  const tokens = tokensOf(view);
  tokens[1]!.click();
  tokens[3]!.click();
  expect([view.selection.now.token, view.selection.isHeld]).toEqual([3, true]);
  tokens[3]!.click();
  expect(view.selection.isHeld).toBe(false);
});

test("text that moves below a resting pointer points at nothing new", () => {
  const view = open(momentsOf(...each(SEA)));
  const over = (at: number): boolean => tokensOf(view)[at]!.dispatchEvent(new MouseEvent("pointerover", { bubbles: true, screenX: 70, screenY: 70 }));
  over(1);
  over(2);
  expect(view.selection.now.token).toBe(1);
});

test("a focused token is told with its figures", () => {
  const view = open(momentsOf(...each(SEA)));
  tokensOf(view)[0]!.focus();
  press(document.activeElement!, "End");
  expect(document.activeElement!.getAttribute("aria-label")).toBe("newline");
  expect(document.activeElement!.getAttribute("aria-description")).toBe("1.0 %, 0.500 s, +100 ms");
});

test("each alternative but the token itself goes on from there, where the run can", () => {
  const view = open(momentsOf(...each(SEA)));
  view.selection.pointToToken(1);
  const buttons = view.all(".alternatives button");
  expect(buttons.map((button) => button.getAttribute("aria-label"))).toEqual(["Go on from here with “ocean”, 50 %", "Go on from here with “lake”, 13 %"]);
  buttons[1]!.click();
  expect(view.branched).toEqual([[1, 2]]);
  view.shown.branch = null;
  view.go();
  expect(view.all(".alternatives button")).toEqual([]);
});

test("a button in the detail keeps the focus while tokens come", () => {
  const view = open(momentsOf(...each(SEA)));
  view.selection.pointToToken(1);
  const button = view.one(".alternatives button");
  button.focus();
  view.trace.add(momentsOf([SEA[0]!]));
  view.go();
  hover(tokensOf(view)[3]!);
  view.selection.hold(true);
  expect(document.activeElement).toBe(button);
  expect(button.isConnected).toBe(true);
});

test("hostile tokens and alternatives are text, and what they hide is seen", () => {
  const evil = "<img src=x onerror=alert(1)>";
  const many: Logprob[] = [
    [evil, -1, [[evil, -1], ["</ol><script>alert(1)</script>", -2], ["\u202Egnp", -3]]],
    ["\u202E\u2066\u200B", -1, [["\u202E\u2066\u200B", -1]]],
    ["\u0000\u001B[31m\r", -1, []],
    ["", -1, []],
    ["\uD83D", -1, []],
    ["x".repeat(100_000), NaN, [["y".repeat(100_000), NaN]]],
  ];
  const view = open(momentsOf(many));
  many.forEach((_, token) => {
    view.selection.pointToToken(token);
    tokensOf(view)[token]!.focus();
    expect(view.panel.element.querySelector("img, script")).toBeNull();
    expect(view.one(".detail").textContent).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u0000\r]/);
  });
  view.selection.pointToToken(0);
  expect(view.one(".detail").textContent).toContain("</ol><script>");
  expect(view.texts()[0]).toBe(evil);
  expect(view.texts()[1]).toBe("⟨U+202E⟩⟨U+2066⟩⟨U+200B⟩");
  expect(view.texts()[2]).toBe("␀␛[31m␍");
  expect(tokensOf(view)[3]!.dataset["mark"]).toBe("∅");
});

test("after the end of its signal it hears nothing any more", () => {
  const view = open(momentsOf(...each(SEA)));
  view.close();
  hover(tokensOf(view)[1]!);
  expect(view.selection.now.token).toBeNull();
  view.selection.pointToToken(1);
  expect(view.all("[data-pointed]")).toEqual([]);
});

test("the log probability of half a character's piece is kept", () => {
  const view = open([{ at: 0, name: "", data: "", piece: { text: "é" }, logprobs: [["\uFFFD", ln(0.5), []], ["\uFFFD", ln(0.02), []]] }]);
  expect(tokensOf(view).map(({ dataset }) => dataset["step"])).toEqual(["1", "4"]);
});
