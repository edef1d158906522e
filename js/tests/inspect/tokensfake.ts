// A trace of some tokens and a Tokens view of it, for tests; jsdom has no layout.
import { createSelection, type Selection } from "../../src/inspect/selection";
import type { Panel, Shown } from "../../src/inspect/panel";
import { createTokensPanel } from "../../src/inspect/tokens";
import { createTrace, type Logprob, type Moment, type Token, type Trace, type Track } from "../../src/inspect/trace";

export const TRACK: Track = {
  label: "one", model: "m", wire_format: "openai-chat", host: "h", request: null, branches: true, parent: null, token: null, lost: 0,
} as Track; // prettier-ignore

export const ln = Math.log;

/** The sea: " salt" was likeliest, " sea" was not, "\n" was not told among the alternatives. */
export const SEA: Logprob[] = [
  ["The", ln(0.95), [["The", ln(0.95)], ["A", ln(0.05)]]],
  [" sea", ln(0.25), [[" ocean", ln(0.5)], [" sea", ln(0.25)], [" lake", ln(0.125)]]],
  [" is", ln(0.6), [[" is", ln(0.6)], [" was", ln(0.4)]]],
  [" salt", ln(0.6), [[" salt", ln(0.6)], [" blue", ln(0.3)]]],
  ["\n", ln(0.01), [[".", ln(0.9)], ["!", ln(0.05)]]],
];

export function token(text: string, logprob: number | null, top: [string, number][] = []): Token {
  return { text, logprob, top, moment: 0, start: 0, end: text.length };
}

/** One moment for each group of tokens. */
export function momentsOf(...groups: Logprob[][]): Moment[] {
  return groups.map((logprobs, number) => ({
    at: 0.1 * (number + 1), name: "", data: "", piece: { text: logprobs.map(([text]) => text).join("") }, logprobs,
  })); // prettier-ignore
}

export const each = (logprobs: readonly Logprob[]): Logprob[][] => logprobs.map((one) => [one]);

export interface Open {
  trace: Trace;
  selection: Selection;
  panel: Panel;
  shown: { -readonly [K in keyof Shown]: Shown[K] };
  branched: number[][];
  close(): void;
  /** Shows so many tokens. */
  go(tokens?: number): void;
  all(selector: string): HTMLElement[];
  one(selector: string): HTMLElement;
  /** Texts of the tokens to be seen. */
  texts(): string[];
}

export function open(moments: readonly Moment[], branch = true): Open {
  const trace = createTrace(TRACK);
  trace.add(moments);
  const selection = createSelection(trace);
  const branched: number[][] = [];
  const shown: Open["shown"] = {
    trace, selection, place: { moments: 0, tokens: 0, seconds: 0 }, seek: () => undefined,
    branch: branch ? (...numbers) => void branched.push(numbers) : null,
  }; // prettier-ignore
  const life = new AbortController();
  const panel = createTokensPanel(shown, life.signal);
  document.body.replaceChildren(panel.element);
  const all = (selector: string): HTMLElement[] => [...panel.element.querySelectorAll<HTMLElement>(selector)];
  const result: Open = {
    trace, selection, panel, shown, branched, all,
    close: () => life.abort(),
    one: (selector) => all(selector)[0]!,
    go(tokens = trace.tokens.length) {
      shown.place = { moments: trace.moments.length, tokens, seconds: 0 };
      panel.update();
    },
    texts: () => all(".list .chunk:not([data-out]) .token:not([hidden])").map(({ textContent }) => textContent),
  }; // prettier-ignore
  result.go();
  return result;
}

/** Whether it came as far as the notebook. */
export function press(element: Element, key: string): boolean {
  let isOut = false;
  const out = (): void => void (isOut = true);
  document.addEventListener("keydown", out);
  element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true }));
  document.removeEventListener("keydown", out);
  return isOut;
}

let places = 0;
export function hover(element: Element): void {
  places += 1; // elsewhere on the screen than before
  element.dispatchEvent(new MouseEvent("pointerover", { bubbles: true, screenX: places }));
}
