// The answer's text comes in, finished sentences go to one polite live region at a pace that a screen reader can
// follow, and at the end the end state. The answer itself is no live region: it would be read anew at each token.
import { isStale } from "../store";
import type { LiveStream } from "../stream";
import { h, type Section } from "./dom";

const SPEAK_EVERY_MS = 3000;
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
function sentenceEnd(text: string): number {
  let end = text.lastIndexOf("\n") + 1;
  for (const match of text.matchAll(/[.!?…][)"'’”\]*_]*\s|[。!?]/gu)) end = Math.max(end, match.index + match[0].length);
  return end;
}

/** Markdown's marks left out, for the ear; what only looks like one (finish_reason, 2 * 3) is kept. */
export function plainWords(markdown: string): string {
  // More is never spoken, and the patterns below take quadratic time on hostile text.
  return markdown.slice(-4 * MAX_SPOKEN).split("\n").map(plainLine).join(" ").replace(/\s+/g, " ").trim();
}

/** A line without its block marks: fences, rules, headings, quotes, bullets, check boxes, the bars of a table. */
function plainLine(line: string): string {
  const quoted = line.replace(/^[\s>]+/, "");
  if (/^(?:```|~~~)/.test(quoted) || /^(?=.*[-=*_])[\s|:=*_-]+$/.test(quoted)) return "";
  const text = quoted
    .replace(/^#{1,6}(?=\s|$)/, "")
    .replace(/^[-*+](?=\s|$)\s*/, "")
    .replace(/^(\d{1,9}[.)]\s+)?\[([ xX])\](?=\s)/, (_, number: string | undefined, box: string) => `${number ?? ""}${box === " " ? "open:" : "done:"}`);
  const cells = text.startsWith("|") ? text.replace(/^\||\|\s*$/g, "").replace(/\s*(?<!\\)\|\s*/g, ", ") : text;
  return plainSpans(cells);
}

const LINK = /!?\[([^[\]]*)\]\((?:[^()]|\([^()]*\))*\)/g;
/** Code as it is, an escaped character, then emphasis at the edge of a word. */
const SPAN = /(?<!`)(`{1,3})(?!`)(.{1,300}?)(?<!`)\1(?!`)|\\([!-/:-@[-`{-~])|`+|(?<![\p{L}\p{N}*_~])(?:[*_]|~~)+(?![\s*_~])|(?<![\s*_~])(?:[*_]|~~)+(?![\p{L}\p{N}*_~])/gu;

const plainSpans = (text: string): string =>
  // Twice, for an image may be a link.
  text.replace(LINK, "$1").replace(LINK, "$1").replace(SPAN, (_, _ticks, code: string | undefined, escaped: string | undefined) => code ?? escaped ?? "");
