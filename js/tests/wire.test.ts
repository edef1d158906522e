// The messages of wire.py as its own fixtures have them, read by the page's guard; and what the guard refuses.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { parseMessage, type Again, type Branch, type CopyRequest, type Missing, type MomentsRequest, type Resume, type SnapshotRequest, type Stop, type StopCells, type Views } from "../src/wire";

const folder = join(import.meta.dirname, "../../tests/wire");
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>;
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const toPage = names.filter((name) => !name.startsWith("page_"));

test("there are fixtures of every type", () => {
  expect(new Set(toPage.map((name) => read(name)["type"]))).toEqual(new Set(["append", "end", "snapshot", "beat", "ack", "settled", "copy", "cells", "moments"]));
});

test.each(toPage)("%s is read as it is", (name) => {
  const warn = vi.spyOn(console, "warn");
  expect(parseMessage(read(name))).toEqual(read(name));
  expect(warn).not.toHaveBeenCalled();
});

test("what the page sends is what the fixtures say", () => {
  const stop: Stop = { type: "stop" };
  const request: SnapshotRequest = { type: "snapshot" };
  const copy: CopyRequest = { type: "copy" };
  expect([stop, request, copy]).toEqual([read("page_stop.json"), read("page_snapshot.json"), read("page_copy.json")]);
  const some: [StopCells, Again, Resume, Missing] = [
    { type: "stop_cells", cells: [0, 7], runs: [0, 0] },
    { type: "again", cells: [3], runs: [0] },
    { type: "resume", cells: [3], runs: [0] },
    { type: "missing", known: [[0, 12], [1, 3]] },
  ];
  expect(some).toEqual([read("page_stop_cells.json"), read("page_again.json"), read("page_resume.json"), read("page_missing.json")]);
  const more: [MomentsRequest, Branch] = [
    { type: "moments", track: 0, from: 500 },
    { type: "branch", track: 0, token: 12, alternative: 2 },
  ];
  expect(more).toEqual([read("page_moments.json"), read("page_branch.json")]);
  for (const state of ["free", "held", "none"] as const) {
    const views: Views = { type: "views", state };
    expect(views).toEqual(read(`page_views_${state}.json`));
  }
});

// Every field of every fixture, with a value of a wrong type in its place.
const broken = toPage.flatMap((name) => paths(read(name)).map((path): [string, string] => [name, path]));

test.each(broken)("%s with a wrong %s is dropped with one warning that names it", (name, path) => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const message = read(name);
  setPath(message, path.split("."), Symbol("wrong"));
  expect(parseMessage(message)).toBeNull();
  expect(warn).toHaveBeenCalledOnce();
  if (path !== "type") expect(String(warn.mock.calls[0]?.[0])).toContain(path.replace(/\.(\d+)/g, "[$1]"));
});

test.each([null, undefined, 3, "append", [], {}, { type: "constructor" }, { type: "__proto__" }, { type: "append" }, { type: "append", seq: -1 }, { type: "append", seq: 1.5 }])(
  "%j is dropped",
  (value) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect(parseMessage(value)).toBeNull();
    expect(warn).toHaveBeenCalledOnce();
  },
);

test("a field that a newer kernel adds does no harm", () => {
  expect(parseMessage({ type: "beat", seq: 1, more: true })).toEqual({ type: "beat", seq: 1, more: true });
});

function paths(value: unknown, before = ""): string[] {
  if (typeof value !== "object" || value === null) return [before];
  const inner = Object.entries(value).flatMap(([key, item]) => paths(item, before ? `${before}.${key}` : key));
  const isFree = /usage$|^(?:data|metadata)$/u.test(before); // the server's own words; what only the file is for
  return [...(before ? [before] : []), ...(isFree ? [] : inner)];
}

function setPath(target: Record<string, unknown>, path: string[], value: unknown): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) target[key] = value;
  else setPath(target[key] as Record<string, unknown>, rest, value);
}
