// Static HTML comes in, as the notebook would have it; what it did in a page that trusts it goes out: what ran, what
// was asked for, elements and attributes beyond those we have, links that lie. What is allowed is listed here anew.
async ({ cases, isMarkdown }) => {
  const { inspectPlace, touch, page } = window.attacks;
  // The same place, as mistune writes it, which escapes quotes and brackets and reads entities twice.
  const decoder = document.createElement("textarea");
  const canonical = (raw) => {
    decoder.innerHTML = raw;
    const written = decoder.value.replace(/%5B(?=[\da-f:.]*%5D)|(?<=%5B[\da-f:.]*)%5D/gi, (one) => (/b/i.test(one) ? "[" : "]"));
    return window.attacks.canonical(isMarkdown ? written : raw).replaceAll("'", "%27");
  };
  const words = (text) => new Set(text.split(/\s+/));
  const TAGS = words(`div p h1 h2 h3 h4 h5 h6 blockquote ul ol li hr br table thead tbody tr th td em strong s del code pre a
    span details summary q`);
  const NAMES = words("class dir start href target rel referrerpolicy style open scope");
  const CLASSES = words("ns-saved ns-code ns-language ns-scroll ns-host ns-image ns-tex mathjax_ignore mathjax_process");
  // Of Markdown that another renderer made HTML of.
  const OTHER_CLASSES = /^(?:language-[\w+#.-]+|task-list-item(?:-checkbox)?|contains-task-list)$/;
  const PROPERTIES = words(`margin margin-top margin-bottom margin-left margin-right padding padding-top padding-bottom
    padding-left padding-right background background-color overflow overflow-x overflow-y overflow-wrap white-space font-size
    font-weight line-height opacity color text-align border-left border-bottom max-height height cursor
    vertical-align border border-top border-collapse table-layout width min-width`);
  const VALUE = /^[\w\s#.%,()*+-]*$/; // no address, no escape, no string

  function inspectStyle(text, found) {
    for (const declaration of text.split(";").filter((one) => one.trim())) {
      const [, name, value] = /^\s*(--[a-z]|[a-z-]+)\s*:(.*)$/.exec(declaration) ?? [];
      if (!name || !(name.startsWith("--") || PROPERTIES.has(name)) || !VALUE.test(value) || /url|expression/i.test(value)) {
        found.add(`attributes|style ${declaration}`);
      }
    }
  }

  function inspectLink(link, allowed, found) {
    const href = link.getAttribute("href") ?? "";
    if (!/^(?:https?:\/\/|mailto:)/i.test(href)) return found.add(`links|target ${href}`);
    if (!allowed.has(canonical(href))) found.add(`links|leads to ${href}`);
    if (isMarkdown) return;
    if (link.target !== "_blank" || link.rel !== "noopener noreferrer" || link.referrerPolicy !== "no-referrer") found.add("links|without its guards");
    const url = new URL(href);
    const host = url.protocol === "mailto:" ? decodeURIComponent(url.pathname) : url.host;
    const text = link.textContent.replace(/^🖼 /, "").trim().toLowerCase().replace(/^(?:https?:\/\/|mailto:)/, "");
    const isTold = text.startsWith(host.toLowerCase()) && /^(?:$|[/?#])/.test(text.slice(host.length));
    const next = link.nextElementSibling;
    if (!isTold && !(next?.className === "ns-host" && next.textContent.includes(host))) found.add(`links|hides its host ${host}`);
  }

  function inspect(content, allowed, found) {
    for (const element of content.querySelectorAll("*")) {
      const tag = element.localName;
      const isBox = isMarkdown && tag === "input" && element.type === "checkbox" && element.disabled;
      if (element.namespaceURI !== "http://www.w3.org/1999/xhtml" || !(TAGS.has(tag) || isBox)) found.add(`active|<${tag}>`);
      for (const { name, value } of Element.prototype.getAttributeNames.call(element).map((name) => ({ name, value: element.getAttribute(name) }))) {
        if (isBox && /^(?:type|disabled|checked|class)$/.test(name)) continue;
        if (!NAMES.has(name)) found.add(`attributes|${name}=${value.slice(0, 40)}`);
        const isOwn = (one) => CLASSES.has(one) || (isMarkdown && OTHER_CLASSES.test(one));
        if (name === "class" && !value.split(" ").every(isOwn)) found.add(`attributes|class ${value}`);
        if (name === "style") inspectStyle(value, found);
        if (name === "start" && !/^\d+$/.test(value)) found.add(`attributes|start ${value}`);
      }
      if (tag === "a") inspectLink(element, allowed, found);
    }
  }

  const results = [];
  for (const { html, expected } of cases) {
    const found = new Set();
    const allowed = new Set(expected.map(canonical));
    const host = document.body.appendChild(document.createElement("div"));
    host.className = "host";
    const content = host.appendChild(document.createElement("div"));
    content.innerHTML = html;
    // As JupyterLab does with the output of a cell that one has just run.
    for (const old of content.querySelectorAll("script")) {
      const script = document.createElement("script");
      script.textContent = old.textContent;
      if (old.src) script.src = old.src;
      script.nonce = "ours";
      old.replaceWith(script);
    }
    await new Promise(requestAnimationFrame);
    inspect(content, allowed, found);
    if (!isMarkdown) {
      host.scrollIntoView();
      inspectPlace(host, content, found);
    }
    for (const details of content.querySelectorAll("details")) details.open = true;
    const clicks = touch(content, found);
    await new Promise(requestAnimationFrame);
    host.remove();
    results.push({ found: [...found], clicks });
  }
  return { results, page: page.splice(0).map((one) => one.join("|")) };
}
