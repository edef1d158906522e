// The tracks come in, buttons that choose one go out: the runs, and under each what branched off from it.
import { visibleProse } from "../markdown/visible";
import { h, setAttribute, setText } from "../view/dom";
import type { Inspector } from "./inspector";
import type { Player } from "./player";
import type { Trace } from "./trace";

/** Deeper branches stand as deep as this. */
const MAX_DEPTH = 8;

export function createTree(inspector: Inspector, player: Player, signal: AbortSignal) {
  const list = h("ul", { class: "branches", "aria-label": "Branches" });
  const buttons: HTMLButtonElement[] = [];

  const add = (track: number, trace: Trace): void => {
    const depth = depthOf(inspector, track);
    const button = h("button", { type: "button", title: "Show this one" });
    button.addEventListener("click", () => player.choose(track), { signal });
    const item = h("li", { class: depth > 0 ? "under" : "" }, button);
    item.style.setProperty("--ns-depth", String(depth));
    buttons.push(button);
    const { parent } = trace.about;
    const before = parent === null ? null : lastUnder(inspector, parent, track);
    const anchor = before === null ? null : buttons[before]?.parentElement;
    if (anchor) anchor.after(item);
    else list.append(item);
  };

  return {
    element: list,
    /** The focus comes to the one that is shown. */
    focus(): void {
      buttons[player.chosen]?.focus({ preventScroll: true });
    },
    update(): void {
      const { sources, options } = inspector;
      for (const { index, trace } of sources.slice(buttons.length)) add(index, trace);
      list.hidden = sources.length < 2 || options.race;
      if (list.hidden) return;
      for (const [track, button] of buttons.entries()) {
        const trace = sources[track]?.trace;
        if (trace) setText(button, wordsOf(inspector, trace)); // what it branched off from may come later
        setAttribute(button, "aria-pressed", String(track === player.chosen));
      }
    },
  };
}

function depthOf({ sources }: Inspector, track: number): number {
  let depth = 0;
  for (let at = sources[track]?.trace.about.parent ?? null; at !== null && depth < MAX_DEPTH; at = sources[at]?.trace.about.parent ?? null) depth++;
  return depth;
}

/** The last one before `track` that stands under `parent`, or `parent` itself. */
function lastUnder({ sources }: Inspector, parent: number, track: number): number {
  const isUnder = (at: number): boolean => {
    let up: number | null = at;
    for (let steps = 0; up !== null && steps <= sources.length; steps++) {
      if (up === parent) return true;
      up = sources[up]?.trace.about.parent ?? null;
    }
    return false;
  };
  for (let at = track - 1; at > parent; at--) if (isUnder(at)) return at;
  return parent;
}

/** "‘mat’ instead of ‘hat’ at token 12" */
function wordsOf({ sources }: Inspector, { about }: Trace): string {
  if (about.parent === null) return visibleProse(about.label || about.model || "original");
  const instead = about.token === null ? undefined : sources[about.parent]?.trace.tokens[about.token];
  const quoted = (text: string): string => `‘${visibleProse(text.replace(/\n/gu, "↵").slice(0, 24))}’`;
  return instead ? `${visibleProse(about.label)}, instead of ${quoted(instead.text)}` : visibleProse(about.label);
}
