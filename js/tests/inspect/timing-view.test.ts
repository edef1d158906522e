// The Timing view as a panel: what it says and marks at a place, what pointing, pressing and keys do, how often it draws.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTimingPanel } from "../../src/inspect/timing";
import { timingStyles } from "../../src/inspect/timingstyles";
import { createTrace, type Moment, type Trace } from "../../src/inspect/trace";
import { about, end, event, opened, piece, stageOf, token, traceOf } from "./timingtrace";

const LLAMA = JSON.stringify({ timings: { prompt_n: 10, prompt_ms: 200, predicted_n: 4, predicted_ms: 400 } });
/** Gaps of 100, 100, 1500 and 100 ms, and the server's own times. */
const told = (): Trace => traceOf(opened(0.1), token(0.4, "The"), token(0.5, " <b>sea"), token(0.6, " is"), token(2.1, " blue"), token(2.2, "."), event(2.25, LLAMA), end(2.25));

let aborter: AbortController;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  aborter = new AbortController();
});
afterEach(() => {
  aborter.abort();
  document.body.replaceChildren();
  vi.useRealTimers();
});

function open(trace: Trace) {
  const stage = stageOf(trace);
  const { element, update } = createTimingPanel(stage, aborter.signal);
  document.body.append(element);
  const one = <E extends Element = HTMLElement>(selector: string): E => element.querySelector<E>(selector)!;
  const later = (): void => {
    update();
    vi.advanceTimersByTime(200);
  };
  const key = (name: string, more: KeyboardEventInit = {}): KeyboardEvent => {
    const pressed = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
    one("[role=slider]").dispatchEvent(pressed);
    return pressed;
  };
  const mouse = (selector: string, type: string, x: number, y = 0, more: MouseEventInit = {}): void =>
    void one(selector).dispatchEvent(new MouseEvent(type, { clientX: x, clientY: y, bubbles: true, ...more }));
  return { stage, element, update, one, later, key, mouse };
}

const figuresIn = (element: HTMLElement): Record<string, string> =>
  Object.fromEntries([...element.querySelectorAll("dl > div")].map((pair) => [pair.querySelector("dt")!.textContent, pair.querySelector(".figure-value")!.textContent]));
const marksIn = (path: Element): number => (path.getAttribute("d") ?? "").split("M").length - 1;

const markup = (...elements: Element[]): string => elements.map((element) => new XMLSerializer().serializeToString(element)).join();

