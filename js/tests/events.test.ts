// What few answers have, in jsdom: JSON that grows, several answers, tool calls and results, sources with their numbers,
// pictures and sounds, how an answer ended. Hostile values stay text.
import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRun } from "../src/store";
import { keepJournal } from "../src/journal";
import { createStream } from "../src/stream";
import { bytesOf, pictureOf, soundOf, wavOf } from "../src/view/bytes";
import { sentence } from "../src/view/finish";
import { createJsonPrinter } from "../src/view/json";
import { sourcesOf } from "../src/view/sources";
import { createView } from "../src/view/view";
import type { Append, CitationItem, RunState } from "../src/wire";
import { append, fakeModel, snapshot, state } from "./fake";

setMaxListeners(0); // all of a view hangs on one signal

/** A text whole, by character, and cut at every place. */
const ways = (text: string): string[][] => [
  [text],
  [...text],
  ...Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]),
];
const printed = (pieces: readonly string[]): string => {
  const print = createJsonPrinter();
  return pieces.map(print).join("");
};

test.each<unknown>([
  {},
  [],
  [[]],
  { a: {}, b: [] },
  { a: 1, b: [1, 2, { c: "x, y: {z} [\\" }], d: 'q"uote', e: null, f: -1.5e-7 },
  "text",
  42,
])("%j in any pieces is as JSON.stringify indents it", (value) => {
  for (const written of [JSON.stringify(value), JSON.stringify(value, null, 7)]) {
    for (const pieces of ways(written)) expect(printed(pieces)).toBe(JSON.stringify(value, null, 2));
  }
});

test.each(["print('a, b')", "SELECT * FROM t", "", "   x"])("%j is no JSON and comes through", (text) => {
  for (const pieces of ways(text)) expect(printed(pieces)).toBe(text.trimStart());
});

test("broken JSON keeps each of its marks, and grows by no more than its indentation", () => {
  const marks = (text: string): string => text.replace(/\s/g, "");
  for (const text of ['{"a" "b",, ]}}} "x', "]]]]", "{{{{,,,,::::", `${"[".repeat(5000)}1`, `[${"1,".repeat(5000)}`]) {
    for (const pieces of [[text], [...text]]) {
      expect(marks(printed(pieces))).toBe(marks(text));
      expect(printed(pieces).length).toBeLessThan(text.length * 14 + 400);
    }
  }
});

const source = (url: string, more: Partial<CitationItem> = {}): CitationItem => ({ url, title: "", quote: "", ...more });

test("a source that is named twice has one number", () => {
  const sources = sourcesOf([source("https://a.example"), source("https://b.example"), source("https://a.example", { start: 1, end: 2 })]);
  expect(sources.map(({ number, url, cited }) => [number, url, cited.length])).toEqual([
    [1, "https://a.example", 2],
    [2, "https://b.example", 1],
  ]);
});

const answer = (text: string, refusal = "") => createRun(snapshot(1, text, { refusal }));
test.each([
  ["stop", "", "text", true, ""],
  ["length", "max_tokens=9", "text", true, ""],
  ["length", "max_tokens=9", "text", false, "Cut off at max_tokens=9."],
  ["length", "", "text", false, "Cut off at max_tokens."],
  ["content_filter", "RECITATION", "text", true, "Cut off by the provider's content filter: RECITATION"],
  ["content_filter", "SAFETY", "", true, "Blocked by the provider, no answer was given: SAFETY"],
  ["content_filter", "", "", true, "Blocked by the provider, no answer was given."],
  ["refusal", "", "", true, "The model refused."],
  ["refusal", "cyber", "", true, "The model refused: cyber"],
  ["tool_calls", "", "", true, ""],
  ["tool_calls", "", "", false, "Asks for tools."],
  ["odd", "", "", true, ""],
  ["odd", "why\u202e", "", true, "Ended with odd: why⟨U+202E⟩"],
])("an end by %s (%s) with the text %j, alone: %s, is told as %j", (reason, detail, text, isAlone, told) => {
  expect(sentence({ reason, detail }, answer(text), isAlone)).toBe(told);
});

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGNgYGBgYGAAAAAFAAFhcnHHAAAAAElFTkSuQmCC";
const GIF = btoa("GIF89a\x04\x00\x05\x00" + "\0".repeat(30));
const JPEG = btoa("\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x07\x00\x06" + "\0".repeat(30));
const WEBP = btoa("RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x08\0\0\x09\0\0\0\0");
test.each([
  [PNG, "image/png", 3, 2],
  [GIF, "image/gif", 4, 5],
  [JPEG, "image/jpeg", 6, 7],
  [WEBP, "image/webp", 9, 10],
])("%s is a picture by its first bytes", (data, type, width, height) => {
  expect(pictureOf(bytesOf([data])!)).toEqual({ type, size: { width, height } });
});

