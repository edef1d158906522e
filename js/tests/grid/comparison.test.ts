// A comparison's batches, with a clock of our own: taken apart, lost, asked for, healed; new runs; Stop and Again by all
// routes; the change-over.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createComparison } from "../../src/grid/comparison";
import { statusOf } from "../../src/grid/words";
import { whole as textOf } from "../../src/store";
import { fakeModel } from "../fake";
import { append, batch, end, gridModel, whole } from "./fake";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(model = gridModel()) {
  const controller = new AbortController();
  const comparison = createComparison(model, controller.signal);
  const heard: number[][] = [];
  comparison.subscribe((changed) => heard.push([...changed]), controller.signal);
  const tell = (...messages: unknown[]): void => messages.forEach((message) => model.emit("msg:custom", message));
  const texts = (): string[] => comparison.cells.map(({ run }) => textOf(run.text));
  const asked = () => model.sent.filter(({ type }) => type === "missing");
  return { model, controller, comparison, heard, tell, texts, asked };
}

test("each cell has what its messages say, and only they are told of", () => {
  const { comparison, tell, texts, heard, asked } = open();
  expect(comparison.cells.map(statusOf)).toEqual(["queued", "queued", "queued", "queued"]);
  tell(batch(1, append(0, 1, "Pa"), append(2, 1, "Ro")), batch(2, append(0, 2, "ris"), end(2, 2)));
  expect(texts()).toEqual(["Paris", "", "Ro", ""]);
  expect(comparison.cells.map(statusOf)).toEqual(["running", "queued", "done", "queued"]);
  expect(heard).toEqual([[0, 2], [0, 2]]);
  expect([comparison.isRunning, asked()]).toEqual([true, []]);
  vi.advanceTimersByTime(60_000);
  expect(asked()).toEqual([]);
});

test("a lost batch is asked for with what is known of each cell, again and again, and the answer heals it", () => {
  const { tell, texts, asked } = open();
  tell(batch(1, append(0, 1, "one ")), batch(3, append(0, 3, "three"), append(1, 1, "x")));
  expect(texts()).toEqual(["one ", "x", "", ""]); // what can be shown is
  expect(asked()).toEqual([{ type: "missing", known: [[0, 1], [0, 1], [0, 0], [0, 0]] }]);
  vi.advanceTimersByTime(500);
  expect(asked()).toHaveLength(2);
  vi.advanceTimersByTime(999);
  expect(asked()).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(asked()).toHaveLength(3);
  tell(batch(4, whole(0, 3, "one two three")));
  expect(texts()).toEqual(["one two three", "x", "", ""]);
  tell(batch(5, append(0, 4, " four")));
  vi.advanceTimersByTime(60_000);
  expect([texts()[0], asked().length]).toEqual(["one two three four", 3]);
});

test("a batch that goes on is no answer: the gap stays open", () => {
  const { tell, asked } = open();
  tell(batch(2, append(0, 1, "x")), batch(3, append(0, 2, "y")));
  vi.advanceTimersByTime(500);
  expect(asked()).toHaveLength(2);
  tell(batch(4, whole(1, 5, "lost"))); // all that was missing
  vi.advanceTimersByTime(60_000);
  expect(asked()).toHaveLength(2);
});

test("an answer with nothing in it heals, too", () => {
  const { tell, asked } = open();
  tell(batch(2), { type: "cells", seq: 3, state: { concurrency: 8 } });
  vi.advanceTimersByTime(60_000);
  expect(asked()).toHaveLength(1);
});

test("a beat shows that the tail is lost", () => {
  const { tell, asked } = open();
  tell(batch(1, append(0, 1, "x")), { type: "beat", seq: 1 });
  expect(asked()).toEqual([]);
  tell({ type: "beat", seq: 2 });
  expect(asked()).toHaveLength(1);
});

