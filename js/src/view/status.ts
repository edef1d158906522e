// A run's words come in, one quiet line goes out: model · state · figures, with the buttons at its right end. It has the
// same place and height from the first moment to the last, so that nothing jumps.
import { visibleProse } from "../markdown/visible";
import { shownAnswers, whole } from "../store";
import type { LiveStream } from "../stream";
import { createCopyButton } from "./copy";
import { h, setAttribute, setText, type Section } from "./dom";
import { speech } from "./speech";
import { describe, type Words } from "./words";

const ICONS: Record<Words["tone"], string> = { "": "", running: "", stopped: "■", warning: "⚠", error: "⚠" };

export interface Status extends Section {
  words(): Words;
}

/** `jump`: the button that leads to the end, see scroll.ts. */
export function createStatus(stream: LiveStream, jump: HTMLElement, signal: AbortSignal): Status {
  const model = h("span", { class: "model", dir: "auto" });
  const icon = h("span", { class: "icon", "aria-hidden": "true" });
  const state = h("span", { class: "state", dir: "auto" });
  const metrics = h("span", { part: "metrics" });
  const speak = createSpeakButton(signal);
  const copy = createCopy(stream, signal);
  const stop = createStopButton(stream, signal);
  const line = h("div", { class: "line" }, model, h("span", { class: "situation" }, icon, state), metrics);
  const element = h(
    "div",
    { part: "status", role: "toolbar", "aria-label": "Stream", tabindex: "-1" },
    line,
    h("div", { class: "buttons" }, jump, speak.element, copy.element, stop.element),
  );
  element.addEventListener("pointerleave", stop.update, { signal });
  const words = (): Words => describe({ run: stream.run, elapsed: stream.elapsed(), stop: stream.stop, gone: stream.gone });

  return {
    element,
    words,
    update() {
      const now = words();
      setText(model, visibleProse(stream.run.state.model ?? ""));
      setText(icon, ICONS[now.tone]);
      setText(state, visibleProse(now.state));
      setAttribute(state, "title", now.state.length > 40 ? now.state : null);
      setText(metrics, now.metrics.join(" · "));
      setAttribute(element, "data-tone", now.tone || null);
      for (const button of [speak, copy, stop]) button.update();
    },
  };
}

function createStopButton(stream: LiveStream, signal: AbortSignal): Section {
  const element = h("button", { type: "button", class: "stop" }, h("span", { "aria-hidden": "true" }, "■ "), "Stop");
  // At the press, not at the release: the growing answer moves the button, and a press that is let go elsewhere
  // makes no click (measured). A click without a press comes from the keyboard or an assistive tool.
  element.addEventListener("pointerdown", (event) => event.button === 0 && stream.requestStop(), { signal });
  element.addEventListener("click", () => stream.stop || stream.requestStop(), { signal });
  const update = (): void => {
    setAttribute(element, "aria-disabled", stream.run.ended || stream.gone ? "true" : null);
    if (!stream.run.ended) return;
    // With the focus it stays, or the focus would fall to the page; with the pointer near it keeps its place, or the
    // second click of a double click would hit the button that moves there.
    const isFocused = (element.getRootNode() as Partial<ShadowRoot>).activeElement === element;
    const isNear = element.parentElement?.parentElement?.matches(":hover") ?? false;
    element.style.visibility = isFocused ? "" : "hidden";
    element.hidden = !isFocused && !isNear;
  };
  element.addEventListener("blur", () => queueMicrotask(update), { signal });
  return { element, update };
}

/** Copies the raw Markdown; where there are several answers each has its own. */
function createCopy({ run }: LiveStream, signal: AbortSignal): Section {
  const element = createCopyButton(() => whole(run.text) || whole(run.refusal), signal);
  return {
    element,
    update: () => {
      element.hidden = shownAnswers(run).length > 1;
      element.style.visibility = run.text.length + run.refusal.length > 0 ? "" : "hidden";
    },
  };
}

function createSpeakButton(signal: AbortSignal): Section {
  const label = "Read new sentences to screen readers";
  const element = h("button", { type: "button", class: "speak", "aria-label": label, title: label }, "Speak");
  const update = (): void => setAttribute(element, "aria-pressed", String(speech.isOn));
  element.addEventListener(
    "click",
    () => {
      speech.isOn = !speech.isOn;
      update();
    },
    { signal },
  );
  return { element, update };
}
