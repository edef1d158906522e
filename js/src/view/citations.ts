// Sources the answer refers to come in, a numbered list goes out; only http, https and mailto become links, and
// the host they lead to is shown beside them.
import type { Run } from "../store";
import type { CitationItem } from "../wire";
import { h, type Section } from "./dom";
import { reveal } from "./reveal";

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

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
  const target = safeUrl(url);
  const item = h("li", { dir: "auto" });
  if (target) {
    const href = target.href;
    const place = target.host || target.pathname;
    const link = h("a", { href, target: "_blank", rel: "noopener noreferrer", title: href }, reveal(title || place));
    item.append(link);
    if (title) item.append(" ", h("span", { class: "quiet" }, place));
  } else item.append(reveal(title || url || "source"));
  if (quote) item.append(" ", h("q", {}, reveal(quote)));
  return item;
}

function safeUrl(url: string): URL | null {
  try {
    const parsed = new URL(url);
    return SCHEMES.has(parsed.protocol) ? parsed : null;
  } catch {
    return null; // relative ones too: they would lead into Jupyter itself
  }
}
