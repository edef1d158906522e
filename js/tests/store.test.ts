// Loss, reordering, duplicates, reload and a lost end: whatever the comm does to the messages, the run is whole.
import { expect, test } from "vitest";
import { createRun, isStale, receive, whole, type Run } from "../src/store";
import type { End, Numbered } from "../src/wire";
import { append, snapshot, state } from "./fake";

const feed = (run: Run, ...messages: Numbered[]): Run => {
  for (const message of messages) receive(run, message);
  return run;
};
const end = (seq: number): End => ({ type: "end", seq, state: state({ status: "done", total_s: 3 }) });

test("messages in order make the text", () => {
  const run = feed(createRun(snapshot(0, "")), append(1, "Hel"), append(2, "lo"), end(3));
  expect([whole(run.text), run.ended, isStale(run), run.seq]).toEqual(["Hello", true, false, 3]);
});

test("the opening state is the beginning", () => {
  const run = feed(createRun(snapshot(4, "Hel", { reasoning: "hm" })), append(4, "XX"), append(5, "lo"));
  expect([whole(run.text), whole(run.reasoning)]).toEqual(["Hello", "hm"]);
});

test("duplicates and older numbers are ignored", () => {
  const run = feed(createRun(), append(1, "a"), append(1, "a"), append(2, "b"), append(1, "a"), append(2, "b"));
  expect([whole(run.text), isStale(run)]).toEqual(["ab", false]);
});

test("a gap keeps what is shown, and a snapshot heals it without starting over", () => {
  const run = feed(createRun(), append(1, "a"), append(3, "c"), append(4, "d"));
  expect([whole(run.text), isStale(run), run.text.epoch]).toEqual(["a", true, 0]);
  feed(run, snapshot(4, "abcd"), append(5, "e"));
  expect([whole(run.text), isStale(run), run.text.epoch]).toEqual(["abcde", false, 0]);
});

test("a late message that closes the gap is taken", () => {
  const run = feed(createRun(), append(1, "a"), append(3, "c"), append(2, "b"), append(3, "c"));
  expect([whole(run.text), isStale(run)]).toEqual(["abc", false]);
});

test("a snapshot with another text starts a new epoch", () => {
  const run = feed(createRun(), append(1, "abc"), snapshot(2, "abX"));
  expect([whole(run.text), run.text.epoch, run.text.length]).toEqual(["abX", 1, 3]);
});

test("an older snapshot is ignored", () => {
  const run = feed(createRun(), append(1, "a"), append(2, "b"), snapshot(1, "a"));
  expect(whole(run.text)).toBe("ab");
});

test("a beat shows a lost tail", () => {
  const run = feed(createRun(), append(1, "a"), { type: "beat", seq: 1 });
  expect(isStale(run)).toBe(false);
  feed(run, { type: "beat", seq: 3 });
  expect(isStale(run)).toBe(true);
  feed(run, snapshot(3, "abc", { state: state({ status: "done" }) }));
  expect([whole(run.text), run.ended, isStale(run)]).toEqual(["abc", true, false]);
});

test("an end after a gap ends the run, and an older snapshot does not set it going again", () => {
  const run = feed(createRun(), append(1, "a"), end(4));
  expect([run.ended, isStale(run)]).toEqual([true, true]);
  feed(run, snapshot(2, "ab", { state: state({ status: "streaming" }) }));
  expect([run.ended, run.state.status, whole(run.text), isStale(run)]).toEqual([true, "done", "ab", true]);
  feed(run, snapshot(4, "abc", { state: state({ status: "done" }) }));
  expect([whole(run.text), isStale(run)]).toEqual(["abc", false]);
});

test("pieces of tool calls are joined by position, a snapshot replaces them", () => {
  const run = feed(
    createRun(),
    append(1, "", { tools: [{ position: 0, id: "c1", name: "weather", arguments: '{"ci' }] }),
    append(2, "", { tools: [{ position: 1, name: "time", arguments: "{}" }, { position: 0, arguments: 'ty":1}' }] }),
  );
  expect(run.tools.map((tool) => [tool.name, tool.arguments])).toEqual([["weather", '{"city":1}'], ["time", "{}"]]);
  feed(run, snapshot(3, "", { tools: [{ position: 0, name: "weather", arguments: "{" }] }));
  expect(run.tools.map((tool) => tool.arguments)).toEqual(["{"]);
});

test("1,000 random runs with loss, reordering and duplicates end with the whole text", () => {
  const random = mulberry32(20261122);
  for (let round = 0; round < 1000; round += 1) {
    const pieces = Array.from({ length: 1 + Math.floor(random() * 20) }, (_, i) => "αβ🎉\n* "[Math.floor(random() * 6)]! + String(i));
    const until = (seq: number): string => pieces.slice(0, seq).join("");
    const last = pieces.length + 1;
    const whether = state({ status: "done" });
    const run = createRun(snapshot(0, ""));
    const queue: Numbered[] = [...pieces.map((text, i): Numbered => append(i + 1, text)), end(last)]
      .flatMap((message) => (random() < 0.1 ? [message, message] : [message]))
      .filter(() => random() > 0.15);
    for (let i = queue.length - 1; i > 0; i -= 1) {
      if (random() < 0.15) [queue[i], queue[i - 1]] = [queue[i - 1]!, queue[i]!];
    }
    for (const message of queue) {
      receive(run, message);
      expect(until(last).startsWith(whole(run.text))).toBe(true);
      // A request may be answered late, with what the kernel had at some earlier time.
      if (isStale(run) && random() < 0.3) {
        const seq = Math.floor(random() * (run.newest + 1));
        receive(run, snapshot(seq, until(seq), { state: seq >= last ? whether : state({ status: "streaming" }) }));
      }
    }
    receive(run, { type: "beat", seq: last });
    if (isStale(run)) receive(run, snapshot(last, until(last), { state: whether }));
    expect([whole(run.text), run.ended, isStale(run), run.text.epoch]).toEqual([until(last), true, false, 0]);
  }
});

function mulberry32(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
