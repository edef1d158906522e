// The Wire view: the events of a run up to the player's place come in, a list of them goes out, with what was asked and
// answered above it, a search, and the event that is opened below it.
import { visibleCode } from "../markdown/visible";
import { createCopyButton } from "../view/copy";
import { h, setAttribute, setText } from "../view/dom";
import { createJsonPrinter } from "../view/json";
import type { MakePanel, Shown } from "./panel";
import { countBelow } from "./playback";
import type { Moment, Trace } from "./trace";
import { createWireList } from "./wirelist";
import { gap, has, kindOf, nameOf, offset, opened, type Kind } from "./wirerows";

const KINDS: readonly (readonly [Kind, string])[] = [
  ["event", "events"],
  ["unknown", "unknown"],
  ["comment", "comments"],
];

export const createWirePanel: MakePanel = (shown, signal) => {
  const { trace, selection, place } = shown;
  const filter = createFilter(trace);
  const detail = createDetail(trace, signal);
  let openedMoment: number | null = null;
  let isOwn = false; // what is pointed at was pointed at here

  const point = (act: () => void): void => {
    isOwn = true;
    act();
    isOwn = false;
  };
  const open = (moment: number): void => {
    const isSame = selection.isHeld && selection.now.moment === moment;
    openedMoment = moment;
    point(() => {
      selection.hold(false);
      selection.pointToMoment(moment);
      selection.hold(!isSame);
    });
    showDetail();
  };
  const list = createWireList({ trace, onPoint: (moment) => point(() => selection.pointToMoment(moment)), onOpen: open }, signal);
  const showDetail = (): void => detail.show(selection.isHeld || selection.now.moment !== null ? (selection.now.moment ?? openedMoment) : openedMoment);

  const count = h("span", { class: "found", role: "status" });
  const search = h("input", { type: "search", placeholder: "Search ( / )", "aria-label": "Search in events", spellcheck: "false" });
  const go = (direction: 1 | -1): void => {
    const from = list.cursor >= 0 ? list.cursor : (selection.now.moment ?? -1);
    const next = filter.next(from, direction, place.moments);
    if (next === null) return;
    list.moveTo(next);
    point(() => selection.pointToMoment(next));
    openedMoment = next;
    showDetail();
    showCount();
  };
  const showCount = (): void => {
    const { wanted } = filter;
    const hits = wanted ? filter.hits(place.moments) : [];
    const at = hits.indexOf(list.cursor);
    setText(count, !wanted ? "" : at >= 0 ? `${at + 1} of ${hits.length}` : `${hits.length} found`);
    for (const button of steps) button.disabled = hits.length === 0;
  };
  const steps = [createStep("Previous", "↑", () => go(-1), signal), createStep("Next", "↓", () => go(1), signal)];
  search.addEventListener("input", () => {
    filter.search(search.value);
    list.setFound(filter.wanted ? (moment) => filter.isHit(moment) : null);
    showCount();
  }, { signal }); // prettier-ignore
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && search.value) {
      search.value = "";
      search.dispatchEvent(new Event("input"));
      list.element.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal }); // prettier-ignore

  let wasWhole = true;
  const update = (): void => {
    // Leaving the end by the player, the reader wants to see what comes.
    const isWhole = place.moments >= trace.moments.length;
    if (wasWhole && !isWhole) list.follow();
    wasWhole = isWhole;
    list.show(filter.numbers(), filter.countUntil(place.moments));
    kinds.update();
    about.update();
    showCount();
    showDetail();
  };
  const kinds = createKinds(filter, () => place.moments, update, signal);
  const about = createAbout(shown);
  const bar = h("div", { class: "wire-bar", role: "group", "aria-label": "Filter and search" }, kinds.element, h("span", { class: "search" }, search, count, ...steps));
  const element = h("div", { class: "wire-panel" }, about.element, bar, list.element, detail.element);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "/" || (event.target as Element).closest("input, select, textarea")) return;
    search.focus();
    event.preventDefault();
  }, { signal }); // prettier-ignore
  selection.subscribe(() => {
    list.mark(selection.now.moment, !isOwn);
    showDetail();
  }, signal);
  list.mark(selection.now.moment, true);
  return { element, update };
};

const createStep = (label: string, text: string, act: () => void, signal: AbortSignal): HTMLButtonElement => {
  const element = h("button", { type: "button", "aria-label": label, title: label }, text);
  element.addEventListener("click", act, { signal });
  return element;
};

