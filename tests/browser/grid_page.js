// The page side of grid_page.py: a comparison's model as anywidget's proxy shows it, its view in a blank page, and what a
// reader sees of it.
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

window.start = async (layout, opening, parts) => {
  model.traits = { _model_id: "one", _layout: layout, _opening: opening, ...Object.fromEntries(parts.map((name) => [`_${name}`, name])) };
  const entry = (await import("/comparison.js")).default();
  entry.initialize({ model });
  entry.render({ model, host, el: document.querySelector("#output") });
  window.root = document.querySelector(".notebook-stream").shadowRoot;
  for (let frames = 0; parts.includes("core") && !root.querySelector(".choices"); frames++) {
    if (frames > 600) throw new Error("the core has drawn no answer");
    await frame();
  }
};
window.sent = model.sent;

window.tell = async (messages) => {
  for (const message of messages) for (const callback of listeners.get("msg:custom") ?? []) callback(message);
  await frame();
  await frame();
};

/** Runs `batches`, one a frame; gives the times between frames (ms). */
window.play = async (batches) => {
  const gaps = [];
  let last = performance.now();
  for (const batch of batches) {
    for (const callback of listeners.get("msg:custom") ?? []) callback(batch);
    await frame();
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  return gaps;
};

/** The answers that are drawn, by the name of their cell. */
window.mounted = () => root.querySelectorAll(".cell .choices").length;
