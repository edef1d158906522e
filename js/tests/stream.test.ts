// The routes of Stop and of the request for the whole, with a clock of our own: ordinary message, control channel,
// busy kernel, dead comm; and the asking again while a gap is open.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Kernel, Manager } from "../src/anywidget";
import { keepJournal } from "../src/journal";
import { createStream } from "../src/stream";
import { whole } from "../src/store";
import { append, fakeModel, snapshot, state } from "./fake";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (model = fakeModel()) => {
  const controller = new AbortController();
  return { model, controller, stream: createStream(keepJournal(model, controller.signal)) };
};
const kernel = (): Kernel & { sent: Record<string, unknown>[] } => {
  const sent: Record<string, unknown>[] = [];
  return {
    sent,
    clientId: "client-1",
    username: "me",
    sendControlMessage: (message) => {
      sent.push(message as Record<string, unknown>);
      return { done: Promise.reject(new Error("disposed before its reply")) };
    },
  };
};

test("Stop goes by the ordinary way; acknowledged in time nothing else happens", () => {
  const control = kernel();
  const { model, stream } = open(fakeModel({}, { kernel: control }));
  stream.requestStop();
  expect([model.sent, stream.stop]).toEqual([[{ type: "stop" }], "asked"]);
  vi.advanceTimersByTime(299);
  model.emit("msg:custom", { type: "ack", of: "stop" });
  vi.advanceTimersByTime(60_000);
  expect([control.sent, stream.stop]).toEqual([[], "asked"]);
});

test.each<[string, (control: Kernel) => Manager]>([
  ["widget_manager.kernel", (control) => ({ kernel: control })],
  ["the session context", (control) => ({ context: { sessionContext: { session: { kernel: control } } } })],
])("without an acknowledgement Stop takes the control channel of %s", (_, manager) => {
  const control = kernel();
  const { stream } = open(fakeModel({}, manager(control)));
  stream.requestStop();
  vi.advanceTimersByTime(300);
  expect(control.sent).toHaveLength(1);
  expect(control.sent[0]).toMatchObject({
    channel: "control",
    header: { msg_type: "comm_msg", session: "client-1", username: "me" },
    content: { comm_id: "model-1", data: { method: "custom", content: { type: "stop" } } },
    parent_header: {},
    metadata: {},
    buffers: [],
  });
});

test("still nothing: the kernel is busy, until it answers", () => {
  const { model, stream } = open();
  stream.requestStop();
  vi.advanceTimersByTime(1199);
  expect(stream.stop).toBe("asked");
  vi.advanceTimersByTime(1);
  expect(stream.stop).toBe("busy");
  model.emit("msg:custom", { type: "ack", of: "stop" });
  expect(stream.stop).toBe("asked");
  model.emit("msg:custom", { type: "end", seq: 1, state: state({ status: "stopped", stop_reason: "user" }) });
  expect([stream.stop, stream.run.ended]).toEqual(["", true]);
});

test("the end is an answer too", () => {
  const control = kernel();
  const { model, stream } = open(fakeModel({}, { kernel: control }));
  stream.requestStop();
  model.emit("msg:custom", { type: "end", seq: 1, state: state({ status: "stopped", stop_reason: "user" }) });
  vi.advanceTimersByTime(60_000);
  stream.requestStop();
  expect([control.sent, model.sent]).toEqual([[], [{ type: "stop" }]]);
});

test("a comm that throws means that the kernel is gone, and a message that it is back", () => {
  const { model, stream } = open();
  model.onSend = () => {
    throw new Error("Cannot send");
  };
  stream.requestStop();
  expect(stream.gone).toBe("kernel gone");
  model.emit("msg:custom", append(1, "a"));
  expect([stream.gone, whole(stream.run.text)]).toEqual(["", "a"]);
});

test("a control channel that throws does no harm", () => {
  const control = kernel();
  control.sendControlMessage = () => {
    throw new Error("private, and changed");
  };
  const { stream } = open(fakeModel({}, { kernel: control }));
  stream.requestStop();
  vi.advanceTimersByTime(1200);
  expect(stream.stop).toBe("busy");
});

test.each([
  ["statusChanged", "restarting", "kernel gone"],
  ["statusChanged", "dead", "kernel gone"],
  ["statusChanged", "busy", ""],
  ["connectionStatusChanged", "connecting", ""],
  ["connectionStatusChanged", "disconnected", "no connection to the kernel"],
] as const)("%s: %s is told as '%s'", (signalName, value, gone) => {
  const slots = new Set<(sender: unknown, value: unknown) => void>();
  const source = { connect: slots.add.bind(slots), disconnect: slots.delete.bind(slots) };
  const { controller, stream } = open(fakeModel({}, { kernel: { [signalName]: source } }));
  for (const slot of slots) slot(null, value);
  expect(stream.gone).toBe(gone);
  controller.abort();
  expect(slots.size).toBe(0);
});