/** Which moments are listed and found; each is looked at once, as it comes. */
function createFilter({ moments }: Trace) {
  const shown = new Set<Kind>(["event", "unknown", "comment"]);
  const counts: Record<Kind, number[]> = { event: [], unknown: [], comment: [] };
  let numbers: number[] = [];
  let hits: number[] = [];
  let taken = 0;
  let wanted = "";

  const take = (): void => {
    for (; taken < moments.length; taken++) {
      const moment = moments[taken] as Moment;
      const kind = kindOf(moment);
      counts[kind].push(taken);
      if (!shown.has(kind)) continue;
      numbers.push(taken);
      if (wanted && has(moment, wanted)) hits.push(taken);
    }
  };
  const anew = (): void => {
    numbers = [...shown].flatMap((kind) => counts[kind]).sort((a, b) => a - b);
    hits = wanted ? numbers.filter((number) => has(moments[number] as Moment, wanted)) : [];
  };
  const below = (list: readonly number[], end: number): number => countBelow(list.length, (at) => (list[at] ?? 0) < end);
  return {
    get wanted() {
      return wanted;
    },
    numbers: () => {
      take();
      return numbers;
    },
    countUntil: (end: number): number => below(numbers, end),
    hits: (end: number): readonly number[] => hits.slice(0, below(hits, end)),
    isHit: (moment: number): boolean => has(moments[moment] as Moment, wanted),
    next(from: number, direction: 1 | -1, end: number): number | null {
      const here = hits.slice(0, below(hits, end));
      const found = direction > 0 ? here.find((number) => number > from) : here.findLast((number) => number < from);
      return found ?? (direction > 0 ? here[0] : here.at(-1)) ?? null;
    },
    search(text: string): void {
      wanted = text.trim().toLowerCase();
      anew();
    },
    isShown: (kind: Kind): boolean => shown.has(kind),
    countOf: (kind: Kind, end: number): number => below(counts[kind], end),
    toggle(kind: Kind): void {
      if (!shown.delete(kind)) shown.add(kind);
      anew();
    },
  };
}

function createKinds(filter: ReturnType<typeof createFilter>, end: () => number, onChange: () => void, signal: AbortSignal) {
  const buttons = KINDS.map(([kind, words]) => {
    const number = h("span", { class: "count" });
    const button = h("button", { type: "button", title: `Show or hide ${words}` }, `${words} `, number);
    button.addEventListener("click", () => {
      filter.toggle(kind);
      onChange();
    }, { signal }); // prettier-ignore
    return { kind, button, number };
  });
  return {
    element: h("span", { class: "kinds" }, ...buttons.map(({ button }) => button)),
    update(): void {
      for (const { kind, button, number } of buttons) {
        setAttribute(button, "aria-pressed", String(filter.isShown(kind)));
        const count = filter.countOf(kind, end());
        setText(number, count.toLocaleString("en-US"));
        button.hidden = count === 0 && kind !== "event" && filter.isShown(kind);
      }
    },
  };
}

/** The event that is pointed at or was opened, in a place of its own. */
function createDetail(trace: Trace, signal: AbortSignal) {
  let now: number | null = null;
  const title = h("span", { class: "what" }, "Point at an event to see it whole.");
  const copy = createCopyButton(() => trace.moments[now ?? -1]?.data ?? "", signal);
  const code = h("code");
  const text = h("pre", { tabindex: "0", "aria-label": "The event as sent", dir: "ltr" }, code);
  const element = h("div", { class: "detail" }, h("div", { class: "detail-head" }, title, copy), text);
  copy.hidden = true;
  return {
    element,
    show(moment: number | null): void {
      const found = moment === null ? undefined : trace.moments[moment];
      if (!found || moment === now || moment === null) return;
      now = moment;
      copy.hidden = false;
      setText(title, [`${moment + 1}`, `${offset(found.at)} s`, gap(trace, moment), visibleCode(nameOf(found))].filter(Boolean).join(" · "));
      setText(code, visibleCode(opened(found)));
      text.scrollTop = 0;
    },
  };
}

/** What was asked, and what the response began with, folded. */
function createAbout({ trace, place }: Shown) {
  const { request, wire_format, host, lost } = trace.about;
  const pretty = (value: unknown): string => visibleCode(JSON.stringify(value, null, 2));
  const fold = (title: string, ...more: string[]): { element: HTMLElement; words: HTMLElement; code: HTMLElement } => {
    const words = h("span", { class: "quiet" }, more.join(" · "));
    const code = h("code");
    const pre = h("pre", { tabindex: "0", "aria-label": title, dir: "ltr" }, code);
    return { element: h("details", {}, h("summary", {}, `${title} `, words), pre), words, code };
  };
  const asked = fold("Request", ...[wire_format, host].filter(Boolean).map((text) => visibleCode(text)));
  const answered = fold("Response");
  const missing = h("div", { class: "quiet" }, `${lost.toLocaleString("en-US")} events were not kept: the recording is bounded.`);
  if (request) setText(asked.code, pretty(request));
  asked.element.hidden = request === null;
  missing.hidden = lost === 0;
  let shown = "";
  return {
    element: h("div", { class: "about" }, asked.element, answered.element, missing),
    update(): void {
      const number = trace.moments.findIndex(({ name }) => name === ":opened");
      const moment = number >= 0 && number < place.moments ? trace.moments[number] : undefined;
      answered.element.hidden = !moment;
      if (!moment || moment.data === shown) return;
      shown = moment.data;
      setText(answered.words, [statusOf(moment.data), `${offset(moment.at)} s`].filter(Boolean).join(" · "));
      setText(answered.code, visibleCode(createJsonPrinter()(moment.data)));
    },
  };
}

function statusOf(data: string): string {
  try {
    return `status ${String((JSON.parse(data) as { status_code?: unknown }).status_code).slice(0, 10)}`;
  } catch {
    return "";
  }
}
