// The view without the core: a journal and a shadow root come in, plain text, one status line and Stop go out. It
// must work where nothing else does, so it knows no Markdown, no host and no message but by a few of its fields.
import type { Journal } from "./journal";

const CSS = `:host{display:block;font:var(--jp-content-font-size1,14px)/1.6 var(--jp-content-font-family,system-ui,sans-serif);color:var(--jp-content-font-color1,inherit)}
[part=answer]{white-space:pre-wrap;overflow-wrap:anywhere}
[part=status]{display:flex;gap:8px;align-items:center;min-height:28px;font:13px/1.4 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color2,inherit)}
span{flex:1}`;
const ENDS = ["done", "stopped", "interrupted", "error"];

type Fields = Partial<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value ? (value as Fields) : {});
const add = (name: string, to: ParentNode, ...children: (Node | string)[]): HTMLElement => {
  const element = document.createElement(name);
  element.append(...children);
  to.append(element);
  return element;
};

/** Shows what the journal's model is told as plain text until `signal` aborts. */
export function createPlainView(root: ShadowRoot, { model, entries, isForgotten }: Journal, signal: AbortSignal): void {
  root.replaceChildren();
  add("style", root, CSS);
  const answer = add("div", root);
  const status = add("div", root);
  const words = add("span", status);
  const stop = add("button", status, "Stop") as HTMLButtonElement;
  answer.setAttribute("part", "answer");
  answer.dir = "auto";
  status.setAttribute("part", "status");
  stop.type = "button";
  let state: Fields = {};
  let pressed = "";

  const show = (): void => {
    const { status: name = "connecting", error, stop_reason } = state;
    const isEnded = ENDS.includes(String(name));
    const why = fieldsOf(error)["message"] ?? stop_reason;
    const now = isEnded ? [name, why].filter(Boolean).join(": ") : pressed || name;
    words.textContent = [state["model"], now].filter(Boolean).join(" · ");
    stop.style.visibility = isEnded ? "hidden" : "";
  };
  const take = (content: unknown): void => {
    const message = fieldsOf(content);
    if (message["type"] === "snapshot") answer.textContent = "";
    for (const text of [message["text"], message["refusal"]]) if (typeof text === "string") answer.append(text);
    state = { ...state, ...fieldsOf(message["state"]) };
    show();
  };
  const send = (type: "stop" | "snapshot"): void => {
    try {
      model.send({ type });
    } catch {
      pressed = "interrupted: kernel gone";
    }
  };
  stop.addEventListener(
    "click",
    () => {
      pressed = "stopping…";
      send("stop");
      show();
    },
    { signal },
  );

  take({ ...fieldsOf(model.get("_rest")), text: model.get("text") });
  for (const [content] of entries) take(content);
  model.on("msg:custom", take);
  signal.addEventListener("abort", () => model.off("msg:custom", take));
  if (isForgotten) send("snapshot");
}
