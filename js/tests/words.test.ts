// Every state of a run and the words that stand in its status line.
import { expect, test } from "vitest";
import { createRun, receive } from "../src/store";
import type { RunState } from "../src/wire";
import type { StopState } from "../src/stream";
import { describe as wordsOf, dollars } from "../src/view/words";
import { snapshot, state } from "./fake";

interface Row {
  state: RunState;
  elapsed?: number;
  text?: string;
  refusal?: string;
  stop?: StopState;
  gone?: string;
  newest?: number;
}

function words({ elapsed = 3.2, text = "", refusal = "", stop = "", gone = "", newest = 1, ...row }: Row) {
  const run = createRun(snapshot(1, text, { refusal, state: state(row.state) }));
  receive(run, { type: "beat", seq: newest });
  return wordsOf({ run, elapsed, stop, gone });
}

const ended = { total_s: 3.2, ttft_s: 0.31, tokens: 212, tokens_per_s: 73.4, estimated: true };
const error = { code: "auth", message: "401 from api.example.org: invalid key", hint: "Set the key." };
const retry = { at_s: 5, attempt: 1, of: 2, reason: "429 from api.example.org" };

test.each<[string, string, Row]>([
  ["connecting", "running", { state: {}, elapsed: 0.2 }],
  ["waiting for first token", "running", { state: {}, elapsed: 3 }],
  ["waiting for first token 6 s", "running", { state: {}, elapsed: 6.4 }],
  ["waiting for first token", "running", { state: { first_byte_s: 0.1 }, elapsed: 0.2 }],
  ["streaming", "running", { state: { status: "streaming" }, text: "Hi" }],
  ["streaming, catching up", "running", { state: { status: "streaming" }, text: "Hi", newest: 3 }],
  ["retrying in 2 s (1 of 2): 429 from api.example.org", "warning", { state: { retry }, elapsed: 3.2 }],
  ["retrying now (1 of 2): 429 from api.example.org", "warning", { state: { retry }, elapsed: 5.2 }],
  ["stopping…", "stopped", { state: { status: "streaming" }, text: "Hi", stop: "asked" }],
  ["kernel busy: stops when the running cell ends", "warning", { state: {}, stop: "busy" }],
  ["interrupted: kernel gone", "warning", { state: {}, gone: "kernel gone" }],
  ["done", "", { state: { status: "done", finish_reason: "stop", ...ended } }],
  ["done", "", { state: { status: "done" }, gone: "kernel gone" }],
  ["done: cut off at max_tokens", "warning", { state: { status: "done", finish_reason: "length" } }],
  ["done: cut off at max_tokens=500", "warning", { state: { status: "done", finish_reason: "length", finish_detail: "max_tokens=500" } }],
  ["content filtered", "warning", { state: { status: "done", finish_reason: "content_filter" } }],
  ["refused", "warning", { state: { status: "done", finish_reason: "refusal" } }],
  ["refused", "warning", { state: { status: "done", finish_reason: "stop" }, refusal: "I can't" }],
  ["done: asks for tools", "", { state: { status: "done", finish_reason: "tool_calls" } }],
  ["done: toString", "warning", { state: { status: "done", finish_reason: "toString" } }],
  ["stopped: connection closed at 3.2 s, ≈ 212 tokens", "stopped", { state: { status: "stopped", stop_reason: "user", ...ended } }],
  ["stopped: connection closed at 3.2 s, ≈ 1 token", "stopped", { state: { status: "stopped", stop_reason: "user", tokens: 1 } }],
  ["stopped: source closed at 3.2 s, ≈ 212 tokens", "stopped", { state: { status: "stopped", origin: "source", ...ended } }],
  ["stopped at 3.2 s", "stopped", { state: { status: "stopped", origin: "source", notice: "source still running" } }],
  ["stopped: connection closed at 3.2 s", "stopped", { state: { status: "stopped", origin: "connection", notice: "max_cost had no effect" } }],
  ["stopped: cost limit of $0.05 reached (estimated)", "stopped", { state: { status: "stopped", stop_reason: "cost", stop_detail: "cost limit of $0.05 reached (estimated)" } }],
  ["stopped: time limit reached", "stopped", { state: { status: "stopped", stop_reason: "seconds" } }],
  ["stopped: limit of characters reached", "stopped", { state: { status: "stopped", stop_reason: "chars" } }],
  ["stopped: cost limit reached", "stopped", { state: { status: "stopped", stop_reason: "cost" } }],
  ["stopped: toString", "stopped", { state: { status: "stopped", stop_reason: "toString" } }],
  ["waiting for first token", "running", { state: { status: "connecting", asked: { continues: 2 } }, text: "Hi", elapsed: 3 }],
  ["streaming", "running", { state: { status: "streaming", asked: { continues: 2 } }, text: "Hi!" }],
  ["stopped: stop_when was met", "stopped", { state: { status: "stopped", stop_reason: "stop_when" } }],
  ["stopped: no view was left", "stopped", { state: { status: "stopped", stop_reason: "abandoned" } }],
  ["interrupted: connection ended early", "warning", { state: { status: "interrupted", error: { ...error, code: "interrupted" } } }],
  ["error: key refused", "error", { state: { status: "error", error } }],
  ["error: teapot", "error", { state: { status: "error", error: { ...error, code: "teapot" } } }],
])("%s (%s)", (expected, tone, row) => {
  const { state: text, tone: shown } = words(row);
  expect([text, shown]).toEqual([expected, tone]);
});

test("metrics: elapsed, an estimated rate while streaming, the first token", () => {
  const { metrics } = words({ state: { status: "streaming", ttft_s: 0.31 }, text: "a".repeat(400), elapsed: 2.31 });
  expect(metrics).toEqual(["2.3 s", "≈ 50 tokens/s", "first token 0.31 s"]);
});

test("metrics at the end: the server's own count has no ≈", () => {
  const { metrics } = words({ state: { status: "done", ...ended, estimated: false } });
  expect(metrics).toEqual(["3.2 s", "212 tokens", "73 tokens/s", "first token 0.31 s"]);
});

test("what was there before a run that continues is no part of its rate", () => {
  const state: RunState = { status: "streaming", ttft_s: 0.31, asked: { continues: 4000 } };
  expect(words({ state, text: "a".repeat(4400), elapsed: 2.31 }).metrics).toContain("≈ 50 tokens/s");
});

test("a cost is shown where it is known, with ≈ while it is an estimate", () => {
  const shown = (state: RunState): string[] => words({ state: { status: "done", ...state } }).metrics;
  expect(shown({ cost: 0.0041, cost_estimated: true })).toContain("≈ $0.0041");
  expect(shown({ cost: 0.0041, cost_estimated: false })).toContain("$0.0041");
  expect(shown({ cost: null }).join()).not.toContain("$");
  expect(words({ state: { status: "streaming", cost: 0.5, cost_estimated: true }, text: "a" }).metrics).toContain("≈ $0.50");
  expect(words({ state: { status: "stopped", stop_reason: "user", cost: 2 } }).metrics).toContain("$2.00");
});

test.each([
  [1234.5, "$1,234.50"],
  [0.5, "$0.50"],
  [0.05, "$0.05"],
  [0.004, "$0.004"],
  [0.00042, "$0.00042"],
  [4.2e-7, "$0.00000042"],
  [0, "$0.00"],
])("%d dollars are readable", (value, expected) => {
  expect(dollars(value)).toBe(expected);
});

test("before anything has come there is nothing to measure", () => {
  expect(words({ state: {} }).metrics).toEqual([]);
});
