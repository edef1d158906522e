// What hostile text may become: only what is on the closed lists, with every target and every character in sight.
import { describe, expect, test, vi } from "vitest";

import { createMarkdownStream } from "../../src/markdown/index";
import { showsHost, targetOf } from "../../src/markdown/links";
import { visibleCode, visibleProse } from "../../src/markdown/visible";

function shown(text: string): HTMLElement {
  const root = document.createElement("div");
  const stream = createMarkdownStream(root);
  stream.append(text);
  stream.end();
  return root;
}

function depthIn(root: Element, element: Element): number {
  let depth = 0;
  for (let node: Element | null = element; node && node !== root; node = node.parentElement) depth++;
  return depth;
}

describe("targets", () => {
  test.each([
    ["https://example.com/a?b#c", "https://example.com/a?b#c", "example.com"],
    ["HTTP://Example.com:8080", "http://example.com:8080/", "example.com:8080"],
    ["https://github.com@evil.test", "https://github.com@evil.test/", "evil.test"],
    ["https://аpple.com", "https://xn--pple-43d.com/", "xn--pple-43d.com"],
    ["mailto:a@example.com", "mailto:a@example.com", "a@example.com"],
  ])("%s", (raw, href, host) => {
    expect(targetOf(raw)).toEqual({ href, host });
  });

  test.each(
    ["javascript", "JaVaScRiPt"].map((scheme) => `${scheme}:alert(1)`).concat(
      [" data:text/html,x", "vbscript:x", "file:///etc/passwd", "vscode://x", "", "#a", "tel:1"],
      ["/logout", "../tree", "//evil.test", "https:evil.test", "https:\\\\evil.test", "\\\\evil.test"],
      ["blob:https://evil.test/x", "view-source:https://ok.test", "ms-msdt:/id", "http://", "ws://evil.test", "mailto:"],
    ),
  )("no target: %s", (raw) => {
    expect(targetOf(raw)).toBeUndefined();
  });

  test.each([
    ["https://example.com/a", true],
    ["example.com", true],
    ["example.com.evil.test", false],
    ["https://github.com", false],
    ["see example.com", false],
  ])("%s shows example.com: %s", (text, expected) => {
    expect(showsHost(text, { href: "https://example.com/", host: "example.com" })).toBe(expected);
  });
});

describe("characters", () => {
  test.each([
    ["a\u202Eb", "a⟨U+202E⟩b"],
    ["a\u{E0041}b", "a⟨U+E0041⟩b"],
    ["\u200B\u200C\u2060\uFEFF", "⟨U+200B⟩⟨U+200C⟩⟨U+2060⟩⟨U+FEFF⟩"],
    ["a\u00A0b\u2028c", "a⟨U+00A0⟩b⟨U+2028⟩c"],
    ["\u001B[0m\u0007\u007F\u009B", "␛[0m␇␡⟨U+009B⟩"],
    ["👩‍👧 ❤️ x\u200D", "👩‍👧 ❤️ x⟨U+200D⟩"],
    ["tab\tand\nline", "tab\tand\nline"],
  ])("code %j", (text, expected) => {
    expect(visibleCode(text)).toBe(expected);
  });

  test("code in pieces is the code in one", () => {
    const text = "a\u200Bb👩‍👧\u202E\u001B❤️\uFE0Fz";
    const characters = Array.from(text);
    const pieces = characters.map((character, at) => visibleCode(character, characters[at - 1]));
    expect(pieces.join("")).toBe(visibleCode(text));
  });

  test("prose keeps what writing needs, and shows what reorders or hides", () => {
    expect(visibleProse("می‌خواهم 👩‍👧 \u{1F3F4}\u{E0067}\u{E007F}")).toBe("می‌خواهم 👩‍👧 \u{1F3F4}\u{E0067}\u{E007F}");
    expect(visibleProse("a\u202Eb\u{E0041}\u0000")).toBe("a⟨U+202E⟩b⟨U+E0041⟩␀");
  });
});

