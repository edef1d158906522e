// A finished answer and its sources come in, small numbers go out, behind the words that a source stands for. Rendered
// Markdown does not know where its text came from: so a number stands behind the cited words where these are found once
// in their block, else at the block's end. The number is made by a style, so that it is neither copied nor text.
import { blocksAt } from "../markdown/blocks";
import { targetOf } from "../markdown/links";
import { normalize, parseBlocks } from "../markdown/parser";
import { visibleProse } from "../markdown/visible";
import { h } from "./dom";
import { MAX_SOURCES, type Source } from "./sources";

/** A longer answer keeps its list of sources, without numbers in the text: finding their places must stay cheap. */
const MAX_CHARS = 200_000;
const MAX_MARKERS = 300;
/** Characters of the end of the cited words that are looked for; fewer could be anywhere. */
const PHRASE = 40;
const MIN_PHRASE = 4;

/** Adds the numbers to `content`, the finished Markdown of `text`. */
export function placeMarkers(content: HTMLElement, text: string, sources: readonly Source[]): void {
  if (text.length > MAX_CHARS) return;
  const ends = endsOf(sources);
  if (ends.size === 0) return;
  const blocks = blocksAt(0, parseBlocks(normalize(text)).tokens);
  const elements = Array.from(content.children);
  if (blocks.length !== elements.length) return; // not this text's page: rather no number than a wrong one
  const units = createUnits(text);
  const lineEnds = Array.from(text.matchAll(/\r\n?|\n/gu), ({ index }) => index);
  let line = 0; // only grows, for the ends are in order
  for (const [end, { start, cited }] of [...ends].sort(([a], [b]) => a - b).slice(0, MAX_MARKERS)) {
    const to = units(end);
    const cutAt = text.slice(0, to).trimEnd().length;
    while ((lineEnds[line] ?? Infinity) < cutAt) line++;
    const block = elements[blocks.findLastIndex((candidate) => candidate.start <= line)];
    if (!(block instanceof HTMLElement) || block.matches(".ns-code, .ns-math, .ns-scroll, hr")) continue;
    const marks = cited.map(createMarker);
    const phrase = findPhrase(block, phraseOf(text.slice(units(start), to)));
    if (phrase) phrase.after(...marks);
    else lastText(block).append(...marks);
  }
}

/** The sources by where their cited words end, each once. */
function endsOf(sources: readonly Source[]): Map<number, { start: number; cited: Source[] }> {
  const ends = new Map<number, { start: number; cited: Source[] }>();
  for (const source of sources.slice(0, MAX_SOURCES)) {
    for (const { start = 0, end } of source.cited) {
      if (end === undefined || end <= start) continue;
      const known = ends.get(end);
      if (!known) ends.set(end, { start, cited: [source] });
      else if (!known.cited.includes(source)) known.cited.push(source);
    }
  }
  return ends;
}

/** From a number of code points, as the kernel counts, to UTF-16 units. */
function createUnits(text: string): (points: number) => number {
  const isPlain = !/[\uD800-\uDFFF]/u.test(text) && !/[\u{10000}-\u{10FFFF}]/u.test(text);
  const points = isPlain ? [] : Array.from(text);
  return (count) => (isPlain ? Math.min(count, text.length) : points.slice(0, count).join("").length);
}

/** The last words of `cited` that no mark of Markdown can have changed. */
function phraseOf(cited: string): string {
  const words = /[^*_~[\](){}<>&`\\|$#\n]+$/u.exec(cited.replace(/[*_~`\s.,;:!?)\]]+$/u, ""))?.[0].trim() ?? "";
  return words.length < MIN_PHRASE ? "" : words.slice(-PHRASE);
}

/** What ends with `phrase`, and the punctuation behind it, if that stands in `block` exactly once. */
function findPhrase(block: HTMLElement, phrase: string): ChildNode | undefined {
  if (!phrase) return undefined;
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let found: { node: Text; at: number } | undefined;
  for (let node = walker.nextNode(); node instanceof Text; node = walker.nextNode()) {
    if (node.parentElement?.closest(".ns-code, .ns-math, .ns-tex")) continue;
    const at = node.data.indexOf(phrase);
    if (at < 0) continue;
    if (found || node.data.includes(phrase, at + 1)) return undefined;
    found = { node, at };
  }
  if (!found) return undefined;
  const { node, at } = found;
  const link = node.parentElement?.closest("a");
  if (link) return link;
  const behind = at + phrase.length;
  const end = behind + (/^[.,;:!?…"”’)\]]*/u.exec(node.data.slice(behind))?.[0].length ?? 0);
  if (end < node.length) node.splitText(end);
  return node;
}

/** The innermost last element of prose. */
function lastText(block: HTMLElement): Element {
  return Array.from(block.querySelectorAll("p, li")).findLast((element) => !element.querySelector("p, li, .ns-code")) ?? block;
}

function createMarker({ number, url, title }: Source): HTMLElement {
  const target = targetOf(url);
  const label = `Source ${number}${title ? `: ${visibleProse(title)}` : ""}`;
  const props = { "data-number": String(number), "aria-label": label };
  const mark = target
    ? h("a", { ...props, href: target.href, target: "_blank", rel: "noopener noreferrer", title: `${label}\n${target.href}` })
    : h("span", { ...props, role: "img", title: label });
  return h("sup", { class: "ns-cite" }, mark);
}
