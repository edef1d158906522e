// Inline text whose last words are still being typed comes in, text that does not flash when the rest comes goes out:
// what is half-typed is closed or held back. Only for showing; never for what is finished. Knows no tokens, no DOM.
import { isLikelyFormula } from "./hold";
import { CLOSING, MAX_TEX } from "./rules/formula";

/** Longer inline content is shown as it is: the repair would cost more than the flash. */
const MAX_REPAIR = 16_384;
/** More constructs than this are never open in prose; hostile text would make closing them quadratic. */
const MAX_OPEN = 64;
/** Characters after an open bracket that wait for its end: a longer label is rarer than a bracket in prose. */
const MAX_LABEL = 80;

/** A run of emphasis marks, or an open bracket, that may still be closed. */
interface Opener {
  mark: "*" | "_" | "~" | "[";
  at: number;
  /** Marks of the run that nothing has closed yet. */
  left: number;
  length: number;
  closesToo: boolean;
  /** Whether a reader would expect it to be closed: "5*3" is no emphasis yet. */
  isLikely: boolean;
}

interface Scan {
  content: string;
  lineEnded: boolean;
  openers: Opener[];
  /** Marks that open a formula and turned out to be prose. */
  unlikely: number;
}

/** Where to go on, or what is to be shown because the rest is half-typed. */
type Step = number | { shown: string };

/**
 * `content` with what is half-typed at its end closed or left out. `lineEnded`: its last line is complete, so that
 * only what may go on in the next line is open.
 */
export function repairInline(content: string, lineEnded = false): string {
  if (content.length > MAX_REPAIR) return content;
  const openers: Opener[] = [];
  const scan: Scan = { content, lineEnded, openers, unlikely: 0 };
  for (let at = 0; at < content.length; ) {
    if (openers.length + scan.unlikely > MAX_OPEN) return content;
    const next = step(scan, at);
    if (typeof next !== "number") return finish(next.shown, openers, content.length);
    at = next;
  }
  return finish(content, openers, content.length);
}

/** Holds back the label of a link, and what is in it, and closes what is open before. */
function finish(shown: string, openers: readonly Opener[], length: number): string {
  const label = openers.findIndex(({ mark, at }) => mark === "[" && length - at <= MAX_LABEL);
  if (label < 0) return close(shown, openers);
  return close(shown.slice(0, openers[label]?.at), openers.slice(0, label));
}

