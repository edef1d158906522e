// A token's number comes in; what is known of it goes out in a place of fixed height: probability, rank, time, and what
// could have stood there, each a button where the run can go on from there.
import { h } from "../view/dom";
import { lineOf, spoken } from "./glyphs";
import { bits, distributionOf, percent, probabilityOf, rankWords, stepOf, surpriseOf, type Alternative, type Distribution } from "./probability";
import type { Shown } from "./panel";
import type { Token } from "./trace";

export interface Detail {
  readonly element: HTMLElement;
  /** Null leaves only how to come to one. */
  show(token: number | null): void;
}

const HINT = "Point at a token, or come to one with Tab and the arrow keys. Enter or a click holds it.";

/** `isBrief`: only what could have stood there, for who has been told the rest. */
export function createDetail(shown: Shown, isBrief = false): Detail {
  const element = h("div", { class: "detail", role: "group", "aria-label": "Token" });
  let key: string | null = null;
  return {
    element,
    show(number) {
      const token = number === null ? undefined : shown.trace.tokens[number];
      const next = token ? `${String(number)} ${String(shown.branch !== null)}` : "";
      if (next === key) return; // else a button would lose the focus
      key = next;
      if (token && number !== null) element.replaceChildren(...(isBrief ? briefOf : partsOf)(shown, token, number));
      else element.replaceChildren(h("p", { class: "quiet hint" }, HINT));
    },
  };
}

/** What is said of a token on focus. */
export function describe(shown: Shown, number: number): { label: string; description: string } {
  const token = shown.trace.tokens[number];
  if (!token) return { label: "", description: "" };
  const told = token.logprob === null ? "" : `${percent(probabilityOf(token.logprob))}, `;
  return { label: spoken(token.text), description: `${told}${timeWords(shown, token, number)}` };
}

function partsOf(shown: Shown, token: Token, number: number): HTMLElement[] {
  const found = distributionOf(token);
  const head = h(
    "p",
    { class: "head" },
    h("code", { class: "name", ...(token.logprob === null ? {} : { "data-step": String(stepOf(probabilityOf(token.logprob))) }) }, lineOf(token.text)),
    h("span", { class: "quiet" }, `${token.logprob === null ? "piece" : "token"} ${number + 1}`),
  );
  const figures = h("dl", { class: "figures" }, ...figuresOf(shown, token, number, found).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  return [head, figures, ...choiceOf(shown, token, number, found)];
}

function briefOf(shown: Shown, token: Token, number: number): HTMLElement[] {
  const found = distributionOf(token);
  const choice = choiceOf(shown, token, number, found);
  return found && choice.length > 0 ? [h("p", { class: "aside" }, `entropy ${entropyWords(found)}`), ...choice] : [];
}

/** What could have stood there, where that was told. */
function choiceOf(shown: Shown, { top }: Token, number: number, found: Distribution | null): HTMLElement[] {
  if (!found || top.length === 0) return [];
  const branch = shown.branch === null ? null : (alternative: number): void => shown.branch?.(number, alternative);
  const list = alternativesOf(found, branch);
  return branch && found.alternatives.length > 1 ? [h("p", { class: "aside" }, "Go on from here with another:"), list] : [list];
}

const entropyWords = ({ isWhole, bits: value }: Distribution): string => `${isWhole ? "" : "at least "}${bits(value)}`;

type Figure = [name: string, value: string];

function figuresOf(shown: Shown, token: Token, number: number, found: Distribution | null): Figure[] {
  const time: Figure = ["time", timeWords(shown, token, number)];
  if (!found || token.logprob === null) return [time];
  const rank = rankWords(found.rank, token.top.length);
  const entropy: Figure[] = token.top.length === 0 ? [] : [["entropy", entropyWords(found)]];
  return [
    ["probability", percent(probabilityOf(token.logprob))],
    ...(rank ? [["rank", rank] satisfies Figure] : []),
    ["surprise", bits(surpriseOf(token.logprob))],
    ...entropy,
    time,
  ];
}

/** When it came, and how long after the token before. */
function timeWords({ trace }: Shown, token: Token, number: number): string {
  const at = trace.moments[token.moment]?.at ?? 0;
  const before = trace.tokens[number - 1];
  const after = before ? at - (trace.moments[before.moment]?.at ?? 0) : null;
  const words = `${at.toFixed(at < 10 ? 3 : 2)} s`;
  if (after === null) return `${words}, the first`;
  return after === 0 ? `${words}, with the one before` : `${words}, +${after < 1 ? `${(1000 * after).toFixed(after < 0.01 ? 1 : 0)} ms` : `${after.toFixed(2)} s`}`;
}

function alternativesOf({ alternatives, rest, isWhole }: Distribution, branch: ((alternative: number) => void) | null): HTMLElement {
  const rows = alternatives.map((one) => row(one, branch));
  if (!isWhole) rows.push(h("li", { class: "others" }, h("div", { class: "row" }, h("span", { class: "what quiet" }, "others"), bar(rest), h("span", { class: "much" }, percent(rest)))));
  return h("ol", { class: "alternatives", "aria-label": "What could have stood here" }, ...rows);
}

function row(one: Alternative, branch: ((alternative: number) => void) | null): HTMLElement {
  const { text, probability, number, isToken } = one;
  const cells = [h("code", { class: "what" }, lineOf(text)), bar(probability), h("span", { class: "much", title: probability.toPrecision(6) }, percent(probability))];
  if (isToken) return h("li", { "data-own": true }, h("div", { class: "row" }, ...cells, h("span", { class: "unseen" }, "the token")));
  if (!branch || number === null) return h("li", {}, h("div", { class: "row" }, ...cells));
  const goOn = "Go on from here with";
  const label = `${goOn} “${spoken(text)}”, ${percent(probability)}`;
  const button = h("button", { type: "button", class: "row", title: `${goOn} “${lineOf(text)}”`, "aria-label": label }, ...cells);
  button.addEventListener("click", () => branch(number));
  return h("li", {}, button);
}

function bar(probability: number): HTMLElement {
  const fill = h("span", { class: "fill" });
  fill.style.width = `${(100 * probability).toFixed(1)}%`;
  return h("span", { class: "gauge", "aria-hidden": "true" }, fill);
}
