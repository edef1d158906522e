// An inspector, its player and a shadow root come in, the whole view goes out: which views are open, the transport, the
// tracks side by side or as a tree. It joins the parts; each part knows only its own.
import { visibleProse } from "../markdown/visible";
import { h, setAttribute, setText } from "../view/dom";
import { onFrame } from "../view/frame";
import { holdKeys } from "../view/keys";
import { followTheme } from "../view/theme";
import { createAnswerMark, type AnswerMark } from "./answermark";
import { createAnswerPane, type AnswerPane, type Drawing } from "./answerpane";
import type { Inspector } from "./inspector";
import { movePlayer } from "./keys";
import { VIEWS, type ViewName } from "./options";
import { pace } from "./pace";
import type { MakePanel, Panel, Shown } from "./panel";
import type { Player } from "./player";
import { createSelection, type Selection } from "./selection";
import { inspectorStyles } from "./styles";
import { createTimingPanel } from "./timing";
import { createTokensPanel } from "./tokens";
import { createTransport } from "./transport";
import { createTree } from "./tree";
import { createWirePanel } from "./wirepanel";

const TITLES: Record<ViewName, string> = { answer: "Answer", tokens: "Tokens", timing: "Timing", wire: "Wire" };
const PANELS: Record<Exclude<ViewName, "answer">, MakePanel> = { tokens: createTokensPanel, timing: createTimingPanel, wire: createWirePanel };

/** A view that is open. */
interface Open {
  element: HTMLElement;
  end: AbortController;
  panel?: Panel;
}