function step(scan: Scan, at: number): Step {
  const { content, lineEnded } = scan;
  switch (content[at]) {
    case "\\":
      if (at === content.length - 1) return { shown: content.slice(0, at) };
      return /[([]/u.test(content[at + 1] ?? "") ? formula(scan, at) : at + 2;
    case "`":
      return codeSpan(content, at);
    case "$":
      return formula(scan, at);
    case "!":
      return exclamation(scan, at);
    case "[":
      scan.openers.push(bracket(at));
      return at + 1;
    case "]":
      return endOfLabel(scan, at);
    case "*":
    case "_":
    case "~":
      return emphasis(scan, at);
    case "<":
      return autolink(content, at, lineEnded);
    case "&":
      return !lineEnded && HALF_ENTITY.test(content.slice(at)) ? { shown: content.slice(0, at) } : at + 1;
    default:
      return afterPlain(content, at);
  }
}

const PLAIN = /[^\\`$![\]*_~<&]+/uy;
const HALF_ENTITY = /^&(?:#(?:x[\da-f]{0,6}|\d{0,7})|[a-z][a-z\d]{0,31})?$/iu;

function afterPlain(content: string, at: number): number {
  PLAIN.lastIndex = at;
  PLAIN.test(content);
  return PLAIN.lastIndex || at + 1;
}

function codeSpan(content: string, at: number): Step {
  const run = runAt(content, at);
  const start = at + run.length;
  const end = endOfCode(content, start, run.length);
  if (end >= 0) return end;
  // The end of the text may be the first half of the closing run.
  const inside = content.slice(start).replace(/`+$/u, "").trim();
  // One space at each side is taken off by the parser, and keeps the marks from those inside.
  return { shown: content.slice(0, at) + (inside ? `${run} ${inside} ${run}` : "") };
}

/** Where the code span whose content begins at `start` ends, or -1 when it is still open. */
function endOfCode(content: string, start: number, length: number): number {
  for (let at = content.indexOf("`", start); at >= 0; at = content.indexOf("`", at)) {
    const run = runAt(content, at).length;
    at += run;
    if (run === length) return at;
  }
  return -1;
}

/** The run of equal characters that begins at `at`. */
function runAt(content: string, at: number): string {
  let end = at + 1;
  while (content[end] === content[at]) end++;
  return content.slice(at, end);
}

function formula(scan: Scan, at: number): Step {
  const { content } = scan;
  const opening = content[at] === "\\" ? content.slice(at, at + 2) : runAt(content, at);
  const start = at + opening.length;
  if (opening.length > 2 || (opening === "$" && !canOpenFormula(content, at))) return start;
  const end = endOfFormula(content, start, opening);
  if (end === "none") return start;
  if (end !== "open") return end;
  const tex = content.slice(start);
  if (tex.length <= MAX_TEX && isLikelyFormula(tex, opening)) return { shown: content.slice(0, at) };
  scan.unlikely++;
  return start;
}

function canOpenFormula(content: string, at: number): boolean {
  return !/[a-z\d$]/iu.test(content[at - 1] ?? "") && !/[\s$]/u.test(content[at + 1] ?? "");
}

/** Where something ends; "open": not yet; "none": it is something else. */
type End = number | "open" | "none";

function endOfFormula(content: string, start: number, opening: string): End {
  const closing = CLOSING[opening] ?? opening;
  for (let at = start; at < content.length; at++) {
    if (content.startsWith(closing, at)) {
      return opening === "$" ? endOfDollar(content, start, at) : afterFormula(content, start, at, closing);
    }
    if (content[at] === "\\") at++;
  }
  return "open";
}

function afterFormula(content: string, start: number, at: number, closing: string): End {
  const isFormula = content.slice(start, at).trim() !== "" && at - start <= MAX_TEX;
  return isFormula ? at + closing.length : "none";
}

/** A "$" at `at`: between the marks there is no other, so it is the closing one or there is no formula. */
function endOfDollar(content: string, start: number, at: number): End {
  if (/\s/u.test(content[at - 1] ?? " ") || /[a-z\d]/iu.test(content[at + 1] ?? "")) return "none";
  return at === content.length - 1 ? "open" : afterFormula(content, start, at, "$");
}

function exclamation({ content, openers, lineEnded }: Scan, at: number): Step {
  const next = content[at + 1];
  if (next === "[") {
    openers.push(bracket(at));
    return at + 2;
  }
  const mayBegin = next === undefined && !lineEnded && /^$|\s/u.test(content[at - 1] ?? "");
  return mayBegin ? { shown: content.slice(0, at) } : at + 1;
}

function bracket(at: number): Opener {
  return { mark: "[", at, left: 1, length: 1, closesToo: false, isLikely: true };
}

/** What follows a "]" at `at` decides what the bracket before it was. */
function endOfLabel({ content, openers, lineEnded }: Scan, at: number): Step {
  const index = openers.findLastIndex(({ mark }) => mark === "[");
  const opener = openers[index];
  if (!opener) return at + 1;
  const next = content[at + 1];
  const waits = at + 1 - opener.at <= MAX_LABEL;
  if (next === undefined && waits && !lineEnded) return at + 1; // the bracket stays open, and holds its label back
  const target = next === "(" ? endOfTarget(content, at + 1) : next === "[" ? endOfReference(content, at + 1) : "none";
  const inLabel = openers.splice(index).slice(1);
  if (target === "none") {
    openers.push(...inLabel.filter(({ mark }) => mark !== "["));
    return at + 1;
  }
  if (target !== "open") return target;
  const before = content.slice(0, opener.at);
  if (next === "[" || content[opener.at] === "!") return { shown: before };
  const label = content.slice(opener.at + 1, at);
  return { shown: before + (label.includes("[") && !label.includes("![") ? label : repairInline(label)) };
}

function endOfReference(content: string, at: number): End {
  const end = content.indexOf("]", at);
  if (end >= 0) return end + 1;
  return content.length - at <= MAX_LABEL ? "open" : "none";
}

// A link's destination and title, as far as they are typed (CommonMark 6.3): none of it is text.
const HALF_POINTED = /^\(\s*<(?:[^<>\n\\]|\\(?:.|$))*$/u;
const AFTER_DESTINATION = /^(?:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?\s*(\))?/su;
const HALF_TITLE = /^\s+(?:"(?:[^"\\]|\\(?:.|$))*|'(?:[^'\\]|\\(?:.|$))*|\((?:[^()\\]|\\(?:.|$))*)?$/su;