test("a comm that is no longer live means that the kernel is gone", async () => {
  let comm_live = true;
  const { model, stream } = open(fakeModel({}, { get_model: () => Promise.resolve({ comm_live }) }));
  await vi.advanceTimersByTimeAsync(0);
  expect(stream.gone).toBe("");
  comm_live = false;
  model.emit("comm_live_update");
  await vi.advanceTimersByTimeAsync(0);
  expect(stream.gone).toBe("kernel gone");
});

test("a gap asks for the whole at once, again and more slowly while unanswered, and not any more when whole", () => {
  const { model, stream } = open();
  model.emit("msg:custom", append(2, "b"));
  expect(model.sent).toEqual([{ type: "snapshot" }]);
  vi.advanceTimersByTime(500 + 1000 + 2000);
  expect(model.sent).toHaveLength(4);
  model.emit("msg:custom", snapshot(2, "ab"));
  vi.advanceTimersByTime(60_000);
  expect([model.sent.length, whole(stream.run.text)]).toEqual([4, "ab"]);
});

test("losses in quick succession do not become a flood of requests", () => {
  const { model } = open();
  for (let seq = 2; seq < 200; seq += 2) {
    model.emit("msg:custom", append(seq, "b"));
    model.emit("msg:custom", snapshot(seq, "b".repeat(seq)));
    vi.advanceTimersByTime(10);
  }
  expect(model.sent.length).toBeLessThanOrEqual(3);
});

test("the traits count only when they know more than the messages", () => {
  const { model, stream } = open();
  model.emit("msg:custom", append(1, "live"));
  Object.assign(model.traits, { seq: 1, text: "other" });
  model.emit("change:seq");
  expect(whole(stream.run.text)).toBe("live");
  Object.assign(model.traits, { seq: 3, text: "live, whole", _rest: { refusal: "", tools: [], citations: [], state: state({ status: "done" }) } });
  model.emit("change:seq");
  expect([whole(stream.run.text), stream.run.ended]).toEqual(["live, whole", true]);
});

test("time runs on by the page's clock, from the kernel's, and stands still at the end", () => {
  const { model, stream } = open(fakeModel({ _rest: { refusal: "", tools: [], citations: [], state: state({ elapsed_s: 2 }) } }));
  vi.advanceTimersByTime(1500);
  expect(stream.elapsed()).toBeCloseTo(3.5);
  model.emit("msg:custom", append(1, "a", { state: { elapsed_s: 4 } }));
  vi.advanceTimersByTime(500);
  expect(stream.elapsed()).toBeCloseTo(4.5);
  model.emit("msg:custom", { type: "end", seq: 2, state: state({ status: "done", elapsed_s: 5, total_s: 4.9 }) });
  vi.advanceTimersByTime(5000);
  expect(stream.elapsed()).toBe(4.9);
});

test("after the abort nothing listens and nothing is sent", () => {
  const { model, controller } = open();
  model.emit("msg:custom", append(2, "b"));
  controller.abort();
  expect(model.listenerCount()).toBe(0);
  const before = model.sent.length;
  vi.advanceTimersByTime(60_000);
  expect([model.sent.length, vi.getTimerCount()]).toEqual([before, 0]);
});

test("a request after the abort leaves no timer", () => {
  const { model, controller, stream } = open();
  controller.abort();
  stream.requestStop();
  expect([model.sent, vi.getTimerCount()]).toEqual([[{ type: "stop" }], 0]);
});

test("unanswered, the whole is asked for every 16 seconds in the end", () => {
  const { model } = open();
  model.emit("msg:custom", append(2, "b"));
  vi.advanceTimersByTime(500 * (1 + 2 + 4 + 8 + 16));
  const before = model.sent.length;
  vi.advanceTimersByTime(10 * 16_000);
  expect([before, model.sent.length]).toEqual([6, 16]);
});

test("what ended before this code was here is read from its beginning: the end's traits hold no pictures", () => {
  const rest = { refusal: "", tools: [], citations: [], lacks_media: true, state: state({ status: "done" }) };
  const picture = { slot: 0, kind: "image", mime_type: "image/png", data: ["iVBORw0KGgo="] };
  const model = fakeModel();
  const journal = keepJournal(model, new AbortController().signal);
  model.emit("msg:custom", append(1, "a", { media: [picture] }));
  model.emit("msg:custom", { type: "end", seq: 2, state: state({ status: "done" }) });
  Object.assign(model.traits, { seq: 2, text: "a", _rest: rest });
  const { run } = createStream(journal);
  expect([run.media.length, whole(run.text), run.ended, run.lacksMedia]).toEqual([1, "a", true, false]);
  expect(model.sent).toEqual([]);
});

test("of messages that never came the traits tell, and what they do not hold is asked for", () => {
  const rest = { refusal: "", tools: [], citations: [], lacks_media: true, state: state({ status: "done" }) };
  const model = fakeModel();
  const journal = keepJournal(model, new AbortController().signal);
  Object.assign(model.traits, { seq: 2, text: "a", _rest: rest });
  const { run } = createStream(journal);
  expect([whole(run.text), run.ended]).toEqual(["a", true]);
  expect(model.sent).toEqual([{ type: "snapshot" }]);
});
