// The view without the core: a stream and a shadow root come in, plain text, one status line and Stop go out. It
// must work where nothing else does, so it knows no Markdown and no host.
import type { LiveStream } from "./stream";
import { isStale, type Growing } from "./store";

const CSS = `:host{display:block;font:var(--jp-content-font-size1,14px)/1.6 var(--jp-content-font-family,system-ui,sans-serif);color:var(--jp-content-font-color1,inherit)}
[part=answer]{white-space:pre-wrap;overflow-wrap:anywhere}
[part=status]{display:flex;gap:8px;align-items:center;min-height:28px;font:13px/1.4 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color2,inherit)}
span{flex:1}`;

/** Appends to `element` what `growing` has got since the last call; starts over when its epoch has changed. */
function createGrower(growing: Growing, element: HTMLElement): () => void {
  let { epoch } = growing;
  let shown = 0;
  return () => {
    if (epoch !== growing.epoch) {
      ({ epoch } = growing);
      shown = 0;
      element.replaceChildren();
    }
    if (shown < growing.pieces.length) element.append(growing.pieces.slice(shown).join(""));
    shown = growing.pieces.length;
  };
}

/** Shows the stream as plain text until `signal` aborts. */
export function createPlainView(root: ShadowRoot, stream: LiveStream, signal: AbortSignal): void {
  const { run } = stream;
  const style = document.createElement("style");
  const answer = document.createElement("div");
  const status = document.createElement("div");
  const words = document.createElement("span");
  const stop = document.createElement("button");
  style.textContent = CSS;
  answer.setAttribute("part", "answer");
  answer.dir = "auto";
  status.setAttribute("part", "status");
  stop.type = "button";
  stop.textContent = "Stop";
  stop.addEventListener("click", () => stream.requestStop(), { signal });
  status.append(words, stop);
  root.replaceChildren(style, answer, status);
  const growers = [run.text, run.refusal].map((growing) => {
    const element = document.createElement("div");
    answer.append(element);
    return createGrower(growing, element);
  });

  const show = (): void => {
    for (const grow of growers) grow();
    const { status: name = "connecting", error, stop_reason } = run.state;
    const busy = "kernel busy: stops when the running cell ends";
    const state = run.ended
      ? [name, error?.message ?? stop_reason].filter(Boolean).join(": ")
      : stream.gone
        ? `interrupted: ${stream.gone}`
        : { "": isStale(run) ? `${name}, catching up` : name, asked: "stopping…", busy }[stream.stop];
    words.textContent = [run.state.model, state].filter(Boolean).join(" · ");
    stop.style.visibility = run.ended ? "hidden" : "";
    stop.setAttribute("aria-disabled", String(stream.gone !== ""));
  };
  stream.subscribe(show, signal);
  show();
}
