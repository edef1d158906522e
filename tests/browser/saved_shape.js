// Texts with their static HTML come in; what the page's Markdown shows of each text, and what the HTML shows, go out as
// two texts that are the same when a reader sees the same. Furniture and looks are left out, and nothing else is.
async (cases) => {
  const { createMarkdownStream } = await import("/markdown.js");
  const TEXT = Node.TEXT_NODE;
  const BLOCKS = /^(?:p|h[1-6]|blockquote|ul|ol|li|hr|br|table|thead|tbody|tr|th|td|pre|math-block|root)$/;

  /** [name, attributes, children], or a text. */
  const box = (name, attributes, children) => [name, Object.entries(attributes).filter(([, value]) => value).join(), children];

  function tex(source) {
    const [, mark, rest] = /^(\$\$?|\\\(|\\\[)([^]*)$/.exec(source) ?? [, "", source];
    return mark ? rest.slice(0, -mark.length).trim() : source.trim();
  }

  const isBold = (node) => node.localName === "span";

  function ofPage(node) {
    if (node.nodeType === TEXT) return [node.data];
    const { classList, localName } = node;
    const children = () => [...node.childNodes].flatMap(ofPage);
    if (classList.contains("ns-toolbar")) return [];
    if (classList.contains("ns-code")) {
      return [box("pre", { language: node.querySelector(".ns-language").textContent }, [node.querySelector("pre").textContent])];
    }
    if (classList.contains("ns-math")) {
      const display = localName === "div" ? "math-block" : classList.contains("ns-display") ? "math-flow" : "math";
      return [box(display, {}, [tex(node.textContent)])];
    }
    if (classList.contains("ns-image") && localName === "span") return [box("image", {}, children())];
    if (classList.contains("ns-scroll") || isBold(node)) return children();
    const align = /ns-(center|right)/.exec(node.className)?.[1];
    const start = node.getAttribute("start");
    const told = node.getAttribute("aria-description") ?? "";
    const inner = classList.contains("ns-image") ? [box("image", {}, children())] : children();
    return [box(localName, { align, start: start === "1" ? "" : start, href: node.href, told }, inner)];
  }

  function ofStatic(node) {
    if (node.nodeType === TEXT) return [node.data];
    const { classList, localName } = node;
    const children = () => together([...node.childNodes].flatMap(ofStatic));
    if (classList.contains("ns-language")) return [];
    if (classList.contains("ns-code")) {
      return [box("pre", { language: node.querySelector(".ns-language").textContent.trim() }, [node.querySelector("pre").textContent])];
    }
    if (classList.contains("mathjax_process") || classList.contains("ns-tex")) {
      const isDisplay = /^(?:\\\[|\$\$)/.test(node.textContent);
      const display = localName === "div" ? "math-block" : isDisplay ? "math-flow" : "math";
      return [box(display, {}, [tex(node.textContent)])];
    }
    if (classList.contains("ns-host")) return [{ told: node.textContent.slice(2, -1) }];
    if (classList.contains("ns-image")) {
      const [first, ...rest] = children();
      return [box("image", {}, [first.replace(/^🖼 /, ""), ...rest])];
    }
    if (classList.contains("ns-scroll") || isBold(node)) return children();
    const start = node.getAttribute("start");
    return [box(localName, { align: node.style.textAlign.replace("left", ""), start, href: node.href }, children())];
  }

  /** A host is told behind its link. */
  function together(nodes) {
    const found = [];
    for (const node of nodes) {
      if (node.told === undefined) found.push(node);
      else found.at(-1)[1] += `${found.at(-1)[1] ? "," : ""}told,${node.told}`;
    }
    return found;
  }

  /** One line for each block; what HTML does not show of white space is not told. */
  function print(shape, depth = 0, isVerbatim = false) {
    if (typeof shape === "string") return isVerbatim ? JSON.stringify(shape) : shape.replace(/[ \t\n]+/g, " ");
    const [name, attributes, children] = shape;
    const verbatim = isVerbatim || /^(?:pre|code|math)/.test(name);
    const inner = children.map((child) => print(child, depth + 1, verbatim)).join("");
    const isBlock = BLOCKS.test(name);
    const head = isBlock ? `\n${" ".repeat(depth)}` : "";
    return `${head}<${name} ${attributes}>${isBlock ? inner.trim() : inner}</>`;
  }

  const tidy = (text) => text.replace(/ +(?=\n|<\/>)/g, "").replace(/(?<=\n *<[^>]*>) +/g, "").replace(/" *"/g, '""').trim();

  const results = [];
  for (const { text, html } of cases) {
    const host = document.createElement("div");
    const stream = createMarkdownStream(host);
    stream.append(text);
    stream.end();
    const live = print(box("root", {}, [...host.querySelector(".ns-markdown").childNodes].flatMap(ofPage)));
    stream.destroy();
    const parsed = new DOMParser().parseFromString(html, "text/html").body;
    const still = print(box("root", {}, together([...parsed.childNodes].flatMap(ofStatic))));
    results.push([tidy(live), tidy(still)]);
  }
  return results;
}
