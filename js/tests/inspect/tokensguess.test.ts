// "Guess": what is hidden, how a guess is judged and told, all by keyboard, live too.
import { expect, test } from "vitest";
import { each, momentsOf, open, press, SEA, type Open } from "./tokensfake";

function start(view: Open): HTMLInputElement {
  view.one(".toggle").click();
  return view.one(".guess input") as HTMLInputElement;
}

function guess(view: Open, text: string): void {
  const input = view.one(".guess input") as HTMLInputElement;
  input.value = text;
  press(input, "Enter");
}

test("from the first token on: hidden, guessed, told, next", () => {
  const view = open(momentsOf(...each(SEA)));
  const input = start(view);
  expect(view.one(".toggle").getAttribute("aria-pressed")).toBe("true");
  expect(view.texts()).toEqual([]);
  expect(document.activeElement).toBe(input);
  expect(input.closest("label")!.textContent).toContain("What comes next?");
  expect(view.panel.element.querySelector(".detail:not([hidden])")).toBeNull();

  guess(view, "the");
  expect(view.one("[role=status]").textContent).toBe("It was “The”, 95 %. Yours is not among the 2 told.");
  expect(view.texts()).toEqual(["The"]);
  expect(document.activeElement!.textContent).toBe("Next");
  (document.activeElement as HTMLElement).click();
  expect(document.activeElement).toBe(input);
  expect(input.value).toBe("");
  expect(view.one("[role=status]").textContent).toBe("");
  expect(view.texts()).toEqual(["The"]);

  guess(view, "sea");
  expect(view.one("[role=status]").textContent).toBe("Right: “·sea”, 25 %, 2 of 3 told.");
  expect(view.all(".guess .alternatives li")).toHaveLength(4);
  expect(view.one(".score").textContent).toBe("1 of 2 right, 2.0 of 2.1 bits");
});

test("from the held token on, which is then told nowhere", () => {
  const view = open(momentsOf(...each(SEA)));
  view.all(".list .token")[3]!.click();
  start(view);
  expect(view.texts()).toEqual(["The", " sea", " is"]);
  expect([view.selection.isHeld, view.selection.now.token]).toEqual([false, null]);
  expect(view.panel.element.querySelector(".veil")).not.toBeNull();
  view.selection.pointToToken(3);
  expect(view.all("[data-pointed]").map(({ hidden }) => hidden)).not.toContain(false);
  expect(view.panel.element.querySelectorAll(".figures, .alternatives")).toHaveLength(0);
});

test("shown without a guess, nothing is counted; an empty guess is none", () => {
  const view = open(momentsOf(...each(SEA)));
  start(view);
  guess(view, "");
  expect(view.texts()).toEqual([]);
  view.all(".guess button").find(({ textContent }) => textContent === "Show me")!.click();
  expect(view.one("[role=status]").textContent).toBe("It was “The”, 95 %.");
  expect(view.one(".score").textContent).toBe("");
});

test("a place of the player shows no more than the guesses did", () => {
  const view = open(momentsOf(...each(SEA)));
  start(view);
  view.go(5);
  expect(view.texts()).toEqual([]);
});

test("live: waits for the next token; at the end it says so", () => {
  const view = open(momentsOf(SEA[0] ? [SEA[0]] : []));
  start(view);
  guess(view, "The");
  (document.activeElement as HTMLElement).click();
  expect(view.one(".guess strong").textContent).toBe("Waiting for the next");
  expect(view.one(".asking").hidden).toBe(true);
  view.trace.add(momentsOf([SEA[1]!]));
  view.go();
  expect(view.one(".guess strong").textContent).toBe("Token 2");
  expect(view.texts()).toEqual(["The"]);
  guess(view, "sea");
  view.trace.add([{ at: 2, name: ":end", data: "{}" }]);
  view.all(".next")[0]!.click();
  expect(view.one(".guess strong").textContent).toBe("That was all");
});

test("keys stay here; Escape ends it and the whole text is back", () => {
  const view = open(momentsOf(...each(SEA)));
  const input = start(view);
  for (const key of ["a", "d", "ArrowLeft", "Enter", "z"]) expect(press(input, key)).toBe(false);
  expect(press(input, "Tab")).toBe(true);
  expect(press(input, "Escape")).toBe(false);
  expect(view.one(".toggle").getAttribute("aria-pressed")).toBe("false");
  expect(document.activeElement).toBe(view.one(".toggle"));
  expect(view.texts()).toHaveLength(5);
});

test("hostile guesses and tokens are told as text", () => {
  const evil = "<img src=x onerror=alert(1)>";
  const view = open(momentsOf([[evil, -1, [[evil, -1]]]]));
  start(view);
  guess(view, evil);
  expect(view.one("[role=status]").textContent).toContain("Right: “<img·src=x·onerror=alert(1)>”");
  expect(view.panel.element.querySelector("img")).toBeNull();
});
