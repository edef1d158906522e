// Looks at a static replay page from inside, with `window.attacks` (attack_inspector.js): the answers are held against
// what an answer may be made of, the views around them against what they are made of, and everything is touched.
(async () => {
  const OWN = new Set(`style div span p section header ul ol li button input label select option details summary pre code
    table caption colgroup col thead tbody tr th td strong em small kbd output progress datalist figure figcaption svg g
    path line rect text title desc polyline circle canvas dl dt dd h1 h2 h3 h4 h5 h6 hr br a math fieldset legend mark b i
    form nav meter blockquote s del slot template`.split(/\s+/));
  const found = new Set();
  let clicks = 0;
  let answers = 0;
  const later = () => new Promise((resolve) => setTimeout(resolve, 50));
  /** All open shadow roots below, the outer ones first. */
  const rootsOf = (node) =>
    [...node.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? [shadowRoot, ...rootsOf(shadowRoot)] : []));
  for (const { shadowRoot: root } of document.querySelectorAll(".notebook-stream")) {
    for (const name of ["Tokens", "Timing", "Wire"]) {
      const toggle = [...root.querySelectorAll("button[aria-pressed]")].find((one) => one.textContent.trim() === name);
      if (!toggle) found.add(`errors|no view ${name}`);
      else if (toggle.getAttribute("aria-pressed") !== "true") toggle.click();
    }
    const scrubber = root.querySelector("input[type=range]");
    scrubber.value = scrubber.max;
    scrubber.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    await later();
    const roots = [root, ...rootsOf(root)];
    for (const content of roots.flatMap((one) => [...one.querySelectorAll(".ns-markdown")])) {
      answers += 1;
      window.attacks.inspect(content, found);
    }
    for (const element of roots.flatMap((one) => [...one.querySelectorAll("*")])) {
      const tag = element.localName;
      if (!OWN.has(tag) && !element.closest(".ns-markdown")) found.add(`active|<${tag}>`);
      for (const { name, value } of element.attributes) {
        if (/^on/i.test(name)) found.add(`scripts|${name}`);
        if (/^(?:src|srcset|srcdoc|href|action|formaction|poster|data|xlink:href)$/.test(name) && !/^https?:|^mailto:/.test(value)) {
          found.add(`links|${name}=${value.slice(0, 60)}`);
        }
        if (name === "style" && /url\(|expression|import/i.test(value)) found.add(`attributes|style ${value.slice(0, 60)}`);
      }
    }
    for (const one of roots.reverse()) clicks += window.attacks.touch(one, found); // the answers before what closes them
    await later();
  }
  return { found: [...found], page: window.attacks.page, clicks, answers };
})()
