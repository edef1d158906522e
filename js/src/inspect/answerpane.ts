// The answer of one track at the player's place comes in, the core's view of it goes out, in a box of bounded height whose
// host has a shadow root of its own; without the core plain text. A run that can only be drawn anew gets a new view.
import type { Core } from "../core";
import type { PartLoaders } from "../markdown/index";
import { visibleProse } from "../markdown/visible";
import { whole } from "../store";
import { h, setText } from "../view/dom";
import { describe } from "../view/words";
import type { Inspector } from "./inspector";
import type { Player } from "./player";
import { createRunStream } from "./runstream";
import { answerStyles, plainStyles } from "./answerstyles";

/** What draws Markdown, once it is there. */
export interface Drawing {
  core: Core | null;
  parts: PartLoaders;
}

export interface AnswerPane {
  readonly element: HTMLElement;
  /** The root that the answer stands in. */
  readonly root: ShadowRoot;
  update(): void;
}

export function createAnswerPane(inspector: Inspector, player: Player, track: number, drawing: Drawing, signal: AbortSignal): AnswerPane {
  const host = h("div", { class: "answer-host" });
  const root = host.attachShadow({ mode: "open" });
  const inner = h("div", {}, host);
  const element = h("div", { class: "answer-box", tabindex: "-1" }, inner);
  const isRecorded = (): boolean => inspector.options.replay || (player.playbacks[track]?.trace.hasEnded ?? false);
  let shown: { version: number; core: Core | null; end: AbortController } | undefined;
  const follow = keepHeight(element, inner, signal);
  const keepFocus = watchFocus(element, signal);
  let wasWhole = true;

  const show = (): void => {
    const version = player.playbacks[track]?.version ?? 0;
    if (signal.aborted || (shown && shown.version === version && shown.core === drawing.core)) return;
    shown?.end.abort();
    const end = new AbortController();
    signal.addEventListener("abort", () => end.abort(), { signal: end.signal });
    shown = { version, core: drawing.core, end };
    const stream = createRunStream(inspector, player, track);
    if (drawing.core) {
      drawing.core.createView(root, stream, end.signal, drawing.parts);
      root.append(h("style", {}, answerStyles));
    } else createPlain(root, stream, end.signal);
  };
  const update = (): void => {
    host.toggleAttribute("data-recorded", isRecorded());
    show();
    requestAnimationFrame(keepFocus);
    // Leaving the end by the player, the reader wants to see what comes.
    const playback = player.playbacks[track];
    const isWhole = !playback || playback.place.moments >= playback.trace.moments.length;
    if (wasWhole && !isWhole) follow();
    wasWhole = isWhole;
  };
  update();
  player.subscribe(update, signal);
  return { element, root, update };
}

/**
 * Going back may take away what has the focus in `box`, and the reader's next key would go to the notebook: the returned
 * function gives it to the box then.
 */
function watchFocus(box: HTMLElement, signal: AbortSignal): () => void {
  let isHere = false;
  box.addEventListener("focusin", () => (isHere = true), { signal });
  box.addEventListener("focusout", ({ relatedTarget }) => (isHere &&= relatedTarget === null), { signal });
  // Whoever presses somewhere else leaves.
  document.addEventListener("pointerdown", (event) => (isHere &&= event.composedPath().includes(box)), { capture: true, signal });
  return () => {
    const root = box.getRootNode() as Partial<ShadowRoot>;
    const { activeElement } = document;
    const isNowhere = root.activeElement === null && (!activeElement || activeElement === document.body || activeElement === root.host);
    if (isHere && isNowhere) box.focus({ preventScroll: true });
  };
}

type RunStream = ReturnType<typeof createRunStream>;

function createPlain(root: ShadowRoot, stream: RunStream, signal: AbortSignal): void {
  const answer = h("div", { part: "answer", dir: "auto", tabindex: "0" });
  const words = h("span");
  const stop = h("button", { type: "button", class: "stop" }, "Stop");
  stop.addEventListener("click", () => stream.requestStop(), { signal });
  root.replaceChildren(h("style", {}, plainStyles), answer, h("div", { part: "status" }, words, stop));
  const update = (): void => {
    const { run } = stream;
    const { state, metrics } = describe({ run, elapsed: stream.elapsed(), stop: stream.stop, gone: stream.gone });
    setText(answer, visibleProse(whole(run.text) || whole(run.refusal)));
    setText(words, [run.state.model ?? "", state, ...metrics].filter(Boolean).join(" · "));
    stop.hidden = run.ended;
  };
  update();
  stream.subscribe(update, signal);
}

/** Pixels by which "at the end" may be missed. */
const NEAR = 6;

/**
 * The box keeps the height that it once had, or going back would move all that stands below it; and it shows the end of
 * what grows, once the returned function has been called, until the reader scrolls up.
 */
function keepHeight(box: HTMLElement, inner: HTMLElement, signal: AbortSignal): () => void {
  if (typeof ResizeObserver !== "function") return () => undefined;
  let highest = 0;
  let width = 0;
  let follows = false; // an answer that is there already is read from its beginning
  let top = 0;
  const observer = new ResizeObserver(() => {
    if (box.clientWidth !== width) [width, highest] = [box.clientWidth, 0]; // other lines, other heights
    const height = Math.ceil(inner.getBoundingClientRect().height);
    if (box.scrollHeight <= box.clientHeight) follows = true;
    if (follows) top = box.scrollTop = box.scrollHeight;
    if (height <= highest) return;
    highest = height;
    box.style.minHeight = `min(${height}px, var(--ns-view-height))`;
  });
  const onScroll = (): void => {
    if (box.scrollTop + box.clientHeight >= box.scrollHeight - NEAR) follows = true;
    else if (box.scrollTop < top) follows = false;
    top = box.scrollTop;
  };
  box.addEventListener("scroll", onScroll, { signal, passive: true });
  observer.observe(inner);
  signal.addEventListener("abort", () => observer.disconnect());
  return () => {
    follows = true;
    top = 0;
  };
}
