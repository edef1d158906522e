// Renders hostile texts, each in pieces with a frame after each, and looks at every state for what must not be there.
// Evaluated in a blank page by test_markdown_attacks.py; gives what was found in each text and in all of them.
async ({ cases, planted }) => {
  const { createMarkdownStream, markdownStyles } = await import("/markdown.js");
  const TAGS = new Set(`div p h1 h2 h3 h4 h5 h6 blockquote ul ol li hr br table thead tbody tr th td em strong s
    code pre a span button style`.split(/\s+/));
  const NAMES = new Set(`class dir start href title target rel referrerpolicy role type
    aria-label aria-description`.split(/\s+/));
  const CLASSES = /^ns-(markdown|frozen|scroll|left|center|right|image|task|code|toolbar|language|copy)$/;
  const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069]|[\u{E0000}-\u{E007F}]/u;

  function inspect(root, found) {
    for (const element of root.querySelectorAll("*")) {
      const tag = element.localName;
      if (!TAGS.has(tag) || element.namespaceURI !== "http://www.w3.org/1999/xhtml") found.add("element " + tag);
      for (const { name, value } of element.attributes) {
        if (!NAMES.has(name)) found.add("attribute " + name);
        if (name === "class" && !value.split(" ").every((one) => CLASSES.test(one))) found.add("class " + value);
        if (name === "href" && !/^(https?:\/\/|mailto:)/.test(value)) found.add("href " + value);
      }
      if (tag === "code" && HIDDEN.test(element.textContent)) found.add("hidden characters in code");
      if (tag !== "a") continue;
      const isSafe = element.target === "_blank" && element.rel === "noopener noreferrer"
        && element.referrerPolicy === "no-referrer";
      if (!isSafe) found.add("link without its guards");
      const host = element.protocol === "mailto:" ? "" : element.host;
      const told = getComputedStyle(element, "::after").content + " " + element.textContent.toLowerCase();
      if (!told.includes(host)) found.add("link hides its host " + host);
    }
  }

  async function run({ parts }) {
    const found = new Set();
    const host = document.body.appendChild(document.createElement("div"));
    const root = host.attachShadow({ mode: "open" });
    root.appendChild(document.createElement("style")).textContent = markdownStyles;
    const stream = createMarkdownStream(root, { onError: (error) => found.add("error " + error) });
    let longest = 0;
    const time = (work) => {
      const start = performance.now();
      work();
      longest = Math.max(longest, performance.now() - start);
    };
    for (const part of parts) {
      stream.append(part);
      const start = performance.now();
      await new Promise(requestAnimationFrame);
      longest = Math.max(longest, performance.now() - start);
      inspect(root, found);
    }
    time(() => stream.end());
    if (planted) root.firstElementChild.nextElementSibling[planted] = parts.join("");
    inspect(root, found);
    for (const element of root.querySelectorAll("*")) {
      for (const type of ["pointerover", "mouseover", "focusin"]) {
        element.dispatchEvent(new Event(type, { bubbles: true }));
      }
      if (element.localName !== "button") element.focus?.();
    }
    stream.destroy();
    host.remove();
    return { found: [...found], longest };
  }

  // What takes long is measured alone; the others share their frames.
  const results = await Promise.all(cases.map((one) => (one.alone ? null : run(one))));
  for (const [index, one] of cases.entries()) results[index] ??= await run(one);
  await new Promise((done) => setTimeout(done, 0));
  const page = new Set(findings.splice(0));
  if (document.title !== "blank" || document.body.children.length !== 1) page.add("outside its box");
  return { results, page: [...page] };
}