describe("says", () => {
  test("the figures of the whole", () => {
    const { element } = open(told());
    expect(figuresIn(element)).toEqual({ "Time to first token": "400 ms", Total: "2.3 s", "Tokens per second": "2.7", "Median gap": "100 ms" });
    expect(element.querySelector("dl")!.textContent).toContain("p90 1.1 s, p99 1.5 s; 1 stall, 1.5 s");
    expect(element.textContent).toContain("response after 100 ms");
    expect(element.textContent).toContain("1 stall (a gap of more than 1 s and more than 5 times the median gap)");
  });

  test("those of the past where the player is back there, on axes that stay", () => {
    const { stage, element, one, later } = open(told());
    const axes = markup(one(".strip .axes"), one(".rates .axes"), one(".histogram .axes"));
    expect(marksIn(one(".dots"))).toBe(4);
    stage.go(4);
    later();
    expect(figuresIn(element)).toMatchObject({ "So far": "600 ms" });
    expect(element.querySelector("dl")!.textContent).toContain("no stall");
    expect([marksIn(one(".dots")), marksIn(one(".stalls"))]).toEqual([2, 0]);
    expect(markup(one(".strip .axes"), one(".rates .axes"), one(".histogram .axes"))).toBe(axes);
    expect(one(".strip .place").getAttribute("visibility")).toBe("visible");
    expect([...element.querySelectorAll<HTMLElement>(".phase-row")].map(({ textContent, hidden }) => [hidden, textContent])[1]).toEqual([false, "Told by the server (llama.cpp): not yet"]);
  });

  test("what the server tells, beside what was seen here", () => {
    const { element } = open(told());
    const rows = [...element.querySelectorAll<HTMLElement>(".phase-row")];
    expect(rows[0]!.textContent).toContain("then until the first token 300 ms");
    expect(rows[1]!.textContent).toBe("Told by the server (llama.cpp)prompt, 10 tokens (50/s) 200 msgeneration, 4 tokens (10/s) 400 ms");
    expect(rows[1]!.querySelector<HTMLElement>("[data-kind=prompt]")!.style.width).toBe("8.89%");
  });

  test("that pieces are no tokens where there are no probabilities, and nothing of the kind where there are", () => {
    expect(open(traceOf(piece(0), piece(1), end(2))).one(".timing-notes").textContent).toContain("a piece is the text of one event");
    expect(open(told()).one(".timing-notes").hidden).toBe(true);
  });

  test("that times are not the true ones, and what is missing", () => {
    const trace = createTrace({ ...about, times: "made up: the file has none", lost: 1200 });
    trace.add([token(0), token(1), end(2)]);
    expect(open(trace).one(".timing-notes").textContent).toBe(
      "These are not the times at which it came (made up: the file has none). 1,200 events could not be kept and are missing here.",
    );
  });

  test("nothing where nothing has come, and no NaN", () => {
    for (const trace of [traceOf(), traceOf(opened(0.1)), traceOf(token(0.2)), traceOf(token(0), token(0), end(0)), traceOf(token(NaN), token(Infinity), end(NaN))]) {
      expect(markup(open(trace).element)).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  test("tables, filled when they are opened", () => {
    const { element } = open(told());
    const [gaps, rates, bins] = [...element.querySelectorAll("details")];
    expect(gaps!.querySelectorAll("tbody tr")).toHaveLength(0);
    for (const table of [gaps!, rates!, bins!]) {
      table.open = true;
      table.dispatchEvent(new Event("toggle"));
    }
    expect(gaps!.querySelector("tbody tr")!.textContent).toBe("32.1 s1.5 s“ blue”");
    expect(rates!.querySelectorAll("tbody tr")).toHaveLength(10);
    expect(bins!.querySelectorAll("tbody tr")).toHaveLength(2);
  });
});

describe("pointing", () => {
  test("at a mark points at its moment, pressing holds it, leaving lets go of what is not held", () => {
    const { stage, one, mouse } = open(told());
    const [x, y] = [Number(marksAt(one(".dots"), 1)[0]), Number(marksAt(one(".dots"), 1)[1])];
    mouse(".strip .field", "pointermove", x, y);
    expect(stage.selection.now).toEqual({ moment: 3, token: 2 });
    expect(one(".readout").textContent).toBe("Gap 2 of 4: 100 ms before “ is” at 600 ms");
    mouse(".strip .field", "pointerleave", 0);
    expect(stage.selection.now.moment).toBeNull();
    mouse(".strip .field", "click", x, y);
    expect([stage.selection.now.moment, stage.selection.isHeld]).toEqual([3, true]);
    mouse(".strip .field", "pointerleave", 0);
    expect(stage.selection.now.moment).toBe(3);
    mouse(".strip .field", "click", x, y);
    expect(stage.selection.isHeld).toBe(false);
  });

  test("elsewhere marks the gap here at once, in all pictures; model text stays text", () => {
    const { stage, element, one } = open(told());
    stage.selection.pointToToken(1);
    expect(one(".ring").getAttribute("visibility")).toBe("visible");
    expect(one(".ring").getAttribute("cx")).toBe(marksAt(one(".dots"), 0)[0]);
    expect(one(".rates .hair").getAttribute("visibility")).toBe("visible");
    expect(one(".marked").getAttribute("visibility")).toBe("visible");
    expect(one(".readout bdi").textContent).toBe("“ <b>sea”");
    expect(element.querySelector("b")).toBeNull();
    stage.selection.pointToMoment(0); // it brought no text: its time only
    expect(one(".strip .hair").getAttribute("visibility")).toBe("visible");
    expect(one(".ring").getAttribute("visibility")).toBe("hidden");
  });

  test("what has not come yet is not marked", () => {
    const { stage, one, later } = open(told());
    stage.go(3);
    later();
    stage.selection.pointToToken(4);
    for (const mark of [".ring", ".strip .hair", ".marked"]) expect(one(mark).getAttribute("visibility")).toBe("hidden");
  });

  test("pressing on the time axis seeks there, dragging along", () => {
    const { stage, one, mouse } = open(told());
    const axis = one(".strip .seek");
    const [left, width] = [Number(axis.getAttribute("x")), Number(axis.getAttribute("width"))];
    mouse(".strip .seek", "pointerdown", left + width / 2);
    mouse(".strip .seek", "pointermove", left + 2 * width, 0, { buttons: 1 });
    mouse(".strip .seek", "pointermove", left, 0, { buttons: 0 });
    expect(stage.seeks).toEqual([1.125, 2.25]);
  });
});

const marksAt = (path: Element, number: number): string[] => path.getAttribute("d")!.split("M")[number + 1]!.replace("h0", "").split(" ");

describe("keys", () => {
  test("go over the gaps, and none that is used goes on to the notebook", () => {
    const { stage, one, key } = open(told());
    const outside = vi.fn();
    document.body.addEventListener("keydown", outside, { signal: aborter.signal });
    const seen = ["ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home", "PageUp", "PageDown"].map((name) => {
      expect(key(name).defaultPrevented).toBe(true);
      return stage.selection.now.token;
    });
    expect(seen).toEqual([1, 2, 4, 4, 3, 1, 4, 1]);
    expect(outside).not.toHaveBeenCalled();
    expect(one("[role=slider]").getAttribute("aria-valuetext")).toBe("Gap 1 of 4: 100 ms before “ <b>sea” at 500 ms");
    expect(one("[role=slider]").getAttribute("aria-valuemax")).toBe("4");
  });

  test("Enter holds, arrows then move what is held, Escape lets go; leaving lets go of what is not held", () => {
    const { stage, one, key } = open(told());
    key("End");
    key("Enter");
    key("ArrowLeft");
    expect([stage.selection.isHeld, stage.selection.now.token]).toEqual([true, 3]);
    key("Escape");
    expect(stage.selection.isHeld).toBe(false);
    expect(key("Escape").defaultPrevented).toBe(false);
    one("[role=slider]").dispatchEvent(new FocusEvent("blur"));
    expect(stage.selection.now.token).toBeNull();
  });

  test("space and what has a modifier are left to the player", () => {
    const { key } = open(told());
    expect([key(" "), key("ArrowRight", { shiftKey: true }), key("d")].map((pressed) => pressed.defaultPrevented)).toEqual([false, false, false]);
  });

  test("only what is shown can be come to", () => {
    const { stage, later, key } = open(told());
    stage.go(4);
    later();
    key("End");
    expect(stage.selection.now.token).toBe(2);
  });
});

describe("drawing", () => {
  test("at live rates is done ten times a second at most, and the last state is drawn", () => {
    const { stage, update, one } = open(traceOf(token(0)));
    const draws = vi.spyOn(one(".dots"), "setAttribute");
    for (let frame = 1; frame <= 120; frame++) {
      stage.trace.add([token(frame / 60)]);
      stage.go(frame + 1);
      update();
      vi.advanceTimersByTime(1000 / 60);
    }
    vi.advanceTimersByTime(200);
    expect(draws.mock.calls.length).toBeGreaterThan(10);
    expect(draws.mock.calls.length).toBeLessThanOrEqual(22);
    expect(marksIn(one(".dots"))).toBe(120);
  });

  test("many marks become columns, and that is said; stalls keep their own", () => {
    const many: Moment[] = Array.from({ length: 20_000 }, (_, number) => token(number * 0.01 + (number > 9000 ? 3 : 0)));
    const { one, element } = open(traceOf(...many, end(203)));
    const columns = marksIn(one(".dots"));
    expect(columns).toBeGreaterThan(100);
    expect(columns).toBeLessThan(400);
    expect(element.textContent).toContain(`Drawn as ${columns} columns: a line from the shortest to the longest gap in it`);
    expect(marksIn(one(".stalls"))).toBe(1);
    expect(marksIn(open(traceOf(...many.slice(0, 2000), end(20))).one(".dots"))).toBe(1999);
  });

  test("ends with the view", () => {
    const { stage, update, one } = open(told());
    stage.go(3);
    update();
    expect(vi.getTimerCount()).toBe(1);
    aborter.abort();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(500);
    expect(marksIn(one(".dots"))).toBe(4);
    stage.selection.pointToToken(1);
    expect(one(".ring").getAttribute("visibility")).toBe("hidden");
  });
});

test("all sizes of the styles follow the scale, but for lines and gaps between parts", () => {
  const sizes = [...timingStyles.replaceAll(/calc\([^;]*?\)\)/g, "").matchAll(/(?<=[ :(])(\d+(?:\.\d+)?)px/g)].map(([, size]) => Number(size));
  expect(sizes.filter((size) => size > 4)).toEqual([]);
});
