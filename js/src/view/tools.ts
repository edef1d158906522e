// Tool calls as they are written come in, one <details> with name and arguments each goes out. Arguments are the
// model's text: they are shown, never parsed.
import { visibleCode } from "../markdown/visible";
import type { Run, Tool } from "../store";
import { h, setText, type Section } from "./dom";

export function createTools(run: Run): Section {
  const element = h("div", { part: "tools", hidden: true });
  const calls = new Map<number, ReturnType<typeof createCall>>();
  return {
    element,
    update() {
      element.hidden = run.tools.length === 0;
      for (const tool of run.tools) {
        let call = calls.get(tool.position);
        if (!call) {
          call = createCall();
          calls.set(tool.position, call);
          element.append(call.element);
        }
        call.show(tool);
      }
    },
  };
}

function createCall() {
  const name = h("code", { dir: "auto" });
  const kind = h("span", { class: "quiet" });
  const code = h("code");
  const element = h(
    "details",
    { class: "tool", open: true },
    h("summary", {}, "Tool call ", name, kind),
    h("pre", { tabindex: "0", "aria-label": "Arguments" }, code),
  );
  let shown = "";
  return {
    element,
    show(tool: Tool): void {
      setText(name, visibleCode(tool.name || "…"));
      setText(kind, tool.kind && tool.kind !== "function" ? ` ${visibleCode(tool.kind)}` : "");
      if (tool.arguments === shown) return;
      if (!tool.arguments.startsWith(shown)) {
        code.replaceChildren();
        shown = "";
      }
      code.append(visibleCode(tool.arguments.slice(shown.length), Array.from(shown.slice(-2)).at(-1)));
      shown = tool.arguments;
    },
  };
}
