// The times that servers tell: each server's form, what is no sensible number, and what is never parsed.
import { describe, expect, test, vi } from "vitest";
import { createTold, serverTimesIn } from "../../src/inspect/servertimes";
import { event, token, traceOf } from "./timingtrace";

const LLAMA = { choices: [], timings: { prompt_n: 12, prompt_ms: 183.5, prompt_per_second: 65.4, predicted_n: 200, predicted_ms: 4000, predicted_per_second: 50 } };
const GROQ = { queue_time: 0.02, prompt_tokens: 20, prompt_time: 0.004, completion_tokens: 100, completion_time: 0.25, total_time: 0.254 };
const OLLAMA = { done: true, total_duration: 5_000_000_000, load_duration: 1_000_000, prompt_eval_count: 26, prompt_eval_duration: 130_000_000, eval_count: 259, eval_duration: 4_232_710_000 };

describe("the form of", () => {
  test("llama.cpp", () => {
    const times = serverTimesIn(JSON.stringify(LLAMA));
    expect(times).toMatchObject({ server: "llama.cpp", total: null });
    expect(times?.spans.map(({ kind, seconds, tokens }) => [kind, Number(seconds.toFixed(6)), tokens])).toEqual([["prompt", 0.1835, 12], ["generation", 4, 200]]);
  });

  test("Groq, in either place", () => {
    const spans = [["queue", 0.02, null], ["prompt", 0.004, 20], ["generation", 0.25, 100]];
    for (const data of [{ usage: GROQ }, { x_groq: { id: "x", usage: GROQ } }]) {
      const times = serverTimesIn(JSON.stringify(data));
      expect(times).toMatchObject({ server: "Groq", total: 0.254 });
      expect(times?.spans.map(({ kind, seconds, tokens }) => [kind, seconds, tokens])).toEqual(spans);
    }
  });

  test("Ollama", () => {
    const times = serverTimesIn(JSON.stringify(OLLAMA));
    expect(times).toMatchObject({ server: "Ollama", total: 5 });
    expect(times?.spans.map(({ kind, seconds, tokens }) => [kind, Number(seconds.toFixed(6)), tokens])).toEqual([["load", 0.001, null], ["prompt", 0.13, 26], ["generation", 4.23271, 259]]);
  });
});

test.each(["12", NaN, -1, 1e300, null, [], {}, true])("%j is no time and no number of tokens", (value) => {
  const data = JSON.stringify({ timings: { prompt_ms: value, predicted_ms: 5, predicted_n: value } }); // NaN becomes null
  expect(serverTimesIn(data)?.spans).toEqual([{ kind: "generation", seconds: 0.005, tokens: null }]);
});

test.each(["1e999", "-1e999"])("%s is none either", (value) => {
  expect(serverTimesIn(`{"timings":{"prompt_ms":${value},"predicted_ms":5}}`)?.spans).toHaveLength(1);
});

test.each(['{"timings":{"prompt_ms":', '{"timings":[1],"x":{"prompt_ms":3}}', '[{"prompt_ms":3}]', '{"usage":{"prompt_time":"x"}}', "null"])("%s tells nothing", (data) => {
  expect(serverTimesIn(data)).toBeNull();
});

test("only what has such a key is parsed: not a text that speaks of one, nor what is too long", () => {
  const parse = vi.spyOn(JSON, "parse");
  expect(serverTimesIn(JSON.stringify({ choices: [{ delta: { content: '"prompt_ms":3' } }] }))).toBeNull();
  expect(serverTimesIn(JSON.stringify({ ...LLAMA, x: "x".repeat(1_000_000) }))).toBeNull();
  expect(parse).not.toHaveBeenCalled();
});

test("the latest by a place counts, and what is no sensible one does not hide it", () => {
  const at = (predicted_ms: unknown): string => JSON.stringify({ timings: { prompt_ms: 1, predicted_ms } });
  const trace = traceOf(token(0), event(1, at(1000)), event(2, at(2000)), event(3, '{"timings":{"prompt_ms":-1}}'));
  const told = createTold(trace);
  told.refresh();
  const generation = (moments: number) => told.times(moments)?.spans.at(-1)?.seconds;
  expect([1, 2, 3, 4].map(generation)).toEqual([undefined, 1, 2, 2]);
});

test("the tokens of the usage, by a place; a hostile count is left out", () => {
  const usage = (output_tokens: unknown) => ({ usage: { output_tokens } });
  const told = createTold(traceOf(event(0, "{}", usage(3)), event(1, "{}", usage(7)), event(2, "{}", usage("9")), event(3, "{}", usage(-1)), event(4, "{}", usage(1.5))));
  told.refresh();
  expect([0, 1, 2, 5].map((moments) => told.tokens(moments))).toEqual([null, 3, 7, 7]);
});
