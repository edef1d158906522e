// Sources the answer refers to come in, a numbered list goes out; only http, https and mailto become links, and
// the host they lead to is shown beside them.
import { showsHost, targetOf } from "../markdown/links";
import { visibleProse } from "../markdown/visible";
import type { Answer } from "../store";
import { h, setText, type Section } from "./dom";
import { MAX_SOURCES, sourcesOf, type Source } from "./sources";

export function createCitations(answer: Answer): Section {
  const list = h("ol");
  const more = h("div", { class: "quiet", hidden: true });
  const element = h("div", { part: "citations", role: "group", "aria-label": "Sources", hidden: true }, list, more);
  let shown: Source[] = [];
  let count = 0;
  let first: unknown;
  return {
    element,
    update() {
      const { citations } = answer;
      if (count === citations.length && first === citations[0]) return;
      [count, first] = [citations.length, citations[0]];
      const sources = sourcesOf(citations);
      // After a loss the list may be another one; while streaming it only grows.
      if (shown.some(({ url, title }, i) => url !== sources[i]?.url || title !== sources[i]?.title)) {
        list.replaceChildren();
        shown = [];
      }
      const added = sources.slice(shown.length, MAX_SOURCES);
      list.append(...added.map(createItem));
      shown.push(...added);
      element.hidden = sources.length === 0;
      const hidden = Math.max(0, sources.length - MAX_SOURCES);
      more.hidden = hidden === 0;
      setText(more, hidden === 0 ? "" : `and ${hidden.toLocaleString("en-US")} more`);
    },
  };
}

function createItem({ url, title, quote }: Source): HTMLElement {
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
