// Looks at the static outputs of one cell of JupyterLab once MathJax has been there, then touches everything in them.
// Evaluated by saved_cells.py; gives what was found in each output and in the page.
async ({ cell, count }) => {
  const { touch, page, note } = window.attacks;
  const { commands } = window.jupyterapp;
  // JupyterLab's own sign beside each heading of Markdown is pressed too: it leads to that heading.
  const told = (_, { id }) => id === "rendermime:handle-local-link" || note("commands", id);
  const area = document.querySelectorAll(".jp-Notebook .jp-Cell")[cell];
  const outputs = () => [...area.querySelectorAll(".jp-OutputArea-output")];
  const formulas = () => area.querySelectorAll("mjx-container").length;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  let known = -1;
  for (let tries = 0; tries < 100 && (outputs().length < count || formulas() !== known); tries++) {
    known = formulas();
    await pause(300);
  }
  const ACTIVE = "script, iframe, frame, object, embed, form, button, select, textarea, img, picture, video, audio, source, style, link, meta, base, map, area, canvas, template, dialog, svg, input:not([type=checkbox][disabled])";

  function inspect(output, found) {
    for (const element of output.querySelectorAll(ACTIVE)) found.add(`active|<${element.localName}>`);
    for (const element of output.querySelectorAll("*")) {
      if (element.classList.contains("jp-InternalAnchorLink")) continue; // JupyterLab's own, beside headings of Markdown
      const isFormula = element.closest("mjx-container") !== null;
      for (const name of element.getAttributeNames()) {
        const value = element.getAttribute(name);
        if (/^on/.test(name)) found.add(`attributes|${name}`);
        if (/commandlinker/.test(name)) found.add(`commands|${name}`);
        if (name === "style" && /url\(|fixed|absolute/.test(value) && !isFormula) found.add(`attributes|style ${value}`);
        if (/^(?:src|srcset|background|poster|xlink:href|action|formaction)$/.test(name)) found.add(`attributes|${name}`);
        if (name === "name" || (name === "id" && !isFormula && !/^H[1-6]$/.test(element.tagName))) found.add(`attributes|${name}=${value}`);
      }
      if (element.localName !== "a") continue;
      if (isFormula) found.add("links|in a formula");
      if (!/^(?:https?:\/\/|mailto:)/i.test(element.getAttribute("href") ?? "")) found.add(`links|${element.getAttribute("href")}`);
    }
  }

  commands.commandExecuted.connect(told);
  const results = outputs().map((output) => {
    const found = new Set();
    inspect(output, found);
    for (const details of output.querySelectorAll("details")) details.open = true;
    const clicks = touch(output.querySelector(".jp-RenderedHTML, .jp-RenderedMarkdown") ?? output, found);
    return { found: [...found].filter((one) => !/links\|opens #/.test(one)), clicks, text: output.innerText };
  });
  await pause(300); // what a handler put off
  commands.commandExecuted.disconnect(told);
  if (document.querySelector("iframe, .jp-Dialog")) note("overlays", "a frame or a dialog");
  return { results, formulas: formulas(), page: page.splice(0).map((one) => one.join("|")) };
}
