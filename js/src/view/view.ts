// A live stream and a shadow root come in, the whole view goes out and keeps itself true until the signal aborts.
// It joins the parts; each part knows only its own.
import type { PartLoaders } from "../markdown/index";
import type { LiveStream } from "../stream";
import { styles } from "../styles";
import { createChoices } from "./choices";
import { h } from "./dom";
import { createError, createNotice } from "./error";
import { onFrame } from "./frame";
import { holdKeys } from "./keys";
import { holdPlace } from "./scroll";
import { isUnsaved, watchSettling } from "./settling";
import { createSpeech } from "./speech";
import { createStatus } from "./status";
import { followTheme } from "./theme";

/** What changes without a message is looked at this often (ms): seconds and rates, a text that waits, a sentence held back. */
const TICK_MS = 200;

/** Draws `stream` into `root` and follows it until `signal` aborts; `parts`: what its Markdown may use. */
export function createView(root: ShadowRoot, stream: LiveStream, signal: AbortSignal, parts: PartLoaders = {}): void {
  const { run } = stream;
  const host = root.host as HTMLElement;
  const arrow = h("span", { "aria-hidden": "true" }, "↓ ");
  const jump = h("button", { type: "button", class: "jump", hidden: true }, arrow, "Jump to the end");
  const status = createStatus(stream, jump, signal);
  const endWords = (): string => status.words().state;
  const speech = createSpeech(stream, endWords, signal);
  const choices = createChoices(stream, parts, signal);
  const below = [createError(stream), createNotice(stream, () => isUnsaved(host)), status, speech];
  root.replaceChildren(h("style", {}, styles), choices.element, ...below.map((section) => section.element));

  const isRunning = (): boolean => !run.ended && stream.gone === "";
  const keepPlace = holdPlace(host, { bar: status.element, jump }, isRunning, signal);
  let tick: ReturnType<typeof setInterval> | undefined;
  const stopTick = (): void => {
    clearInterval(tick);
    tick = undefined;
  };
  const draw = (): void => {
    for (const section of [choices, ...below]) section.update();
    if (isRunning()) return;
    stopTick();
    keepPlace(); // what was docked goes back to its place
  };
  const drawSoon = onFrame(draw, signal);
  const onChange = (): void => {
    // The Markdown stream has frames of its own: through ours its text would come one later.
    choices.updateText();
    if (isRunning()) tick ??= setInterval(drawSoon, TICK_MS);
    drawSoon();
  };
  const onEscape = (): boolean => {
    const canStop = isRunning();
    if (canStop) stream.requestStop();
    return canStop;
  };

  followTheme(host, signal);
  watchSettling(stream, root, signal);
  holdKeys(root, status.element, onEscape, signal);
  stream.subscribe(onChange, signal);
  signal.addEventListener("abort", stopTick);
  onChange();
  draw(); // at once, or the first frame would show an empty box
}
