// What an inspector makes of what it is told: order, losses, duplicates, hostile messages, a kernel that is gone, Stop.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createInspector } from "../../src/inspect/inspector";
import type { FromPage } from "../../src/wire";
import { inspectorModel, moments, run, text, track, WORDS, type InspectorModel } from "./fake";

let end: AbortController;
beforeEach(() => {
  vi.useFakeTimers();
  end = new AbortController();
});
afterEach(() => {
  end.abort();
  vi.useRealTimers();
});

const all = run(...WORDS);
const asked = ({ sent }: InspectorModel) => sent.filter((message): message is Extract<FromPage, { type: "moments" }> => message.type === "moments");
const textOf = (inspector: ReturnType<typeof createInspector>, index = 0) => inspector.sources[index]!.trace.tokens.map((token) => token.text).join("");

test("it pulls until it has all, one piece after the other", async () => {
  const model = inspectorModel([all], {}, [track()], 4);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  expect(asked(model).map(({ from }) => from)).toEqual([0, 4, 8]);
  expect(inspector.sources[0]!.trace.moments).toEqual(all);
  expect(inspector.sources[0]!.isLoaded).toBe(true);
  expect(inspector.isLive).toBe(false);
});

test("several tracks are pulled one after the other", async () => {
  const model = inspectorModel([all, run("B")]);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  expect(inspector.sources.map((_, index) => textOf(inspector, index))).toEqual([WORDS.join(""), "B"]);
});

test("what comes twice counts once, in whatever pieces", async () => {
  const model = inspectorModel([all.slice(0, 5)]);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  model.emit("msg:custom", moments(0, all.slice(0, 5), 5));
  model.emit("msg:custom", moments(2, all.slice(2, 7), 7));
  expect(inspector.sources[0]!.trace.moments).toEqual(all.slice(0, 7));
});

test("a gap is noticed, asked for again, and again if unanswered", async () => {
  const model = inspectorModel([all.slice(0, 3)]);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  const answer = model.onSend;
  model.onSend = () => undefined; // lost
  model.sent.length = 0;
  model.kept = [all];
  model.emit("msg:custom", moments(5, all.slice(5), all.length));
  expect(inspector.sources[0]!.trace.moments).toHaveLength(3);
  expect(asked(model)).toEqual([{ type: "moments", track: 0, from: 3 }]);
  await vi.advanceTimersByTimeAsync(450);
  expect(asked(model)).toHaveLength(1);
  model.onSend = answer;
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked(model)).toHaveLength(2);
  expect(inspector.sources[0]!.trace.moments).toEqual(all);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked(model)).toHaveLength(2);
});

test("a total without moments shows a lost end", async () => {
  const model = inspectorModel([all.slice(0, 3)]);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  model.kept = [all];
  model.emit("msg:custom", moments(all.length, [], all.length));
  await vi.advanceTimersByTimeAsync(50);
  expect(textOf(inspector)).toBe(WORDS.join(""));
});

const ok = moments(0, [text(1, "x")], 1);
test.each([
  ["no numbers", { ...ok, from: -1 }],
  ["a fraction", { ...ok, track: 0.5 }],
  ["no list", { ...ok, moments: { length: 3 } }],
  ["a moment that is none", { ...ok, moments: [null] }],
  ["a time that is none", { ...ok, moments: [{ ...text(0, "x"), at: NaN }] }],
  ["data that is no text", { ...ok, moments: [{ ...text(0, "x"), data: { toString: 1 } }] }],
  ["a piece that is none", { ...ok, moments: [{ ...text(0, "x"), piece: { text: 3 } }] }],
  ["a state that is none", { ...ok, moments: [{ ...text(0, "x"), state: { status: [] } }] }],
  ["logprobs that are none", { ...ok, moments: [{ ...text(0, "x"), logprobs: [["x", "0", []]] }] }],
  ["alternatives that are none", { ...ok, moments: [{ ...text(0, "x"), logprobs: [["x", 0, [["y"]]]] }] }],
  ["no total", { ...ok, total: undefined }],
])("%s: it is dropped with a warning", async (_, message) => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const model = inspectorModel([[]]);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  model.emit("msg:custom", message);
  expect(warn).toHaveBeenCalledOnce();
  expect(inspector.sources[0]!.trace.moments).toEqual([]);
  model.push([text(1, "x")]);
  expect(textOf(inspector)).toBe("x");
});

test("moments of a track that there is not are nothing", async () => {
  const model = inspectorModel([all]);
  const inspector = createInspector(model, end.signal);
  model.emit("msg:custom", moments(0, all, all.length, 7));
  expect(inspector.sources).toHaveLength(1);
});

test("hostile tracks and options show nothing and break nothing", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const model = inspectorModel([], { view: "<img>", speed: "x", loop: 1, remark: {} }, [{ ...track(), label: 3 } as never]);
  const inspector = createInspector(model, end.signal);
  expect(inspector.sources).toEqual([]);
  expect(inspector.options).toEqual({ view: "answer", speed: 1, loop: false, projector: false, race: false, playing: false, replay: false, remark: "" });
  expect(warn).toHaveBeenCalledOnce();
});

test("Stop is asked for once, told to be so, and over with the run", async () => {
  const model = inspectorModel([all.slice(0, 4)]);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  inspector.requestStop();
  expect(inspector.stop).toBe("asked");
  await vi.advanceTimersByTimeAsync(2000);
  expect(inspector.stop).toBe("busy");
  model.emit("msg:custom", { type: "ack", of: "stop" });
  expect(inspector.stop).toBe("asked");
  model.push(all.slice(4));
  expect(inspector.stop).toBe("");
  model.sent.length = 0;
  inspector.requestStop();
  expect(model.sent).toEqual([]);
});

test("a new track is a branch, and is pulled", async () => {
  const model = inspectorModel([all]);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  inspector.branch(0, 2, 1);
  expect(model.sent.at(-1)).toEqual({ type: "branch", track: 0, token: 2, alternative: 1 });
  model.kept.push(run("Else"));
  model.traits["_tracks"] = [track(), track({ parent: 0, token: 2 })];
  model.emit("change:_tracks");
  await vi.advanceTimersByTimeAsync(50);
  expect(textOf(inspector, 1)).toBe("Else");
});

test("a closed comm is a kernel that is gone, and nothing is asked any more", async () => {
  const model = inspectorModel([all.slice(0, 3)]);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  model.onSend = () => {
    throw new Error("Cannot send");
  };
  inspector.requestStop();
  expect(inspector.gone).toBe("kernel gone");
  model.sent.length = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(model.sent).toEqual([]);
});

test("nothing is left behind", async () => {
  const model = inspectorModel([all.slice(0, 3)]);
  createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(50);
  end.abort();
  expect(model.listenerCount()).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("a kernel that does not answer is asked less and less often", async () => {
  const model = inspectorModel([all]);
  model.onSend = () => undefined;
  createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked(model).length).toBeGreaterThan(4);
  expect(asked(model).length).toBeLessThan(12);
});
