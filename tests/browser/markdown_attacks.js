// Renders hostile texts in a blank page, each in pieces with a frame after each; looks at every state, then hovers,
// focuses and clicks everything. Gives what `window.attacks` found in each text, and in the page.
async ({ cases, parts }) => {
  const { createMarkdownStream, markdownStyles } = await import("/markdown.js");
  const { inspect, inspectPlace, touch, canonical, page } = window.attacks;
  const OFTEN = 40; // pieces; of more only every eighth state is looked at, of hundreds fewer
  const MANY = 2000; // elements; with more only the last states are looked at

  // As quick a display as there can be: a text of thousands of pieces takes as many frames.
  const { requestAnimationFrame, cancelAnimationFrame } = window;
  if (cases.some(({ pieces }) => pieces.length >= OFTEN)) {
    const callbacks = new Map();
    let lastId = 0;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const due = [...callbacks.values()];
      callbacks.clear();
      for (const callback of due) callback(performance.now());
    };
    window.requestAnimationFrame = (callback) => {
      if (callbacks.size === 0) port2.postMessage(0);
      callbacks.set(++lastId, callback);
      return lastId;
    };
    window.cancelAnimationFrame = (id) => callbacks.delete(id);
  }

  const loaders = await window.loadParts(parts);

  async function run({ pieces, expected }) {
    const found = new Set();
    const allowed = new Set(expected.map(canonical));
    const strange = new Map(); // targets that nobody expected -> how much of the text had come
    const host = document.body.appendChild(document.createElement("div"));
    host.className = "host";
    const root = host.attachShadow({ mode: "open" });
    root.appendChild(document.createElement("style")).textContent = markdownStyles;
    let copied;
    const stream = createMarkdownStream(root, {
      ...loaders,
      onError: (error) => found.add(`errors|${error}`),
      copyText: async (text) => void (copied = text),
    });
    const content = root.querySelector(".ns-markdown");
    const elements = content.getElementsByTagName("*");
    let longest = 0;
    let shown = 0;
    const look = () => {
      for (const href of inspect(content, found)) if (!allowed.has(href) && !strange.has(href)) strange.set(href, shown);
    };
    const step = pieces.length < OFTEN ? 1 : Math.max(8, Math.floor(pieces.length / 100));
    for (const [index, piece] of pieces.entries()) {
      stream.append(piece);
      shown += piece.length;
      const start = performance.now();
      await new Promise(window.requestAnimationFrame);
      longest = Math.max(longest, performance.now() - start);
      const isTime = index % step === 0;
      if (isTime && elements.length < MANY) look();
    }
    const start = performance.now();
    stream.end();
    longest = Math.max(longest, performance.now() - start);
    look();
    await window.settleParts(content);
    look();
    host.scrollIntoView();
    inspectPlace(host, content, found);
    const clicks = touch(content, found);
    for (const button of content.querySelectorAll("button.ns-copy")) {
      copied = undefined;
      button.click();
      if (copied !== button.closest(".ns-code").querySelector("code").textContent) found.add("copies|not what is shown");
    }
    look();
    const formulas = content.querySelectorAll("math").length;
    const coloured = content.querySelectorAll("pre .ns-keyword, pre .ns-string, pre .ns-builtin, pre .ns-tag").length;
    stream.destroy();
    if (root.querySelector(".ns-markdown")) found.add("errors|destroy() left something");
    host.remove();
    return { found: [...found], strange: [...strange], longest, clicks, formulas, coloured };
  }

  const results = await Promise.all(cases.map((one) => run(one)));
  Object.assign(window, { requestAnimationFrame, cancelAnimationFrame });
  await new Promise((done) => setTimeout(done, 30)); // what a handler put off
  if (document.title !== "blank" || document.querySelectorAll("body > *").length !== 1) {
    window.attacks.note("overlays", "something outside of every box");
  }
  return { results, page: page.splice(0).map((one) => one.join("|")) };
}