test("a gap in one run only is asked for as well", () => {
  const { tell, asked, texts } = open();
  tell(batch(1, append(0, 2, "two")));
  expect(asked()).toHaveLength(1);
  tell(batch(2, whole(0, 2, "one two")));
  vi.advanceTimersByTime(60_000);
  expect([asked().length, texts()[0]]).toEqual([1, "one two"]);
});

test("nothing is asked for once the model has gone", () => {
  const { tell, asked, controller, model } = open();
  tell(batch(3, append(0, 1, "x")));
  controller.abort();
  vi.advanceTimersByTime(60_000);
  expect([asked().length, model.listenerCount()]).toEqual([1, 0]);
});

test("a higher run begins the cell anew, a lower one is ignored", () => {
  const { comparison, tell, texts } = open();
  tell(batch(1, append(0, 1, "old"), end(0, 2)));
  const before = comparison.cells[0]!.run;
  tell(batch(2, append(0, 1, "new", {}, 1)), batch(3, append(0, 2, " late", {}, 0)));
  expect(comparison.cells[0]!.run).not.toBe(before);
  expect([texts()[0], statusOf(comparison.cells[0]!)]).toEqual(["new", "running"]);
});

test("a malformed batch is dropped, a cell that is not there ignored", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { tell, texts, asked } = open();
  tell({ type: "cells", seq: 1, cells: [{ cell: 0, run: 0, message: { type: "append", seq: "x" } }] });
  expect(warn).toHaveBeenCalledOnce();
  tell(batch(1, append(99, 1, "nowhere"), append(1, 1, "here")));
  expect([texts(), asked()]).toEqual([["", "here", "", ""], []]);
});

test("without a layout there are no cells, and it says so", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { comparison } = open(fakeModel({ _layout: { axes: 3 } }));
  expect([comparison.cells, comparison.isRunning]).toEqual([[], false]);
  expect(warn).toHaveBeenCalled();
});

test("Stop of a cell: told once, by the control channel when nobody answers, then the kernel is busy", () => {
  const sent: unknown[] = [];
  const kernel = { sendControlMessage: (message: unknown) => (sent.push((message as { content: unknown }).content), undefined) };
  const { model, comparison, tell } = open(gridModel(undefined, {}, { kernel }));
  tell(batch(1, append(0, 1, "x"), append(1, 1, "y")));
  comparison.stopCells([0]);
  comparison.stopCells([1]);
  expect(model.sent).toEqual([{ type: "stop_cells", cells: [0], runs: [0] }, { type: "stop_cells", cells: [0, 1], runs: [0, 0] }]);
  vi.advanceTimersByTime(300);
  expect(sent).toMatchObject([{ data: { content: { type: "stop_cells", cells: [0, 1], runs: [0, 0] } } }]);
  vi.advanceTimersByTime(900);
  expect(comparison.cells.map(({ stop }) => stop)).toEqual(["busy", "busy", "", ""]);
  tell({ type: "ack", of: "stop_cells" });
  expect(comparison.cells.map(({ stop }) => stop)).toEqual(["asked", "asked", "", ""]);
  tell(batch(2, end(0, 2, { status: "stopped", stop_reason: "user" })));
  expect(comparison.cells.map(({ stop }) => stop)).toEqual(["", "asked", "", ""]);
  comparison.stopCells([0]); // it has ended
  expect(model.sent).toHaveLength(2);
});

test("Stop all ends what runs and what waits", () => {
  const { model, comparison, tell } = open();
  tell(batch(1, append(0, 1, "x"), end(0, 2)));
  comparison.stopAll();
  expect(model.sent).toEqual([{ type: "stop" }]);
  expect([comparison.stop, ...comparison.cells.map(({ stop }) => stop)]).toEqual(["asked", "", "asked", "asked", "asked"]);
  tell({ type: "ack", of: "stop" }, batch(2, ...[1, 2, 3].map((cell) => end(cell, 1, { status: "stopped", stop_reason: "user" }))));
  expect([comparison.stop, comparison.isRunning]).toEqual(["", false]);
  vi.advanceTimersByTime(60_000);
  comparison.stopAll();
  expect(model.sent).toHaveLength(1);
});

