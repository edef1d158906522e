// The page side of live_page.py: a model as anywidget's proxy shows it, and what a reader sees of its view.
const listeners = new Map();
const model = {
  traits: {},
  sent: [],
  get: (name) => model.traits[name],
  send: (content) => void model.sent.push(content),
  on: (name, callback) => void listeners.set(name, [...(listeners.get(name) ?? []), callback]),
  off: (name, callback) => void listeners.set(name, (listeners.get(name) ?? []).filter((other) => other !== callback)),
};
const host = {
  getWidget: async (name) => ({ exports: await (await import(`/${name}.js`)).default().initialize({ model }) }),
};
const frame = () => new Promise(requestAnimationFrame);
const isFurniture = (node) => node instanceof Element && node.matches("[role=toolbar], [role=status]");

window.start = async (state, parts) => {
  const rest = { refusal: "", tools: [], citations: [], state };
  const names = Object.fromEntries(parts.map((name) => [`_${name}`, name]));
  model.traits = { _model_id: "one", seq: 0, text: "", reasoning: "", _rest: rest, ...names };
  const entry = (await import("/stream.js")).default();
  entry.initialize({ model });
  entry.render({ model, host, el: document.querySelector("#output") });
  window.root = document.querySelector(".notebook-stream").shadowRoot;
  for (let frames = 0; !root.querySelector("[part=status] .stop"); frames++) {
    if (frames > 600) throw new Error("the core has drawn no view");
    await frame();
  }
  window.answer = root.querySelector("[part=answer]");
};

window.tell = async (...messages) => {
  for (const message of messages) for (const callback of listeners.get("msg:custom") ?? []) callback(message);
  await frame();
  await frame();
};

/** The answer's text, or with `tags` its elements and text, without the furniture. */
window.look = (node = answer, tags = false) => {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (isFurniture(node)) return "";
  const inside = Array.from(node.childNodes, (child) => look(child, tags)).join("");
  return tags && !node.matches("div") ? `<${node.localName}>${inside}</${node.localName}>` : inside;
};

/**
 * Types `text`, one message and frame a character; gives what every change of the page left there, until its last word
 * shows: on a slow page, some frames later.
 */
window.type = async (text, from) => {
  const seen = [];
  const note = () => {
    const now = look(answer, true);
    if (now !== seen.at(-1)) seen.push(now);
  };
  const observer = new MutationObserver(note);
  observer.observe(answer, { subtree: true, childList: true, characterData: true });
  let seq = from;
  for (const character of text) {
    for (const callback of listeners.get("msg:custom") ?? []) callback({ type: "append", seq: ++seq, text: character });
    await frame();
  }
  const lastWord = text.match(/\w+/g).at(-1);
  for (let frames = 0; !look().includes(lastWord) && frames < 600; frames++) await frame();
  observer.disconnect();
  return seen;
};
