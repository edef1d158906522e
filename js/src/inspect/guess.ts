// "Guess the next token": the reader's guesses come in, what came and how likely it was goes out, one token after the
// other. Says up to where the text may be shown; hides nothing itself.
import { h, setText } from "../view/dom";
import { createDetail } from "./detail";
import { count, judge, NO_SCORE, scoreWords, verdictWords, type Score } from "./judge";
import type { Shown } from "./panel";

export interface Guess {
  readonly element: HTMLElement;
  /** So many tokens may be seen. */
  readonly visible: number;
  /** Whether something after them is hidden. */
  readonly isHiding: boolean;
  /** From this token on; the focus comes to the guess. */
  start(token: number): void;
  /** Tokens have come. */
  update(): void;
}


/** `changed`: `visible` is another; `leave`: the reader wants no more. */
export function createGuess(shown: Shown, actions: { changed: () => void; leave: () => void }, signal: AbortSignal): Guess {
  const { trace } = shown;
  const title = h("strong", {});
  const score = h("span", { class: "quiet score", title: "Bits: how surprising the tokens were to the model; those that you guessed, of all." });
  const input = h("input", { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", placeholder: "type it, then Enter" });
  const check = h("button", { type: "button", class: "check" }, "Check");
  const show = h("button", { type: "button" }, "Show me");
  const next = h("button", { type: "button", class: "next" }, "Next");
  const asking = h("div", { class: "asking" }, h("label", {}, h("span", {}, "What comes next?"), input), check, show);
  const verdict = h("p", { class: "verdict", role: "status" });
  const detail = createDetail(shown, true);
  const element = h("div", { class: "guess", role: "group", "aria-label": "Guess the next token" }, h("p", { class: "head" }, title, score), asking, verdict, next, detail.element);

  let token = 0;
  let isTold = false;
  let points: Score = NO_SCORE;

  const draw = (): void => {
    const isThere = token < trace.tokens.length;
    const what = trace.hasLogprobs ? "Token" : "Piece";
    setText(title, isThere ? `${what} ${token + 1}` : trace.hasEnded ? "That was all" : "Waiting for the next");
    setText(score, scoreWords(points));
    asking.hidden = isTold || !isThere;
    next.hidden = !isTold;
    detail.element.hidden = !isTold;
    if (isTold) detail.show(token);
  };
  const tell = (guess: string | null): void => {
    const came = trace.tokens[token];
    if (isTold || !came) return;
    const found = guess === null ? null : judge(guess, came);
    if (found) points = count(points, found, came);
    isTold = true;
    verdict.dataset["right"] = String(found?.kind === "token");
    setText(verdict, verdictWords(guess, found, came));
    draw();
    actions.changed();
    next.focus({ preventScroll: true });
  };
  const ask = (at: number): void => {
    [token, isTold, input.value] = [at, false, ""];
    setText(verdict, "");
    draw();
    actions.changed();
    if (!asking.hidden) input.focus({ preventScroll: true });
  };
  const guess = (): void => {
    if (input.value !== "") tell(input.value);
  };

  check.addEventListener("click", guess, { signal });
  show.addEventListener("click", () => tell(null), { signal });
  next.addEventListener("click", () => ask(token + 1), { signal });
  element.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Tab") return;
      event.stopPropagation(); // what is typed is no command of the notebook's
      if (event.key === "Enter" && event.target === input && !event.isComposing) guess();
      else if (event.key === "Escape") actions.leave();
      else return;
      event.preventDefault();
    },
    { signal },
  );
  return {
    element,
    get visible() {
      return Math.min(trace.tokens.length, token + (isTold ? 1 : 0));
    },
    get isHiding() {
      return !isTold && token < trace.tokens.length;
    },
    start(at) {
      points = NO_SCORE;
      ask(at);
    },
    update() {
      const wasHidden = asking.hidden;
      draw();
      if (wasHidden && !asking.hidden && element.matches(":focus-within")) input.focus({ preventScroll: true });
    },
  };
}