test("Again names the run that is known, is asked once, and is over when the new run begins", () => {
  const { model, comparison, tell } = open();
  tell(batch(1, append(0, 1, "x"), end(0, 2), append(1, 1, "y")));
  comparison.runAgain([0, 1]); // the second still runs
  comparison.runAgain([0]);
  expect(model.sent).toEqual([{ type: "again", cells: [0], runs: [0] }]);
  expect(comparison.cells[0]!.isAskedAgain).toBe(true);
  tell(batch(2, append(0, 1, "", { status: "connecting" }, 1), end(1, 2)));
  expect([comparison.cells[0]!.isAskedAgain, statusOf(comparison.cells[0]!)]).toEqual([false, "running"]);
  comparison.runAgain([1]); // the first was not acknowledged, and yet has begun: it must not begin a third time
  expect(model.sent.at(-1)).toEqual({ type: "again", cells: [1], runs: [0] });
});

test("a run that does not begin anew can be asked for again", () => {
  const { model, comparison, tell } = open();
  tell(batch(1, append(0, 1, "x"), end(0, 2)));
  comparison.runAgain([0]);
  tell({ type: "ack", of: "again" });
  vi.advanceTimersByTime(1999);
  expect(comparison.cells[0]!.isAskedAgain).toBe(true);
  vi.advanceTimersByTime(1);
  expect(comparison.cells[0]!.isAskedAgain).toBe(false);
  comparison.runAgain([0]);
  expect(model.sent).toHaveLength(2);
});

test("the change-over is told of only while all have ended", () => {
  const { comparison, tell } = open(gridModel(undefined, { settling: "planned" }));
  expect(comparison.settling).toBe("");
  tell(batch(1, ...[0, 1, 2, 3].map((cell) => end(cell, 1))));
  expect(comparison.settling).toBe("planned");
  tell({ type: "settled" }, { type: "copy", data: { "text/html": "x" }, metadata: {} });
  expect([comparison.settling, comparison.copy?.data]).toEqual(["done", { "text/html": "x" }]);
  tell(batch(2, append(0, 1, "new", {}, 1)));
  expect(comparison.settling).toBe("");
});

test("what the kernel syncs at the end counts when it knows more", () => {
  const { model, comparison, texts } = open();
  model.traits["_opening"] = { protocol: 3, seq: 7, cells: [whole(0, 9, "all", { status: "done" })], state: { note: "n" } };
  model.emit("change:_opening");
  expect([texts()[0], comparison.state.note]).toEqual(["all", "n"]);
  model.traits["_opening"] = { protocol: 3, seq: 6, cells: [whole(0, 10, "older")], state: {} };
  model.emit("change:_opening");
  expect(texts()[0]).toBe("all");
});

test("a kernel that is gone is asked for nothing", async () => {
  const model = gridModel();
  const { comparison } = open(model);
  model.onSend = () => {
    throw new Error("Cannot send");
  };
  comparison.stopAll();
  expect(comparison.gone).toBe("kernel gone");
  model.onSend = () => undefined;
  comparison.stopAll();
  comparison.stopCells([0]);
  comparison.runAgain([0]);
  expect(model.sent).toEqual([]);
});

test("seconds are counted on from the kernel's, and not before a run's turn", () => {
  const { comparison, tell } = open();
  vi.advanceTimersByTime(5000);
  expect(comparison.cells[0]!.elapsed()).toBe(0);
  tell(batch(1, append(0, 1, "x", { elapsed_s: 0.5 })));
  vi.advanceTimersByTime(1500);
  expect(comparison.cells[0]!.elapsed()).toBeCloseTo(2, 5);
  tell(batch(2, end(0, 2, { total_s: 2.25 })));
  vi.advanceTimersByTime(5000);
  expect(comparison.cells[0]!.elapsed()).toBe(2.25);
});