test.each([btoa("<svg onload=alert(1)>".padEnd(60)), btoa("%PDF-1.4".padEnd(60)), btoa("\xff\xd8\xff" + "\xff\xc4\0\0".repeat(20)), "AAAA"])(
  "%s is none",
  (data) => {
    expect(pictureOf(bytesOf([data])!)).toBeNull();
  },
);

test("base64 comes whole, in pieces that are each whole, or as one text that was cut; else it is none", () => {
  for (const pieces of [["QUJDRA=="], ["QQ==", "QkM=", "RA=="], ["QUJ", "DRA", "=="]]) {
    expect(String.fromCharCode(...bytesOf(pieces)!)).toBe("ABCD");
  }
  expect(bytesOf(["not base64!"])).toBeNull();
});

test("bare samples get the head of a WAV file, at the rate they tell", () => {
  const wav = wavOf(new Uint8Array([1, 2, 3, 4]), "audio/L16;codec=pcm;rate=16000")!;
  expect([soundOf(wav), wav.length, new DataView(wav.buffer).getUint32(24, true)]).toEqual(["audio/wav", 48, 16000]);
  expect(new DataView(wavOf(new Uint8Array(2), "")!.buffer).getUint32(24, true)).toBe(24000);
  expect(wavOf(new Uint8Array(4), "audio/basic")).toBeNull();
});

// The view

let controller: AbortController;
let urls: string[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "requestAnimationFrame", "cancelAnimationFrame"] });
  controller = new AbortController();
  urls = [];
  let made = 0;
  const create = (): string => {
    urls.push(`blob:${++made}`);
    return urls.at(-1)!;
  };
  // jsdom has neither.
  Object.defineProperty(URL, "createObjectURL", { value: create, configurable: true });
  Object.defineProperty(URL, "revokeObjectURL", { value: (url: string) => urls.splice(urls.indexOf(url), 1), configurable: true });
});
afterEach(() => {
  controller.abort();
  vi.useRealTimers();
  document.body.replaceChildren();
});

async function open(changes: RunState = {}) {
  const rest = { refusal: "", tools: [], citations: [], state: state(changes) };
  const model = fakeModel({ _rest: rest });
  const stream = createStream(keepJournal(model, controller.signal));
  const root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  createView(root, stream, controller.signal);
  let seq = 0;
  const tell = async (message: Partial<Append>): Promise<void> => {
    model.emit("msg:custom", append(++seq, "", message));
    await vi.advanceTimersByTimeAsync(60);
  };
  const end = async (more: RunState = {}): Promise<void> => {
    model.emit("msg:custom", { type: "end", seq: ++seq, state: state({ ...changes, status: "done", finish_reason: "stop", ...more }) });
    await vi.advanceTimersByTimeAsync(60);
  };
  const all = (selector: string): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(selector)];
  const texts = (selector: string): string[] => all(selector).filter((element) => !element.closest("[hidden]")).map((element) => element.textContent.trim());
  return { root, tell, end, all, texts, model };
}

test("one answer has no heading, and its own Copy stays out of sight", async () => {
  const { tell, texts } = await open();
  await tell({ text: "Hi" });
  expect([texts(".head"), texts('[part="answer"]')]).toEqual([[], ["Hi"]]);
});

