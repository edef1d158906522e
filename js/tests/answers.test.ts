// Several answers, results, pictures and sounds: whatever the comm does to the messages, the run has them whole, once.
import { expect, test } from "vitest";
import { answersOf, charsOf, createRun, hasBegun, isStale, receive, whole, type Run } from "../src/store";
import type { Numbered } from "../src/wire";
import { append, snapshot, state } from "./fake";

const feed = (run: Run, ...messages: Numbered[]): Run => {
  for (const message of messages) receive(run, message);
  return run;
};
const texts = (run: Run): string[] => answersOf(run).map(({ text }) => whole(text));

test("each choice grows for itself, in the order of their numbers, and tells its end", () => {
  const run = feed(
    createRun(),
    append(1, "a", { choices: [{ index: 2, text: "x" }] }),
    append(2, "b", { choices: [{ index: 1, text: "y", tools: [{ position: 0, name: "f" }] }, { index: 2, text: "z" }] }),
    append(3, "", { choices: [{ index: 1, finish_reason: "length", finish_detail: "max_tokens=3" }] }),
  );
  expect(texts(run)).toEqual(["ab", "y", "xz"]);
  expect(run.choices.map(({ index, finish_reason, finish_detail }) => [index, finish_reason, finish_detail])).toEqual([
    [1, "length", "max_tokens=3"],
    [2, "", ""],
  ]);
  expect([charsOf(run), hasBegun(run), hasBegun(createRun())]).toEqual([5, true, false]);
});

test("a lost message of a choice is healed without starting over", () => {
  const run = feed(createRun(), append(1, "a", { choices: [{ index: 1, text: "x" }] }), append(3, "c", { choices: [{ index: 1, text: "z" }] }));
  expect([texts(run), isStale(run)]).toEqual([["a", "x"], true]);
  feed(run, snapshot(3, "abc", { choices: [{ index: 1, text: "xyz", finish_reason: "stop" }] }));
  expect([texts(run), isStale(run), run.choices[0]!.text.epoch]).toEqual([["abc", "xyz"], false, 0]);
});

test("pieces of a sound are added, of a picture the last one counts", () => {
  const run = feed(
    createRun(),
    append(1, "", { media: [{ slot: 0, kind: "audio", data: ["AA"], transcript: "Hel" }, { slot: 1, kind: "image", data: ["rough"] }] }),
    append(2, "", { media: [{ slot: 0, kind: "audio", data: ["BB"], transcript: "lo" }, { slot: 1, kind: "image", data: ["sharp"] }] }),
  );
  expect(run.media.map(({ data, transcript, version }) => [data, transcript, version])).toEqual([
    [["AA", "BB"], "Hello", 2],
    [["sharp"], "", 2],
  ]);
});

test("a snapshot leaves a picture alone that it has too, and replaces another", () => {
  const run = feed(createRun(), append(1, "", { media: [{ slot: 0, kind: "image", data: ["one"] }, { slot: 1, kind: "image", data: ["two"] }] }));
  const [first] = run.media;
  feed(run, snapshot(2, "", { media: [{ slot: 0, kind: "image", data: ["one"] }, { slot: 1, kind: "image", data: ["other"] }] }));
  expect(run.media[0]).toBe(first);
  expect(run.media.map(({ data, version }) => [data, version])).toEqual([[["one"], 1], [["other"], 2]]);
});

test("state without its pictures keeps those there are, and the rest is asked for", () => {
  const run = feed(createRun(), append(1, "a", { media: [{ slot: 0, kind: "image", data: ["one"] }] }));
  feed(run, snapshot(3, "abc", { lacks_media: true, state: state({ status: "done" }) }));
  expect([whole(run.text), run.media.length, run.ended, isStale(run)]).toEqual(["abc", 1, true, true]);
  feed(run, snapshot(3, "abc", { media: [{ slot: 0, kind: "image", data: ["one"] }, { slot: 1, kind: "image", data: ["two"] }] }));
  expect([run.media.length, run.ended, isStale(run)]).toEqual([2, true, false]);
});

test("what is restored from a file is without pictures, and waits for none", () => {
  const run = createRun(snapshot(3, "abc", { lacks_media: true, state: state({ status: "done" }) }));
  expect([whole(run.text), isStale(run)]).toEqual(["abc", false]);
});

test("results are kept in their order, once", () => {
  const result = (content: string) => ({ position: 0, name: "f", kind: "", content });
  const run = feed(createRun(), append(1, "", { results: [result("1")] }), append(1, "", { results: [result("1")] }), append(2, "", { results: [result("2")] }));
  expect(run.results.map(({ content }) => content)).toEqual(["1", "2"]);
});
