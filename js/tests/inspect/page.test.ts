// What a page of its own says of the question, and that nobody writes into it but by text.
import { expect, test } from "vitest";
import { createPageModel, questionOf } from "../../src/inspect/page";
import { track } from "./fake";

test.each([
  [{ messages: [{ role: "system", content: "Be brief" }, { role: "user", content: " Why? " }] }, "Why?"],
  [{ prompt: "Once" }, "Once"],
  [{ messages: [{ role: "user", content: [{ type: "text", text: "x" }] }] }, ""],
  [{ messages: [null] }, ""],
  [{ messages: "x" }, ""],
  [{}, ""],
  [null, ""],
])("%j is asked as %j", (request, question) => {
  expect(questionOf({ ...track(), request: request as Record<string, unknown> | null })).toBe(question);
});

test("a page's model answers what a kernel would, and lets nobody go on", async () => {
  const moments = [{ at: 0, name: "", data: "a" }, { at: 1, name: "", data: "b" }];
  const model = createPageModel({ tracks: [{ ...track(), branches: true }], moments: [moments], options: {} }, ["core"]);
  expect((model.get("_tracks") as { branches: boolean }[])[0]!.branches).toBe(false);
  const told = new Promise((resolve) => model.on("msg:custom", resolve));
  model.send({ type: "moments", track: 0, from: 1 });
  expect(await told).toEqual({ type: "moments", track: 0, from: 1, moments: [moments[1]], total: 2 });
});