test("choices stand side by side, each with heading, Copy and its own end; a second one may come late", async () => {
  const { tell, end, texts, all } = await open();
  await tell({ text: "one" });
  await tell({ choices: [{ index: 2, text: "*three*" }] });
  await tell({ text: " more", choices: [{ index: 1, text: "two", finish_reason: "length", finish_detail: "max_tokens=1" }] });
  expect(texts('[part="answer"]')).toEqual(["one more", "two", "three"]);
  expect(texts(".head span")).toEqual(["Choice 1", "Choice 2", "Choice 3"]);
  expect(texts('[part="finish"] span:last-child')).toEqual(["Cut off at max_tokens=1."]);
  expect(all('[part="answer"]').map((box) => box.hasAttribute("data-live"))).toEqual([true, false, true]);
  await end();
  expect(texts(".state")).toEqual(["done: 3 choices"]);
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  all(".head button")[2]!.click();
  vi.unstubAllGlobals();
  expect(writeText).toHaveBeenCalledWith("*three*");
});

test("choices that were asked for have their places at once, and lose them when nothing comes", async () => {
  const { tell, end, texts } = await open({ asked: { choices: 3 } });
  await tell({ text: "one", choices: [{ index: 1, text: "two" }] });
  expect(texts(".head span")).toHaveLength(3);
  await end();
  expect(texts(".head span")).toEqual(["Choice 1", "Choice 2"]);
});

test("JSON that was asked for is one block of code from its first character to its last", async () => {
  const { tell, end, all, texts } = await open({ asked: { json: true } });
  await tell({ text: " \n" });
  expect(all('[part="answer"] .ns-markdown')).toHaveLength(0);
  await tell({ text: '{"a":"```\\n# no heading' });
  const [block] = all(".ns-code");
  await tell({ text: '", "b": [1]}' });
  await end();
  expect(all(".ns-code")[0]).toBe(block);
  expect([texts("code"), all("h1").length]).toEqual([['{\n  "a": "```\\n# no heading",\n  "b": [\n    1\n  ]\n}'], 0]);
});

test("prose in place of the JSON that was asked for is Markdown", async () => {
  const { tell, end, all } = await open({ asked: { json: true } });
  await tell({ text: "I *cannot*." });
  await end();
  expect(all("em").map((element) => element.textContent)).toEqual(["cannot"]);
});

test("JSON that nobody asked for stays Markdown", async () => {
  const { tell, all } = await open();
  await tell({ text: '{"a": 1}' });
  expect(all(".ns-code")).toHaveLength(0);
});

test("a call folds when the next one is written, not when the reader has touched it", async () => {
  for (const isTouched of [false, true]) {
    const { tell, all } = await open();
    await tell({ tools: [{ position: 0, name: "a", arguments: '{"x":1}' }] });
    if (isTouched) all("summary").at(-1)!.dispatchEvent(new Event("click"));
    await tell({ tools: [{ position: 1, name: "b" }] });
    expect(all("details.tool").slice(-2).map((element) => (element as HTMLDetailsElement).open)).toEqual([isTouched, true]);
    document.body.replaceChildren();
  }
});

test("what a server's tool gave back is folded under its call, or by itself; it stays text", async () => {
  const { tell, all } = await open();
  await tell({ tools: [{ position: 3, name: "search", kind: "server_tool_use" }] });
  await tell({ results: [{ position: 3, name: "search", kind: "", content: '{"a":"<img src=x>"}' }, { position: null, name: "run", kind: "", content: "42\u202e" }] });
  const results = all(".result");
  expect(results.map((element) => [(element as HTMLDetailsElement).open, element.parentElement!.matches(".tool")])).toEqual([
    [false, true],
    [false, false],
  ]);
  expect(results.map((element) => element.querySelector("pre")!.textContent)).toEqual(['{\n  "a": "<img src=x>"\n}', "42⟨U+202E⟩"]);
});

test("thousands of calls and sources are a hundred and a number", async () => {
  const { tell, all, texts } = await open();
  const many = Array.from({ length: 3000 }, (_, i) => i);
  await tell({ tools: many.map((position) => ({ position, name: "f" })), citations: many.map((i) => source(`https://e.example/${i}`)) });
  expect([all("details.tool").length, all("li").length]).toEqual([100, 200]);
  expect(texts(".quiet").filter((text) => text.startsWith("and"))).toEqual(["and 2,900 more calls and results", "and 2,800 more"]);
});

