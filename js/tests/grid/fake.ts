// The messages of a comparison for the tests, and a fake model that tells them; its cells and their runs are numbered here.
import type { Manager } from "../../src/anywidget";
import type { CellMessage, Cells, GridState, Layout, RunState } from "../../src/wire";
import { fakeModel, snapshot, state, type FakeModel } from "../fake";

export const axis = (name: string, labels: string[], details = labels.map(() => "")) => ({ name, labels, details });

/** Every combination has a cell. */
export function layout(axes: ReturnType<typeof axis>[], across: number, repeats = -1): Layout {
  const points = axes.reduce<number[][]>((all, { labels }) => all.flatMap((point) => labels.map((_, at) => [...point, at])), [[]]);
  return { axes, points, across, repeats };
}

export const TWO_BY_TWO = layout([axis("prompt", ["capital", "haiku"]), axis("model", ["a/one", "b/two"])], 1);

export const queued = (cell: number): CellMessage => ({ cell, run: 0, message: snapshot(0, "", { state: state({ status: "queued" }) }) });

export function gridModel(of: Layout = TWO_BY_TWO, state: GridState = {}, manager?: Manager): FakeModel {
  const cells = of.points.map((_, cell) => queued(cell));
  return fakeModel({ _layout: of, _opening: { protocol: 3, seq: 0, cells, state } }, manager);
}

export const batch = (seq: number, ...cells: CellMessage[]): Cells => ({ type: "cells", seq, cells });
export const append = (cell: number, seq: number, text: string, more: RunState = {}, run = 0): CellMessage => ({
  cell,
  run,
  message: { type: "append", seq, text, state: { status: "streaming", ...more } },
});
export const end = (cell: number, seq: number, more: RunState = {}, run = 0): CellMessage => ({
  cell,
  run,
  message: { type: "end", seq, state: state({ status: "done", finish_reason: "stop", total_s: 2, estimated: false, ...more }) },
});
export const whole = (cell: number, seq: number, text: string, more: RunState = {}, run = 0): CellMessage => ({
  cell,
  run,
  message: snapshot(seq, text, { state: state({ status: "streaming", ...more }) }),
});
