// What servers and files may say of a token's probability, and what of it reaches the views.
import { expect, test } from "vitest";
import { createTrace, type Moment, type Track } from "../../src/inspect/trace";

const ABOUT: Track = { label: "", model: "", wire_format: "", host: "", request: null, branches: false, parent: null, token: null, lost: 0 };
const NONSENSE: unknown[] = [NaN, Infinity, -Infinity, 5, "-1", null, [], {}];

const tokenOf = (logprob: unknown, other: unknown) => {
  const trace = createTrace(ABOUT);
  trace.add([{ at: 0, name: "", data: "", piece: { text: "x" }, logprobs: [["x", logprob, [["y", other], ["x", -0.5]]]] } as Moment]); // prettier-ignore
  return trace.tokens[0]!;
};

test("what can be a log probability is kept as it is", () => {
  for (const logprob of [0, -0.25, -9999, 1e-7]) expect(tokenOf(logprob, -2)).toMatchObject({ logprob, top: [["y", -2], ["x", -0.5]] }); // prettier-ignore
});

test("nonsense is no probability, and the others keep their numbers", () => {
  for (const value of NONSENSE) expect(tokenOf(value, value)).toMatchObject({ logprob: null, top: [["y", -Infinity], ["x", -0.5]] }); // prettier-ignore
});

test("a token that comes without text, for half a character is none yet, is a token still", () => {
  const trace = createTrace(ABOUT);
  const half: Moment["logprobs"] = [["\ufffd", -1, []]];
  trace.add([{ at: 0, name: "", data: "", piece: { text: "a" }, logprobs: [["a", -1, []]] }, { at: 1, name: "", data: "", logprobs: half }]); // prettier-ignore
  expect(trace.tokens.map(({ text, start, end, moment }) => [text, start, end, moment])).toEqual([["a", 0, 1, 0], ["\ufffd", 1, 1, 1]]); // prettier-ignore
});

test("a moment may bring more tokens than a call takes arguments", () => {
  const trace = createTrace(ABOUT);
  const count = 300_000;
  trace.add([{ at: 0, name: "", data: "", piece: { text: "x".repeat(count) }, logprobs: Array.from({ length: count }, () => ["x", -1, []] as [string, number, []]) }]); // prettier-ignore
  expect(trace.tokens.length).toBe(count);
});

test("what no token of a moment is a piece of belongs to the last of them", () => {
  const trace = createTrace(ABOUT);
  trace.add([{ at: 0, name: "", data: "", piece: { text: "né!" }, logprobs: [["n", -1, []], ["\ufffd", -1, []]] }]); // prettier-ignore
  expect(trace.tokens.map(({ start, end }) => [start, end])).toEqual([[0, 1], [1, 3]]);
});