test("numbers stand behind the cited words, or at their block's end, and are no text", async () => {
  const { tell, end, all, texts } = await open();
  const text = "Zürich 🎉 is *large*. It has a lake.\n\n- one point here\n- another `x`\n\n```\ncode here\n```\n";
  const points = (words: string) => {
    const start = [...text.slice(0, text.indexOf(words))].length;
    return { start, end: start + [...words].length };
  };
  await tell({ text, citations: [source("https://a.example", points("It has a lake")), source("https://b.example", points("another `x`")), source("https://a.example", points("one point here")), source("javascript:1", points("Zürich 🎉 is *large*")), source("https://c.example", points("code here"))] });
  expect(all(".ns-cite")).toHaveLength(0); // the text may still change
  await end();
  const places = all(".ns-cite").map((mark) => [mark.firstElementChild!.getAttribute("data-number"), mark.previousSibling!.textContent]);
  expect(places).toEqual([
    ["3", "large"],
    ["1", ". It has a lake."],
    ["1", "one point here"],
    ["2", "x"],
  ]);
  expect(texts('[part="answer"] p')[0]).toBe("Zürich 🎉 is large. It has a lake.");
  expect(all(".ns-cite a").map((link) => link.getAttribute("href"))).not.toContain("javascript:1");
});

test("a number of words in a link stands behind the link, not in it", async () => {
  const { tell, end, all } = await open();
  const text = "See [the whole story](https://a.example) here.";
  await tell({ text, citations: [source("https://b.example", { start: 5, end: 20 })] });
  await end();
  expect([all("a a").length, all(".ns-cite")[0]!.previousSibling!.textContent]).toEqual([0, "the whole story"]);
});

test("a picture of known bytes is shown from a blob, released with the view; anything else is a line", async () => {
  const { tell, end, all, texts } = await open();
  await tell({
    media: [
      { slot: 0, kind: "image", mime_type: "text/html", data: [PNG] },
      { slot: 1, kind: "image", mime_type: "image/svg+xml", data: [btoa("<svg onload=alert(1)>".padEnd(60))] },
      { slot: 2, kind: "image", url: "https://pictures.example/a.png" },
      { slot: 3, kind: "image", url: "javascript:alert(1)" },
      { slot: 4, kind: "image", mime_type: "image/png", is_too_large: true },
      { slot: 5, kind: "file", mime_type: "application/pdf", data: [btoa("%PDF")] },
    ],
  });
  await end();
  const pictures = all("img") as HTMLImageElement[];
  expect(pictures.map(({ src, alt, width, height }) => [src, alt, width, height])).toEqual([["blob:1", "Picture made by the model", 3, 2]]);
  expect(texts(".thing").slice(1)).toEqual([
    "Picture (image/svg+xml, 1 kB), not shown here: it is in result().media",
    "Picture at pictures.example",
    "Picture, not shown here: it is in result().media",
    "Picture (image/png, too large for the page), not shown here: it is in result().media",
    "File (application/pdf, 1 kB), not shown here: it is in result().media",
  ]);
  controller.abort();
  expect(urls).toEqual([]);
});

test("a sharper picture takes the place of the one before, which is released", async () => {
  const { tell, all } = await open();
  await tell({ media: [{ slot: 0, kind: "image", data: [PNG] }] });
  await tell({ media: [{ slot: 0, kind: "image", data: [GIF] }] });
  expect([(all("img") as HTMLImageElement[]).map(({ src }) => src), urls.length]).toEqual([["blob:2"], 1]);
});

test("a picture of too many pixels is not decoded", async () => {
  const { tell, all } = await open();
  await tell({ media: [{ slot: 0, kind: "image", data: [btoa("GIF89a\xff\xff\xff\xff" + "\0".repeat(30))] }] });
  expect(all("img")).toHaveLength(0);
});

test("a sound grows as a line with its transcript, and is a player at the end that does not start by itself", async () => {
  const { tell, end, all, texts } = await open();
  await tell({ media: [{ slot: 0, kind: "audio", data: [btoa("\0".repeat(9000))], transcript: "Hel" }] });
  await tell({ media: [{ slot: 0, kind: "audio", data: [btoa("\0".repeat(9000))], transcript: "lo" }] });
  expect(texts(".thing")).toEqual(["Sound, 18 kB so farHello"]);
  await end();
  const [player] = all("audio") as HTMLAudioElement[];
  expect([player!.controls, player!.autoplay, player!.hasAttribute("src"), texts(".transcript")]).toEqual([true, false, true, ["Hello"]]);
});
