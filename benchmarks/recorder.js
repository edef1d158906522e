// A page that is about to load comes in; when which token was in its DOM, slow frames and presses go out, all in
// milliseconds since the epoch by this page's clock. Sees into open shadow roots; changes nothing that it watches.
(() => {
  const MUTATIONS = { childList: true, characterData: true, subtree: true };
  const epoch = (time) => performance.timeOrigin + time;
  const state = { cell: null, newest: 0, seen: [], slowFrames: [], presses: [] };

  const answerOf = (cell) =>
    cell.querySelector(".notebook-stream")?.shadowRoot?.querySelector("[part~=answer]")
    ?? cell.querySelector(".jp-OutputArea .jp-RenderedMarkdown");

  // Tokens read t000001, t000002, ...: the last one tells how much of the answer is there.
  const newestToken = (text) => {
    for (let at = text.lastIndexOf("t"); at >= 0; at = text.lastIndexOf("t", at - 1)) {
      const digits = text.slice(at + 1, at + 7);
      if (/^\d{6}$/.test(digits)) return Number(digits);
      if (at === 0) break;
    }
    return 0;
  };

  // A microtask after the script that changed the DOM: earlier than any frame, and without asking for one.
  const look = () => {
    const answer = state.cell && answerOf(state.cell);
    if (!answer) return;
    const newest = newestToken(answer.textContent);
    if (newest <= state.newest) return;
    state.newest = newest;
    state.seen.push([epoch(performance.now()), newest]);
  };
  const observer = new MutationObserver(look);
  observer.observe(document, MUTATIONS);

  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    observer.observe(root, MUTATIONS);
    return root;
  };

  // By the browser's own account; a loop of requestAnimationFrame would make frames that nobody else asked for.
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) state.slowFrames.push([epoch(startTime), duration]);
  }).observe({ type: "long-animation-frame" });

  // The time of the input itself, not that of the page's getting round to it. Only on buttons: while the text grows
  // the button moves, and Playwright aims again after a press beside it.
  const onPress = (event) => {
    if (event.composedPath()[0].closest?.("button")) state.presses.push(epoch(event.timeStamp));
  };
  window.addEventListener("pointerdown", onPress, true);

  window.benchmark = {
    begin(cell) {
      Object.assign(state, { cell, newest: 0, seen: [], slowFrames: [], presses: [] });
    },
    newest: () => state.newest,
    read: () => ({ seen: state.seen, slowFrames: state.slowFrames, presses: state.presses }),
    // How much Date, the system's clock, is ahead of the page's own, in milliseconds: read where Date moves on.
    // Reading late makes it too small only, hence the largest.
    ahead() {
      let best = -Infinity;
      let last = Date.now();
      for (const until = performance.now() + 40; performance.now() < until; ) {
        const now = Date.now();
        if (now !== last) best = Math.max(best, now - epoch(performance.now()));
        last = now;
      }
      return best;
    },
  };
})();