/** Where a link's target, which begins with "(" at `at`, is closed. */
function endOfTarget(content: string, at: number): End {
  const rest = content.slice(at);
  if (HALF_POINTED.test(rest)) return "open";
  const pointed = /^\(\s*<(?:[^<>\n\\]|\\.)*>/u.exec(rest);
  const length = pointed ? pointed[0].length : destination(rest);
  const after = rest.slice(length);
  if (after === "" || HALF_TITLE.test(after)) return "open";
  const end = AFTER_DESTINATION.exec(after);
  if (end?.[1]) return at + length + end[0].length;
  return end && end[0].length === after.length ? "open" : "none";
}

/** The length of "(" and a destination without pointed brackets, in which parentheses are balanced. */
function destination(rest: string): number {
  let depth = 0;
  let at = /^\(\s*/u.exec(rest)?.[0].length ?? 1;
  for (; at < rest.length && !/[\s\p{Cc}]/u.test(rest[at] ?? ""); at++) {
    if (rest[at] === "\\") at++;
    else if (rest[at] === "(") depth++;
    else if (rest[at] === ")" && --depth < 0) break;
  }
  return Math.min(at, rest.length);
}

/** Takes the run of marks at `at` as closer, opener or text, by CommonMark's rules (6.2). */
function emphasis({ content, openers, lineEnded }: Scan, at: number): Step {
  const run = runAt(content, at);
  const end = at + run.length;
  if (end === content.length && !lineEnded) return { shown: content.slice(0, at) };
  const before = previousCharacter(content, at);
  const after = nextCharacter(content, end);
  const opens = isFlanking(before, after);
  const closes = isFlanking(after, before);
  const mark = run[0] as "*" | "_" | "~";
  const canOpen = mark === "_" ? opens && (!closes || isPunctuation(before)) : opens;
  const canClose = mark === "_" ? closes && (!opens || isPunctuation(after)) : closes;
  const left = canClose ? closeWith(mark, run.length, canOpen, openers) : run.length;
  if (canOpen && left > 0) {
    openers.push({ mark, at: end - left, left, length: run.length, closesToo: canClose, isLikely: isLikely(run, before, after) });
  }
  return end;
}

/** Closes what a run of `length` marks can; gives how many of them are left. */
function closeWith(mark: Opener["mark"], length: number, canOpen: boolean, openers: Opener[]): number {
  let left = length;
  while (left > 0) {
    const index = openers.findLastIndex((opener) => fits(opener, mark, length, canOpen));
    const opener = openers[index];
    // Emphasis ends with the label it was opened in.
    if (!opener || openers.slice(index).some((inner) => inner.mark === "[")) return left;
    openers.length = index + 1;
    const used = left >= 2 && opener.left >= 2 ? 2 : 1;
    left -= used;
    opener.left -= used;
    if (opener.left === 0) openers.pop();
  }
  return left;
}

function fits(opener: Opener, mark: Opener["mark"], length: number, canOpen: boolean): boolean {
  if (opener.mark !== mark) return false;
  if (mark === "~") return opener.length === length;
  const isOdd = (opener.closesToo || canOpen) && (opener.length + length) % 3 === 0;
  return !isOdd || (opener.length % 3 === 0 && length % 3 === 0);
}

/** "5*3" and "2**10" are arithmetic until they are closed, and so is a lone "~" before a number. */
function isLikely(run: string, before: string, after: string): boolean {
  if (run[0] === "~") return run.length === 2;
  if (/\d/u.test(before) && /\d/u.test(after)) return false;
  return run.length > 1 || !/[a-z\d]/iu.test(before);
}

/** Whether a run may open emphasis; with the sides exchanged: whether it may close it. */
function isFlanking(outside: string, inside: string): boolean {
  if (isSpace(inside)) return false;
  return !isPunctuation(inside) || isSpace(outside) || isPunctuation(outside);
}

const isSpace = (character: string): boolean => /^$|\s/u.test(character);
const isPunctuation = (character: string): boolean => /[\p{P}\p{S}]/u.test(character);

function previousCharacter(content: string, at: number): string {
  return /.$/su.exec(content.slice(Math.max(0, at - 2), at))?.[0] ?? "";
}

function nextCharacter(content: string, at: number): string {
  return String.fromCodePoint(content.codePointAt(at) ?? 0x20);
}

const AUTOLINK = /^<(?:[a-z][a-z\d+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>/iu;
const HALF_AUTOLINK = /^<(?:[a-z][a-z\d+.-]{0,31}(?::[^\s<>]*)?|[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?:@[\w.-]*)?)?$/iu;

/** An address in pointed brackets waits for its end; it has no white space, so that prose never waits long. */
function autolink(content: string, at: number, lineEnded: boolean): Step {
  const rest = content.slice(at);
  const whole = AUTOLINK.exec(rest);
  if (whole) return at + whole[0].length;
  return !lineEnded && HALF_AUTOLINK.test(rest) ? { shown: content.slice(0, at) } : at + 1;
}

/** Closes what is open, the innermost first. */
function close(content: string, openers: readonly Opener[]): string {
  let text = content;
  for (const { mark, at, left, isLikely } of openers.toReversed()) {
    if (mark === "[" || !isLikely) continue;
    if (text.slice(at + left).trim()) text = text.trimEnd() + mark.repeat(left);
    else text = text.slice(0, at);
  }
  return text;
}
