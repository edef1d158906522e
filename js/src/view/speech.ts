// The answer's text comes in, finished sentences go to one polite live region at a pace that a screen reader can
// follow, and at the end the end state. The answer itself is no live region: it would be read anew at each token.
import { isStale } from "../store";
import type { LiveStream } from "../stream";
import { h, type Section } from "./dom";

export const SPEAK_EVERY_MS = 3000;
/** Characters spoken at once at most; who wants more reads the answer itself. */
const MAX_SPOKEN = 1500;

/** Switched on or off for the page: whoever turns one stream silent wants silence. */
export const speech = { isOn: true };

/** Two views of one stream say everything once. */
const speakers = new WeakMap<LiveStream, symbol>();

export function createSpeech(stream: LiveStream, endWords: () => string, signal: AbortSignal): Section {
  const element = h("div", { class: "unseen", role: "status", "aria-live": "polite", "aria-label": "Spoken answer" });
  const self = Symbol("view");
  const { run } = stream;
  const wasEnded = run.ended;
  let taken = run.text.pieces.length; // what was there before this view is for reading, not for speaking
  let epoch = run.text.epoch;
  let pending = "";
  let spokenAt = -SPEAK_EVERY_MS;
  let isDone = wasEnded;
  signal.addEventListener("abort", () => {
    if (speakers.get(stream) === self) speakers.delete(stream);
  });

  const collect = (): void => {
    if (epoch !== run.text.epoch) {
      ({ epoch } = run.text);
      [taken, pending] = [run.text.pieces.length, ""];
    }
    pending += run.text.pieces.slice(taken).join("");
    taken = run.text.pieces.length;
  };
  const say = (text: string): void => {
    const words = text.length > MAX_SPOKEN ? `… ${text.slice(-MAX_SPOKEN)}` : text;
    if (words) element.replaceChildren(h("p", {}, words));
  };

  return {
    element,
    update() {
      collect();
      if (isDone || signal.aborted) return;
      if (!speakers.has(stream)) speakers.set(stream, self);
      const isEnd = run.ended && !isStale(run);
      const now = performance.now();
      const isDue = now - spokenAt >= SPEAK_EVERY_MS;
      if (!speech.isOn || speakers.get(stream) !== self) {
        pending = "";
        isDone = isEnd;
        return;
      }
      if (!isEnd && !isDue) return;
      const cut = isEnd ? pending.length : sentenceEnd(pending);
      const spoken = [plainWords(pending.slice(0, cut)), isEnd ? endWords() : ""].filter(Boolean).join(" ");
      pending = pending.slice(cut);
      isDone = isEnd;
      if (!spoken) return;
      spokenAt = now;
      say(spoken);
    },
  };
}

/** Where the last finished sentence or line ends; 0 when there is none. */
export function sentenceEnd(text: string): number {
  let end = text.lastIndexOf("\n") + 1;
  for (const match of text.matchAll(/[.!?…][)"'’”\]*_]*\s|[。!?]/gu)) end = Math.max(end, match.index + match[0].length);
  return end;
}

/** Markdown's marks left out, for the ear. */
export function plainWords(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, "$1")
    .replace(/^\s*(?:#{1,6}|>|[-*+]|```.*|~~~.*)(?=\s|$)/gm, "")
    .replace(/[*_`|]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
