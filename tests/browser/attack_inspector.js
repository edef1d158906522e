// What an answer may be made of, and what must not happen around it, as `window.attacks`. Injected into a page before
// its own scripts; its lists are its own, so that what the renderer allows is held against something else.
(() => {
  const HTML = "http://www.w3.org/1999/xhtml";
  const MATHML = "http://www.w3.org/1998/Math/MathML";
  // Their own: a form hides the properties of its element behind its fields (`<form><input name=attributes>`).
  const getter = (prototype, name) => {
    const { get } = Object.getOwnPropertyDescriptor(prototype, name);
    return (node) => get.call(node);
  };
  const attributesOf = getter(Element.prototype, "attributes");
  const parentOf = getter(Node.prototype, "parentElement");
  const nameOf = getter(Element.prototype, "localName");
  const focus = (element) => {
    const kind = [HTMLElement, SVGElement, MathMLElement].find((one) => element instanceof one);
    kind?.prototype.focus.call(element);
  };
  const boxOf = (element) => Element.prototype.getBoundingClientRect.call(element);
  const send = (element, event) => EventTarget.prototype.dispatchEvent.call(element, event);
  const words = (text) => new Set(text.split(/\s+/));
  const TAGS = words(`div p h1 h2 h3 h4 h5 h6 blockquote ul ol li hr br table thead tbody tr th td em strong s code pre a
    span button`);
  const MATH_TAGS = words(`math mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle mpadded mphantom menclose msub msup
    msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd`);
  const NAMES = words(`class dir start href title target rel referrerpolicy role type tabindex
    aria-label aria-description`);
  const MATH_NAMES = words(`display class accent accentunder displaystyle fence largeop movablelimits separator stretchy
    symmetric form mathvariant scriptlevel linethickness lspace rspace width height depth minsize maxsize voffset
    columnspan rowspan`);
  const CLASSES = words(`ns-markdown ns-scroll ns-left ns-center ns-right ns-image ns-task ns-wide ns-widest
    ns-code ns-toolbar ns-language ns-copy ns-lines ns-clipboard ns-tex ns-math ns-display`);
  const LOOKS = /^ns-m-[a-z-]+$/; // of formulas
  const TOKENS = words(`keyword operator atom number string special comment definition builtin type property tag attribute
    meta heading link inserted deleted`);
  const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{E0000}-\u{E007F}]/u;
  const ROOM = 8; // px that a marker or a shadow of ours may stand out of its box

  const MOST_TOUCHED = 200;

  const page = []; // what happened in the page, not to be told to one text: [column, words]
  const note = (column, text) => page.push([column, text]);

  for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
    window[name] = () => note("scripts", `ran ${name}`);
  }
  addEventListener("securitypolicyviolation", (event) => {
    if (event.violatedDirective.startsWith("script-src")) note("scripts", `${event.violatedDirective} ${event.sample}`);
    else note("requests", `${event.violatedDirective} ${event.blockedURI}`);
  });

  const isOwnClass = (name) =>
    CLASSES.has(name) || LOOKS.test(name) || (name.startsWith("ns-") && TOKENS.has(name.slice(3)));

  /** The host that the reader must see, by our own reading of the address. */
  function hostOf(href) {
    const url = new URL(href);
    return url.protocol === "mailto:" ? decodeURIComponent(url.pathname) : url.host;
  }

  function isTold(link, host) {
    const said = getComputedStyle(link, "::after").content;
    if (link.getAttribute("aria-description") === host && said.includes(host)) return true;
    const text = link.textContent.trim().toLowerCase().replace(/^(?:https?:\/\/|mailto:)/, "");
    return text.startsWith(host.toLowerCase()) && /^(?:$|[/?#])/.test(text.slice(host.length));
  }

  const seen = new WeakMap(); // link -> as what it was looked at: asking for its style costs a layout of all

  function inspectLink(link, found) {
    const looks = link.outerHTML;
    if (seen.get(link) === looks) return;
    seen.set(link, looks);
    const { href } = link; // of an attribute that has no scheme the page's own address would make one
    const written = link.getAttribute("href");
    if (written === null) return;
    if (!/^(?:https?:\/\/|mailto:)/.test(written) || href !== new URL(written).href) found.add(`links|target ${written}`);
    const guarded = link.target === "_blank" && link.rel === "noopener noreferrer" && link.referrerPolicy === "no-referrer";
    if (!guarded) found.add("links|without its guards");
    if (link.title !== written) found.add(`links|title ${link.title} on ${written}`);
    let host = "";
    try {
      host = hostOf(written);
    } catch {
      found.add(`links|no address ${written}`);
    }
    if (!isTold(link, host)) found.add(`links|hides its host ${host}`);
  }

  /** Everything below `content`, the element of one answer; cheap enough for every frame. Gives the links' targets. */
  function inspect(content, found) {
    for (const element of content.querySelectorAll("*")) {
      const isMath = element.namespaceURI === MATHML;
      const tag = nameOf(element);
      if (!isMath && (element.namespaceURI !== HTML || !TAGS.has(tag))) found.add(`active|<${tag}>`);
      if (isMath && !MATH_TAGS.has(tag)) found.add(`active|<${tag}> in a formula`);
      for (const { name, value } of attributesOf(element)) inspectAttribute(element, name, value, isMath, found);
      if (tag === "code" && HIDDEN.test(element.textContent)) found.add("copies|hidden characters in code");
      if (tag === "a") inspectLink(element, found);
    }
    return Array.from(content.querySelectorAll("a[href]"), (link) => link.getAttribute("href"));
  }

  function inspectAttribute(element, name, value, isMath, found) {
    if (/commandlinker|^accesskey$|shortcut/i.test(name)) found.add(`commands|${name}`);
    else if (!(isMath ? MATH_NAMES : NAMES).has(name)) found.add(`attributes|${name}`);
    if (name === "class" && !value.split(" ").every(isOwnClass)) found.add(`attributes|class ${value}`);
    if (isMath && name !== "class" && !/^[\w+.%-]{1,20}$/.test(value)) found.add(`attributes|${name}=${value}`);
    if (name === "title" && !(nameOf(element) === "a" || /^Not typeset(?:$|: .{0,200}$)/.test(value))) {
      found.add(`attributes|title ${value}`);
    }
    if (name === "dir" && !/^(?:auto|ltr)$/.test(value)) found.add(`attributes|dir ${value}`);
    if (name === "start" && !/^\d+$/.test(value)) found.add(`attributes|start ${value}`);
    if (name === "role" && !/^(?:toolbar|img|group|region)$/.test(value)) found.add(`attributes|role ${value}`);
    if (name === "tabindex" && value !== "0") found.add(`attributes|tabindex ${value}`);
  }

  /** What needs layout: whether anything lies, or can be hit, outside of `host`. */
  function inspectPlace(host, content, found) {
    const outer = host.getBoundingClientRect();
    for (const { element, style, box } of visibleBoxes(content)) {
      if (/fixed|absolute|sticky/.test(style.position)) found.add(`overlays|position ${style.position}`);
      if (style.backgroundImage !== "none") found.add("overlays|a picture");
      const isOut = box.left < outer.left - ROOM || box.right > outer.right + ROOM
        || box.top < outer.top - ROOM || box.bottom > outer.bottom + ROOM;
      if (isOut && isSome(box)) found.add(`overlays|<${nameOf(element)}> sticks out`);
    }
    const xs = [outer.left - 12, (outer.left + outer.right) / 2, outer.right + 12];
    const ys = [outer.top - 12, (outer.top + outer.bottom) / 2, outer.bottom + 12];
    for (const x of xs) {
      for (const y of ys) {
        if (x === xs[1] && y === ys[1]) continue;
        const hit = document.elementFromPoint(x, y);
        if (hit && (hit === host || host.contains(hit))) found.add("overlays|can be hit outside of its box");
      }
    }
  }

  const isSome = (box) => box.right > box.left && box.bottom > box.top;

  /** Each element below `content` with as much of its box as no box around it cuts off. */
  function* visibleBoxes(content) {
    const everything = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
    const rooms = new Map([[content, everything]]); // element -> what is not cut off of its children
    for (const element of content.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      const own = boxOf(element);
      const room = rooms.get(parentOf(element));
      yield { element, style, box: intersect(own, room, 0, 0) };
      const cuts = /content|paint|strict/.test(style.contain);
      const cutsX = cuts || style.overflowX !== "visible";
      const cutsY = cuts || style.overflowY !== "visible";
      rooms.set(element, intersect(room, own, cutsX ? ROOM : Infinity, cutsY ? ROOM : Infinity));
    }
  }

  function intersect(one, other, roomX, roomY) {
    return {
      left: Math.max(one.left, other.left - roomX),
      top: Math.max(one.top, other.top - roomY),
      right: Math.min(one.right, other.right + roomX),
      bottom: Math.min(one.bottom, other.bottom + roomY),
    };
  }

  /** Everything that can be pressed, and the first of the rest: each costs dozens of events. */
  function touchable(content) {
    const all = content.querySelectorAll("*");
    const pressable = content.querySelectorAll("a, button, [tabindex], input, [contenteditable], summary");
    return new Set([...[...all].slice(0, MOST_TOUCHED), ...[...pressable].slice(0, MOST_TOUCHED)]);
  }

  /** Hover, focus and click on everything, as events; gives how much would have been opened. */
  function touch(content, found) {
    const opened = [];
    const hold = (event) => {
      const path = event.composedPath().filter((node) => node instanceof Element);
      const link = path.find((node) => /^(?:a|area)$/.test(nameOf(node)));
      if (path.some((node) => nameOf(node) === "form")) found.add("active|a form that can be sent");
      if (!link) return;
      if (!event.defaultPrevented) opened.push(link.getAttribute("href"));
      event.preventDefault();
    };
    addEventListener("click", hold);
    addEventListener("submit", hold);
    addEventListener("auxclick", hold);
    for (const element of touchable(content)) {
      for (const type of ["pointerover", "pointerenter", "mouseover", "mouseenter", "mousemove", "focusin"]) {
        send(element, new MouseEvent(type, { bubbles: true, composed: true, cancelable: true }));
      }
      focus(element);
      for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "auxclick", "dblclick"]) {
        send(element, new MouseEvent(type, { bubbles: true, composed: true, cancelable: true }));
      }
      for (const type of ["keydown", "keyup"]) {
        send(element, new KeyboardEvent(type, { key: "Enter", bubbles: true, composed: true, cancelable: true }));
      }
    }
    removeEventListener("click", hold);
    removeEventListener("submit", hold);
    removeEventListener("auxclick", hold);
    for (const href of opened) if (!/^(?:https?:\/\/|mailto:)/.test(href ?? "")) found.add(`links|opens ${href}`);
    return opened.length;
  }

  const canonical = (raw) => {
    try {
      return new URL(raw).href;
    } catch {
      return raw;
    }
  };

  window.attacks = { page, note, inspect, inspectPlace, touch, canonical };
})();
