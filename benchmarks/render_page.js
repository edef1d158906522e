// Shows one text in pieces in one of several ways and times every piece. In: a request of render.py. Out: its figures.
// Bundled with the small libraries that it compares; the module under test is loaded as it was built, the others
// (`render_peers.js`) only where they are asked for.
import MarkdownIt from "markdown-it";
import * as smd from "streaming-markdown";

import { frame, install, isPending, real } from "./render_clock.js";

install();

const DRAIN_FRAMES = 1200; // twenty seconds of the stream's clock for what is still to be done after its end

const WAYS = {
  async ours(root) {
    const { createMarkdownStream, markdownStyles } = await import("/markdown.js");
    const shadow = root.attachShadow({ mode: "open" });
    shadow.appendChild(document.createElement("style")).textContent = markdownStyles;
    return createMarkdownStream(shadow, { onError: (error) => errors.push(String(error)) });
  },

  /** The least that can be done: a paragraph for each blank line, the text appended to its node. */
  plain(root) {
    let node;
    const open = () => root.appendChild(document.createElement("p")).appendChild(document.createTextNode(""));
    return atFrames((text) => {
      text.split("\n\n").forEach((part, index) => {
        if (!node || index > 0) node = open();
        if (part) node.appendData(part);
      });
    });
  },

  smd(root) {
    const parser = smd.parser(smd.default_renderer(root));
    return atFrames((text) => smd.parser_write(parser, text), () => smd.parser_end(parser));
  },

  /** What most chat pages do: parse and draw everything anew. */
  rerender(root) {
    const markdown = new MarkdownIt({ html: false, linkify: false });
    return wholeAtFrames({ show: (text) => (root.innerHTML = markdown.render(text)), close: () => undefined });
  },

  marked: async (root) => wholeAtFrames((await peers()).openMarked(root)),
  incremark: async (root) => wholeAtFrames((await peers()).openIncremark(root)),
  streamdown: async (root) => wholeAtFrames((await peers()).openStreamdown(root)),
};

const peers = () => import("/peers.js");

const errors = [];

/** A stream that shows all that came so far, once a frame. */
function wholeAtFrames({ show, close }) {
  let all = "";
  const write = (text) => show((all += text), false);
  return { ...atFrames(write, () => show(all, true)), destroy: close };
}

/** A stream that writes what came, once a frame. */
function atFrames(write, end = () => undefined) {
  let waiting = "";
  const flush = () => {
    if (waiting) write(waiting);
    waiting = "";
  };
  return {
    append(text) {
      if (!waiting) requestAnimationFrame(flush);
      waiting += text;
    },
    end() {
      flush();
      end();
    },
    destroy() {},
  };
}

/**
 * `measured`: [from, to] in flushes, whose times count; in between the text comes, and nothing is forced. `budget`: ms of
 * work after which the run is cut. `layout`: a real frame before each flush, and style and layout forced in it.
 */
async function run({ way, text, size, layout, budget, measured }) {
  errors.length = 0;
  const host = document.body.appendChild(document.createElement("div"));
  if (!layout) host.style.display = "none";
  const stream = await WAYS[way](host);
  const scroller = document.scrollingElement;
  const force = () => (scroller.scrollTop = scroller.scrollHeight); // the reader follows the end
  const costs = [];
  const sums = [0]; // of the costs so far
  let longest = 0;
  let total = 0;
  const timed = (work) => {
    const start = real.now();
    work();
    const cost = real.now() - start;
    longest = Math.max(longest, cost);
    total += cost;
  };
  const flushes = Math.ceil(text.length / size);
  const windows = measured ?? [[0, flushes]];
  let done = 0;
  let counted = 0;
  for (; done < flushes && total < budget; done++) {
    const counts = windows.some(([from, to]) => done >= from && done < to);
    const before = total;
    if (layout && (counts || windows.some(([from]) => done === from - 1))) await new Promise(real.requestAnimationFrame);
    else await undefined;
    timed(() => stream.append(text.slice(done * size, (done + 1) * size)));
    frame(timed, layout && counts ? force : undefined);
    if (layout && windows.some(([from]) => done === from - 1)) force();
    if (counts) {
      costs.push(total - before);
      sums.push(total);
      counted++;
    } else total = before;
  }
  const isCut = done < flushes;
  const beforeEnd = total;
  if (!isCut) {
    timed(() => stream.end());
    for (let left = DRAIN_FRAMES; left > 0 && isPending(); left--) {
      frame(timed);
      await undefined;
    }
  }
  const shown = host.shadowRoot?.querySelector(".ns-markdown")?.textContent.length ?? host.textContent.length;
  stream.destroy();
  host.remove();
  costs.sort((a, b) => a - b);
  const firstHalf = sums[counted >> 1];
  const at = (share) => costs[Math.max(0, Math.ceil(share * costs.length) - 1)] ?? 0;
  return {
    flushes, done, counted, isCut, total, read: Math.min(text.length, done * size),
    firstHalf, secondHalf: sums[counted] - firstHalf, end: total - beforeEnd, longest, shown,
    p50: at(0.5), p99: at(0.99), mean: costs.reduce((sum, cost) => sum + cost, 0) / Math.max(1, costs.length),
    errors: errors.slice(0, 3), isIsolated: crossOriginIsolated,
  };
}

window.benchmark = run;
