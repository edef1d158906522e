// Looks at the answers in one cell's output while they come and at their end, then hovers, focuses and clicks everything.
// Evaluated in JupyterLab by cell_attacks.py, as `begin` and `end`; what an answer may be made of is in the inspector.
({ step, cell, expected }) => {
  const { inspect, inspectPlace, touch, canonical, page, note } = window.attacks;
  const { commands } = window.jupyterapp;
  const answerOf = (host) => host.shadowRoot?.querySelector("[part~=answer] .ns-markdown");
  const hostsOf = () => Array.from(document.querySelectorAll(".jp-Notebook .jp-Cell")[cell].querySelectorAll(".notebook-stream"));

  function begin() {
    const seen = new Map(); // host -> what was found in it, and its links
    const dirty = new Set();
    const look = () => {
      for (const host of hostsOf()) {
        if (!seen.has(host) && host.shadowRoot) {
          seen.set(host, { found: new Set(), links: new Set() });
          dirty.add(host);
          const everything = { subtree: true, childList: true, characterData: true, attributes: true };
          new MutationObserver(() => dirty.add(host)).observe(host.shadowRoot, everything);
        }
      }
      for (const host of dirty) {
        const content = answerOf(host);
        const { found, links } = seen.get(host);
        for (const href of content ? inspect(content, found) : []) links.add(href);
      }
      dirty.clear();
      if (watch.isOn) requestAnimationFrame(look);
    };
    const watch = (window.attacks.watch = { isOn: true, seen, look });
    page.splice(0);
    look();
  }

  async function end() {
    const { watch } = window.attacks;
    watch.isOn = false;
    watch.look();
    const told = (_, { id }) => note("commands", id);
    commands.commandExecuted.connect(told);
    const results = hostsOf().map((host, index) => {
      const { found, links } = watch.seen.get(host);
      const content = answerOf(host);
      let clicks = 0;
      if (content) {
        host.scrollIntoView();
        inspectPlace(host, content, found);
        clicks = touch(content, found);
        for (const href of inspect(content, found)) links.add(href);
      }
      const allowed = new Set(expected[index].map(canonical));
      return {
        found: [...found],
        strange: [...links].filter((href) => !allowed.has(href)),
        clicks,
        isShown: !!content,
        formulas: content?.querySelectorAll("math").length ?? 0,
        coloured: content?.querySelectorAll("pre .ns-keyword, pre .ns-string, pre .ns-builtin, pre .ns-tag").length ?? 0,
      };
    });
    await new Promise((done) => setTimeout(done, 300)); // what a handler put off
    commands.commandExecuted.disconnect(told);
    if (document.querySelector("iframe, .jp-Dialog")) note("overlays", "a frame or a dialog");
    return { results, page: page.splice(0).map((one) => one.join("|")) };
  }

  return step === "begin" ? begin() : end();
}
