// What went wrong and what the reader should know come in, plain sentences go out.
import { GONE } from "../kernel";
import { visibleProse } from "../markdown/visible";
import type { Answer } from "../store";
import type { LiveStream } from "../stream";
import { h, setText, type Section } from "./dom";

/** The whole message and what to do about it; the status line has only the short word. */
export function createError({ run }: LiveStream): Section {
  const message = h("span", { dir: "auto" });
  const hint = h("span", { class: "hint", dir: "auto" });
  const icon = h("span", { class: "icon", "aria-hidden": "true" }, "⚠");
  const element = h("div", { part: "error", role: "group", "aria-label": "Error", hidden: true }, icon, h("div", {}, message, hint));
  return {
    element,
    update() {
      const { error } = run.state;
      const isShown = run.ended && error != null;
      element.hidden = !isShown;
      if (!isShown) return;
      setText(message, visibleProse(error.message));
      setText(hint, visibleProse(error.hint));
    },
  };
}

/**
 * One quiet line each for what is so now (`notice`, also after the end), what stays so (`note`), and that the notebook's
 * file will not have the answer (`isUnsaved`).
 */
export function createNotice(stream: LiveStream, isUnsaved: () => boolean): Section {
  const { run } = stream;
  const notice = h("div", { dir: "auto" });
  const note = h("div", { dir: "auto" });
  const unsaved = h("div");
  const element = h("div", { part: "notice", hidden: true }, notice, note, unsaved);
  return {
    element,
    update() {
      setText(notice, isLost(stream) ? "Run the cell again." : visibleProse(run.state.notice ?? ""));
      setText(note, visibleProse(run.state.note ?? ""));
      notice.hidden = !notice.textContent;
      note.hidden = !note.textContent;
      setText(unsaved, run.ended && isUnsaved() ? "Not saved in this layout: display(s) keeps it." : "");
      element.hidden = [notice, note, unsaved].every((line) => !line.textContent);
    },
  };
}

/** A connection to the kernel may come back, a kernel does not. */
const isLost = ({ run, gone }: LiveStream): boolean => !run.ended && gone === GONE;

/** The model's refusal, in its own words and plainly said to be one. */
export function createRefusal(answer: Answer): Section {
  const text = h("span");
  const element = h("p", { part: "refusal", dir: "auto", hidden: true }, h("strong", {}, "Refused: "), text);
  let epoch = answer.refusal.epoch;
  let shown = 0;
  return {
    element,
    update() {
      const { refusal } = answer;
      if (epoch !== refusal.epoch) {
        ({ epoch } = refusal);
        shown = 0;
        text.replaceChildren();
      }
      element.hidden = refusal.length === 0;
      if (shown < refusal.pieces.length) text.append(visibleProse(refusal.pieces.slice(shown).join("")));
      shown = refusal.pieces.length;
    },
  };
}
