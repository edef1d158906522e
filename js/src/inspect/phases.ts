// Where the time went, as bars: as it was seen here, and below, where the server tells, by its own clock. Each part is
// named with its time beside a swatch of its own pattern.
import { h, setText } from "../view/dom";
import { duration, figure } from "./scales";
import type { Span, SpanKind } from "./servertimes";
import type { Timing } from "./timingmodel";

interface Phase {
  readonly kind: "open" | "wait" | "stream" | SpanKind;
  readonly words: string;
  readonly seconds: number;
}

const WORDS: Record<SpanKind, string> = { queue: "queue", load: "loading the model", prompt: "prompt", generation: "generation" };

export interface Phases {
  readonly element: HTMLElement;
  draw(timing: Timing): void;
}

export function createPhases(): Phases {
  const here = createRow();
  const there = createRow();
  const element = h("div", { class: "phases" }, here.element, there.element);
  return {
    element,
    draw(timing) {
      const seen = phasesHere(timing);
      const { server, serverInAll } = timing;
      const told = (server?.spans ?? []).map(phaseOf);
      // By the whole trace, so that nothing jumps where the player goes back.
      const longest = Math.max(timing.span, sum((serverInAll?.spans ?? []).map(phaseOf)), serverInAll?.total ?? 0);
      here.draw("Seen here", seen, longest);
      // Its room is kept while it has not come yet in a replay.
      there.draw(serverInAll ? `Told by the server (${serverInAll.server})${server ? "" : ": not yet"}` : "", told, longest);
    },
  };
}

function phasesHere({ openedAt, firstAt, lastAt, until }: Timing): Phase[] {
  const opened = openedAt ?? 0;
  const first = firstAt ?? Math.max(opened, until);
  return [
    ...(openedAt === null ? [] : [{ kind: "open" as const, words: "until the response began", seconds: opened }]),
    { kind: "wait", words: openedAt === null ? "until the first token" : "then until the first token", seconds: Math.max(0, first - opened) },
    ...(lastAt === null ? [] : [{ kind: "stream" as const, words: "from the first to the last token", seconds: lastAt - first }]),
  ];
}

/** "prompt, 812 tokens (4,210/s)" */
function phaseOf({ kind, seconds, tokens }: Span): Phase {
  const counted = tokens === null ? "" : `, ${tokens.toLocaleString("en-US")} token${tokens === 1 ? "" : "s"}`;
  const rate = tokens && seconds > 0 ? ` (${figure(tokens / seconds)}/s)` : "";
  return { kind, seconds, words: `${WORDS[kind]}${counted}${rate}` };
}

const sum = (phases: readonly Phase[]): number => phases.reduce((total, { seconds }) => total + seconds, 0);

interface Row {
  readonly element: HTMLElement;
  /** Hidden where there is no name. */
  draw(name: string, phases: readonly Phase[], longest: number): void;
}

function createRow(): Row {
  const title = h("span", { class: "phase-title" });
  const bar = h("div", { class: "phase-bar", "aria-hidden": "true" });
  const list = h("ul", { class: "phase-list" });
  const element = h("div", { class: "phase-row" }, title, bar, list);
  let kinds = "";
  return {
    element,
    draw(name, phases, longest) {
      element.hidden = name === "";
      setText(title, name);
      const key = phases.map(({ kind }) => kind).join();
      if (key !== kinds) {
        kinds = key;
        bar.replaceChildren(...phases.map(({ kind }) => h("span", { class: "phase", "data-kind": kind })));
        list.replaceChildren(...phases.map(({ kind }) => h("li", {}, h("span", { class: "swatch phase", "data-kind": kind, "aria-hidden": "true" }), h("span"))));
      }
      phases.forEach(({ words, seconds }, index) => {
        const part = bar.children[index] as HTMLElement;
        const width = `${((100 * seconds) / longest).toFixed(2)}%`;
        if (part.style.width !== width) part.style.width = width;
        setText(list.children[index]?.lastElementChild as HTMLElement, `${words} ${duration(seconds)}`);
      });
    },
  };
}