describe("the page", () => {
  test("raw HTML is text", () => {
    const root = shown('<img src=x onerror="alert(1)">\n\n<script>alert(1)</script>\n\n<b id=x>bold</b>');
    expect(root.querySelector("img, script, b")).toBeNull();
    expect(root.textContent).toContain('<img src=x onerror="alert(1)">');
  });

  test("a link opens apart, tells its host, and takes no title from the text", () => {
    const a = shown('[https://ok.test](https://evil.test/x "https://ok.test")').querySelector("a");
    expect(Object.fromEntries(Array.from(a!.attributes, ({ name, value }) => [name, value]))).toEqual({
      href: "https://evil.test/x",
      title: "https://evil.test/x",
      "aria-description": "evil.test",
      target: "_blank",
      rel: "noopener noreferrer",
      referrerpolicy: "no-referrer",
    });
  });

  test("relative and foreign links are their words", () => {
    const root = shown("[a](/logout) [b](javascript:x) [c](vscode://x) ![d](/x.png)");
    expect(root.querySelector("a, img")).toBeNull();
    expect(root.textContent).toBe("a [b](javascript:x) c d");
  });

  test("an image is a link, and inside a link its words", () => {
    expect(shown("![alt *x*](https://example.com/i.png)").querySelector("a")?.textContent).toBe("alt x");
    const linked = shown("[![alt](https://a.test/i.png)](https://b.test)");
    expect(Array.from(linked.querySelectorAll("a"), (a) => a.getAttribute("href"))).toEqual(["https://b.test/"]);
  });

  test.each([
    ["```js'onclick=alert(1)", ""],
    ["~~~lm-MenuBar jp-Dialog", "lm-MenuBar"],
    ["``` c++", "c++"],
    ["```\u202Ejs", ""],
  ])("the language of %s", (opener, label) => {
    const root = shown(`${opener}\nx\n`);
    expect(root.querySelector(".ns-language")?.textContent).toBe(label);
    for (const element of root.querySelectorAll("[class]")) expect(element.className).toMatch(/^ns-[a-z]+$/u);
  });

  test("nothing is nested so deep that a browser runs out of stack", () => {
    for (const text of [`${"*a **b ".repeat(1000)}${"c** d* ".repeat(1000)}`, "> - ".repeat(1000), "![".repeat(1000)]) {
      const root = shown(text);
      const last = Array.from(root.querySelectorAll("*")).filter((element) => !element.firstElementChild);
      for (const element of last) expect(depthIn(root, element)).toBeLessThan(250);
    }
    expect(shown("*a ".repeat(300) + "a* ".repeat(300)).textContent).toBe("a ".repeat(600).trim());
  });

  test("what is copied is what is shown, without a last line end", async () => {
    const copyText = vi.fn(() => Promise.resolve());
    const root = document.createElement("div");
    const stream = createMarkdownStream(root.attachShadow({ mode: "open" }), { copyText });
    stream.append("```sh\nls\u202E -la\n\n```\n");
    stream.end();
    const button = root.shadowRoot!.querySelector<HTMLButtonElement>("[role=toolbar] button")!;
    expect(button.textContent).toBe("Copy code");
    button.click();
    await vi.waitFor(() => expect(button.textContent).toBe("Copied"));
    expect(copyText).toHaveBeenCalledWith("ls⟨U+202E⟩ -la\n");
  });

  test("a copy that fails says so", async () => {
    const onError = vi.fn();
    const root = document.createElement("div");
    const stream = createMarkdownStream(root, { copyText: () => Promise.reject(new Error("no")), onError });
    stream.append("    code");
    stream.end();
    root.querySelector("button")!.click();
    await vi.waitFor(() => expect(root.querySelector("button")!.textContent).toBe("Copy failed"));
    expect(onError).toHaveBeenCalledOnce();
  });
});

describe("the stream", () => {
  test("flushes once a frame, however often text comes", async () => {
    const frames = vi.spyOn(window, "requestAnimationFrame");
    const root = document.createElement("div");
    const stream = createMarkdownStream(root);
    for (let i = 0; i < 50; i++) stream.append("a");
    expect(frames).toHaveBeenCalledOnce();
    expect(root.textContent).toBe("");
    await vi.waitFor(() => expect(root.textContent).toBe("a".repeat(50)));
    stream.destroy();
  });

  test("shows text where there are no frames", async () => {
    vi.spyOn(window, "requestAnimationFrame").mockReturnValue(1);
    const root = document.createElement("div");
    const stream = createMarkdownStream(root);
    stream.append("hidden page");
    await vi.waitFor(() => expect(root.textContent).toBe("hidden page"), { timeout: 3000 });
    stream.destroy();
  });

  test("shows plain text, and says so, when rendering fails", async () => {
    const onError = vi.fn();
    const root = document.createElement("div");
    const stream = createMarkdownStream(root, { onError });
    const broken = vi.spyOn(document, "createElement").mockImplementation(() => {
      throw new Error("no elements");
    });
    stream.append("some *text*");
    await vi.waitFor(() => expect(onError).toHaveBeenCalledOnce());
    broken.mockRestore();
    stream.append(" and more");
    stream.end();
    expect(root.textContent).toBe("some *text* and more");
  });

  test("leaves nothing behind when destroyed, and takes no more text", () => {
    const root = document.createElement("div");
    const stream = createMarkdownStream(root);
    stream.append("a");
    stream.destroy();
    stream.append("b");
    stream.end();
    expect(root.childNodes.length).toBe(0);
  });
});
