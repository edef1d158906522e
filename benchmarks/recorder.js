// A page that is about to load comes in; when which token was in its DOM, what its websockets brought, slow frames and
// presses go out, all in milliseconds since the epoch by this page's clock. Sees into open shadow roots; changes nothing
// that it watches.
(() => {
  const MUTATIONS = { childList: true, characterData: true, subtree: true };
  const epoch = (time) => performance.timeOrigin + time;
  const state = { root: null, newest: 0, seen: [], frames: [], slowFrames: [], presses: [] };

  // Tokens read t000001, t000002, ...: the last one tells how much of the answer is there.
  const newestToken = (text) => {
    for (let at = text.lastIndexOf("t"); at >= 0; at = text.lastIndexOf("t", at - 1)) {
      const digits = text.slice(at + 1, at + 7);
      if (/^\d{6}$/.test(digits)) return Number(digits);
      if (at === 0) break;
    }
    return 0;
  };

  const isInRoot = (node) => {
    for (let at = node; at; at = at.parentNode ?? at.host) if (at === state.root) return true;
    return false;
  };

  // Of what has changed only, so that looking costs the same however long the answer is. In a microtask after the
  // script that changed the DOM: earlier than any frame, and without asking for one.
  const look = (records) => {
    if (!state.root) return;
    for (const { target, addedNodes } of records) {
      for (const node of addedNodes.length > 0 ? addedNodes : [target]) {
        const isText = node.nodeType === Node.TEXT_NODE;
        // An element that has only lost nodes brings nothing new.
        if (!isText && addedNodes.length === 0) continue;
        const newest = newestToken(isText ? node.data : node.textContent);
        if (newest <= state.newest || !isInRoot(node)) continue;
        state.newest = newest;
        state.seen.push([epoch(performance.now()), newest]);
      }
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, MUTATIONS);

  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    observer.observe(root, MUTATIONS);
    return root;
  };

  const latin = new TextDecoder("latin1");
  // A message's size, its newest token, and of a kernel's message its type and date, which stand at its beginning.
  const note = ({ data }) => {
    const now = epoch(performance.now());
    const text = typeof data === "string" ? data : data instanceof ArrayBuffer ? latin.decode(data) : "";
    const size = typeof data === "string" ? new Blob([data]).size : (data.byteLength ?? data.size);
    const head = text.slice(0, 1500);
    const type = /"msg_type": ?"(\w+)"/.exec(head)?.[1] ?? "";
    const date = /"date": ?"([^"]+)"/.exec(head)?.[1] ?? "";
    state.frames.push([now, size, newestToken(text), type, date]);
  };
  // Jupyter's socket of events and those of its terminals have no part in an answer.
  const isCounted = (url) => !/\/api\/(events|terminals)|\/terminals\//.test(url);
  const Native = window.WebSocket;
  window.WebSocket = class WebSocket extends Native {
    constructor(...options) {
      super(...options);
      if (isCounted(this.url)) this.addEventListener("message", note);
    }
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

  const deepText = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    return Array.from([...(node.shadowRoot?.childNodes ?? []), ...node.childNodes], deepText).join("");
  };

  window.benchmark = {
    begin(root) {
      Object.assign(state, { root, newest: 0, seen: [], frames: [], slowFrames: [], presses: [] });
    },
    newest: () => state.newest,
    read: () => ({
      seen: state.seen,
      // Different tokens that are there now: fewer than the newest one's number where some were lost.
      present: new Set(deepText(state.root).match(/t\d{6}/g)).size,
      frames: state.frames,
      slowFrames: state.slowFrames,
      presses: state.presses,
    }),
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
