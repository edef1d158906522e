// Sources the answer refers to come in, a numbered list goes out; only http, https and mailto become links, and
// the host they lead to is shown beside them.
import { showsHost, targetOf } from "../markdown/links";
import { visibleProse } from "../markdown/visible";
import type { Run } from "../store";
import type { CitationItem } from "../wire";
import { h, type Section } from "./dom";

export function createCitations(run: Run): Section {
  const list = h("ol");
  const element = h("div", { part: "citations", role: "group", "aria-label": "Sources", hidden: true }, list);
  let shown: CitationItem[] = [];
  return {
    element,
    update() {
      const { citations } = run;
      if (shown.length === citations.length) return;
      // After a loss the list may be another one; while streaming it only grows.
      if (shown.some((item, i) => item.url !== citations[i]?.url)) {
        list.replaceChildren();
        shown = [];
      }
      list.append(...citations.slice(shown.length).map(createItem));
      shown = [...citations];
      element.hidden = shown.length === 0;
    },
  };
}

function createItem({ url, title, quote }: CitationItem): HTMLElement {
  const target = targetOf(url);
  const item = h("li", { dir: "auto" });
  if (target) {
    const { href, host } = target;
    const text = visibleProse(title || host);
    item.append(h("a", { href, target: "_blank", rel: "noopener noreferrer", title: href }, text));
    if (!showsHost(text, target)) item.append(" ", h("span", { class: "quiet" }, host));
  } else item.append(visibleProse(title || url || "source"));
  if (quote) item.append(" ", h("q", {}, visibleProse(quote)));
  return item;
}