/** Draws `inspector` into `root` until `signal` aborts. The returned function draws it anew, for a core that has come. */
export function createLayout(root: ShadowRoot, inspector: Inspector, player: Player, drawing: Drawing, signal: AbortSignal): () => void {
  const host = root.host as HTMLElement;
  const open = new Map<ViewName, Open>();
  const selections = new Map<number, Selection>();
  const panes = new Set<Pick<AnswerPane, "update">>();
  let chosen = player.chosen;

  const transport = createTransport(player, signal);
  const tree = createTree(inspector, player, signal);
  const toggles = createToggles((name) => toggle(name), signal);
  const remark = h("div", { class: "remark", dir: "auto", role: "status" });
  const views = h("div", { class: "views" });
  const top = h("div", { class: "top" }, toggles.element, remark);
  root.replaceChildren(h("style", {}, inspectorStyles), h("div", { class: "inspector" }, top, transport.element, tree.element, views));

  const selectionOf = (track: number): Selection | undefined => {
    const trace = player.playbacks[track]?.trace;
    if (!trace) return undefined;
    const known = selections.get(track) ?? createSelection(trace);
    selections.set(track, known);
    return known;
  };
  const shownOf = (track: number): Shown | null => {
    const playback = player.playbacks[track];
    const selection = selectionOf(track);
    if (!playback || !selection) return null;
    const { trace, place } = playback;
    const branch = trace.about.branches ? (token: number, alternative: number) => inspector.branch(track, token, alternative) : null;
    return {
      trace,
      selection,
      place,
      get branch() {
        return inspector.gone ? null : branch; // nobody is there to go on
      },
      seek: (seconds) => player.seek(seconds),
    };
  };

  const makeAnswers = (end: AbortSignal): HTMLElement => {
    const tracks = inspector.options.race ? player.playbacks.map((_, track) => track) : [player.chosen];
    const columns = tracks.map((track) => {
      const pane = createAnswerPane(inspector, player, track, drawing, end);
      const mark = markIn(pane, track, end);
      const both = { update: () => [pane, mark].forEach((part) => part?.update()) };
      panes.add(both);
      end.addEventListener("abort", () => panes.delete(both));
      movePlayer(pane.root, player, () => transport.unit, end);
      pane.root.host.toggleAttribute("data-column", tracks.length > 1);
      return tracks.length > 1 ? createColumn(track, pane) : pane.element;
    });
    return h("div", { class: tracks.length > 1 ? "race" : "alone" }, ...columns);
  };
  const markIn = (pane: AnswerPane, track: number, end: AbortSignal): AnswerMark | null => {
    const playback = player.playbacks[track];
    const selection = selectionOf(track);
    const isLinked = (): boolean => open.size > 1 && track === player.chosen;
    return playback && selection ? createAnswerMark(pane.root, playback, selection, isLinked, end) : null;
  };
  /** One of several that race: its name chooses it for the other views. */
  const createColumn = (track: number, pane: AnswerPane): HTMLElement => {
    const about = player.playbacks[track]?.trace.about;
    const name = h("button", { type: "button", class: "name", title: "Show the tokens, times and events of this one" }, visibleProse(about?.label ?? ""));
    name.addEventListener("click", () => player.choose(track), { signal });
    return h("div", { class: "column", "data-track": String(track) }, name, pane.element);
  };

  const openView = (name: ViewName): void => {
    const end = new AbortController();
    signal.addEventListener("abort", () => end.abort(), { signal: end.signal });
    const shown = name === "answer" ? null : shownOf(player.chosen);
    const panel = name !== "answer" && shown ? PANELS[name](shown, end.signal) : undefined;
    const content = panel ? panel.element : name === "answer" ? makeAnswers(end.signal) : h("div");
    const element = h("section", { class: `view view-${name}`, "aria-label": TITLES[name] }, content);
    open.set(name, { element, end, ...(panel ? { panel } : {}) });
    // In the order of their names, without moving those that stay.
    const after = VIEWS.slice(VIEWS.indexOf(name) + 1).find((other) => open.has(other));
    views.insertBefore(element, after ? (open.get(after)?.element ?? null) : null);
    panel?.update();
  };
  const closeView = (name: ViewName): void => {
    const view = open.get(name);
    view?.end.abort();
    view?.element.remove();
    open.delete(name);
  };
  const toggle = (name: ViewName): void => {
    if (open.has(name) && open.size > 1) closeView(name);
    else if (!open.has(name)) openView(name);
    draw();
  };
  /** Whether the focus went with what was closed. */
  const reopen = (): boolean => {
    const hadFocus = views.contains(root.activeElement);
    const names = [...open.keys()];
    for (const name of names) if (name !== "answer" || !inspector.options.race) closeView(name);
    for (const name of names) if (!open.has(name)) openView(name);
    return hadFocus && !views.contains(root.activeElement);
  };

  const draw = (): void => {
    let isLost = false;
    if (player.chosen !== chosen) {
      ({ chosen } = player);
      isLost = reopen();
    }
    const { options } = inspector;
    host.toggleAttribute("data-projector", options.projector);
    setText(remark, visibleProse(options.remark));
    toggles.update(open);
    transport.update();
    tree.update();
    if (isLost) tree.focus(); // on what has taken the place of the views that went
    views.dataset["count"] = String(open.size);
    for (const column of views.querySelectorAll<HTMLElement>(".column")) {
      setAttribute(column.firstElementChild as HTMLElement, "aria-pressed", String(Number(column.dataset["track"]) === chosen));
    }
    for (const pane of panes) pane.update();
    drawPanels();
  };
  const drawPanels = pace(() => {
    for (const { panel } of open.values()) panel?.update();
  }, signal);

  const { view } = inspector.options;
  for (const name of new Set<ViewName>(["answer", view])) openView(name);
  followTheme(host, signal);
  movePlayer(root, player, () => transport.unit, signal);
  holdKeys(root, toggles.element, () => false, signal);
  player.subscribe(onFrame(draw, signal), signal);
  draw();
  return draw;
}

function createToggles(onToggle: (name: ViewName) => void, signal: AbortSignal) {
  const buttons = new Map(
    VIEWS.map((name) => {
      const button = h("button", { type: "button" }, TITLES[name]);
      button.addEventListener("click", () => onToggle(name), { signal });
      return [name, button] as const;
    }),
  );
  return {
    element: h("div", { class: "toggles", role: "group", "aria-label": "Views" }, ...buttons.values()),
    update(open: ReadonlyMap<ViewName, unknown>): void {
      for (const [name, button] of buttons) {
        setAttribute(button, "aria-pressed", String(open.has(name)));
        setAttribute(button, "aria-disabled", open.has(name) && open.size === 1 ? "true" : null);
      }
    },
  };
}
