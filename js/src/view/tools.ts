// Tool calls as they are written come in, and what the server's own tools gave back; one <details> each goes out, the
// result folded in it. Arguments and results are foreign text: indented where they look like JSON, never evaluated.
import { visibleCode } from "../markdown/visible";
import type { Answer, Tool } from "../store";
import type { ToolOutput } from "../wire";
import { h, setText, type Section } from "./dom";
import { createJsonPrinter } from "./json";

/** Calls and results that get an element of their own; a server could send thousands. */
const MAX_SHOWN = 100;
/** Characters of the arguments that a folded call shows in its line. */
const PREVIEW = 120;

interface Call {
  element: HTMLDetailsElement;
  show(tool: Tool): void;
  /** Another call is being written: this one gives it room, unless the reader has touched it. */
  fold(): void;
}

export function createTools(answer: Answer): Section {
  const list = h("div");
  const more = h("div", { class: "quiet", hidden: true });
  const element = h("div", { part: "tools", hidden: true }, list, more);
  const calls = new Map<number, Call>();
  let results: { output: ToolOutput; element: HTMLElement }[] = [];

  function showCalls(): void {
    for (const tool of answer.tools.slice(0, MAX_SHOWN)) {
      let call = calls.get(tool.position);
      if (!call) {
        for (const other of calls.values()) other.fold();
        call = createCall();
        calls.set(tool.position, call);
        list.append(call.element);
      }
      call.show(tool);
    }
  }

  function showResults(): void {
    // After a loss they may be others; while streaming there only come more.
    if (results.some(({ output }, i) => output.content !== answer.results[i]?.content)) {
      for (const result of results) result.element.remove();
      results = [];
    }
    for (const output of answer.results.slice(results.length, MAX_SHOWN)) {
      const call = output.position === null ? undefined : calls.get(output.position);
      const made = createResult(output, call !== undefined);
      (call?.element ?? list).append(made);
      results.push({ output, element: made });
    }
  }

  return {
    element,
    update() {
      element.hidden = answer.tools.length + answer.results.length === 0;
      if (element.hidden) return;
      showCalls();
      showResults();
      const hidden = Math.max(0, answer.tools.length - MAX_SHOWN) + Math.max(0, answer.results.length - MAX_SHOWN);
      more.hidden = hidden === 0;
      setText(more, hidden === 0 ? "" : `and ${hidden.toLocaleString("en-US")} more calls and results`);
    },
  };
}

function createCall(): Call {
  const name = h("code", { dir: "auto" });
  const kind = h("span", { class: "quiet" });
  const preview = h("code", { class: "preview", "aria-hidden": "true", dir: "ltr" });
  const code = h("code");
  const summary = h("summary", {}, "Tool call ", name, kind, preview);
  const element = h("details", { class: "tool", open: true }, summary, h("pre", { tabindex: "0", "aria-label": "Arguments" }, code));
  let print = createJsonPrinter();
  let shown = "";
  let isTouched = false;
  summary.addEventListener("click", () => (isTouched = true));
  return {
    element,
    show(tool) {
      setText(name, visibleCode(tool.name || "…"));
      setText(kind, tool.kind && tool.kind !== "function" ? ` ${visibleCode(tool.kind)}` : "");
      if (tool.arguments === shown) return;
      if (!tool.arguments.startsWith(shown)) {
        code.replaceChildren();
        print = createJsonPrinter();
        shown = "";
      }
      const printed = print(tool.arguments.slice(shown.length));
      code.append(visibleCode(printed, Array.from(shown.slice(-2)).at(-1)));
      if (shown.length < PREVIEW) setText(preview, visibleCode(tool.arguments.slice(0, PREVIEW).replace(/\s+/gu, " ")));
      shown = tool.arguments;
    },
    fold() {
      if (!isTouched) element.open = false;
    },
  };
}

/** `isOfCall`: it stands in its call, which has the name. */
function createResult({ name, kind, content }: ToolOutput, isOfCall: boolean): HTMLElement {
  const what = visibleCode(name || kind);
  const of = isOfCall || !what ? [] : [" of ", h("code", { dir: "auto" }, what)];
  const size = h("span", { class: "quiet" }, ` ${content.length.toLocaleString("en-US")} ${content.length === 1 ? "character" : "characters"}`);
  const text = h("code", { dir: "auto" }, visibleCode(createJsonPrinter()(content)));
  return h(
    "details",
    { class: "tool result" },
    h("summary", {}, "Result", ...of, size),
    h("pre", { tabindex: "0", "aria-label": "Result" }, text),
  );
}
