// Which cell stands where: every axis across, repeats in one place, sorted both ways, filtered, sparse.
import { expect, test, vi } from "vitest";
import { arrange, choosable, filter, layoutOf, namesOf, slotsOf, sort, type Arrangement } from "../../src/grid/arrange";
import type { Layout } from "../../src/wire";
import { axis, layout, TWO_BY_TWO } from "./fake";

const CUBE = layout([axis("prompt", ["p0", "p1"]), axis("model", ["m0", "m1", "m2"]), axis("temperature", ["0", "1"])], 1);
const cells = ({ slots }: Arrangement): (readonly number[] | undefined)[][] => slots.map((row) => row.map((slot) => slot?.cells));
const at = (of: Layout, across: number): Arrangement => arrange(of, slotsOf(of), across);

test("rows and columns by the axis across", () => {
  expect(cells(at(TWO_BY_TWO, 1))).toEqual([[[0], [1]], [[2], [3]]]);
  expect(cells(at(TWO_BY_TWO, 0))).toEqual([[[0], [2]], [[1], [3]]]);
  expect(cells(at(TWO_BY_TWO, -1))).toEqual([[[0]], [[1]], [[2]], [[3]]]);
});

test("several axes down go by the first, then by the second", () => {
  const { rows, columns } = at(CUBE, 1);
  expect(rows.map(({ values }) => values)).toEqual([[[0, 0], [2, 0]], [[0, 0], [2, 1]], [[0, 1], [2, 0]], [[0, 1], [2, 1]]]);
  expect(columns.map(({ values }) => values)).toEqual([[[1, 0]], [[1, 1]], [[1, 2]]]);
  expect(cells(at(CUBE, 1))[1]).toEqual([[1], [3], [5]]);
});

test("every cell stands in exactly one place, whatever is across", () => {
  for (const across of [-1, 0, 1, 2]) {
    expect(cells(at(CUBE, across)).flat(2).sort((a, b) => Number(a) - Number(b))).toEqual(CUBE.points.map((_, cell) => cell));
  }
});

test("the repeats of one request stand in one place, in their order, the same one whatever is across", () => {
  const repeated = layout([axis("prompt", ["p0", "p1"]), axis("repeat", ["1", "2", "3"]), axis("model", ["m0", "m1"])], 2, 1);
  expect(cells(at(repeated, 2))).toEqual([[[0, 2, 4], [1, 3, 5]], [[6, 8, 10], [7, 9, 11]]]);
  const shuffled = { ...repeated, points: [...repeated.points].reverse() };
  expect(cells(at(shuffled, 2))[0]).toEqual([[11, 9, 7], [10, 8, 6]]);
  expect(choosable(repeated)).toEqual([0, 2]);
  const slots = slotsOf(repeated);
  expect(arrange(repeated, slots, 0).slots[1]![1]).toBe(arrange(repeated, slots, 2).slots[1]![1]);
});

test("a place that nobody asked for is empty", () => {
  const sparse = { ...TWO_BY_TWO, points: [[0, 0], [1, 1]] };
  expect(cells(at(sparse, 1))).toEqual([[[0], undefined], [undefined, [1]]]);
});

test("sorted, the best place is the upper left one; what has no figure comes last either way", () => {
  const figures = [9, 3, 5, 1]; // by cell: rows 6 and 3 in the mean, columns 7 and 2
  const figure = (cell: number): number | null => figures[cell] ?? null;
  expect(cells(sort(at(TWO_BY_TWO, 1), figure, false))).toEqual([[[3], [2]], [[1], [0]]]);
  expect(cells(sort(at(TWO_BY_TWO, 1), figure, true))).toEqual([[[0], [1]], [[2], [3]]]);
  const some = (cell: number): number | null => (cell < 2 ? null : 1);
  for (const isFalling of [true, false]) expect(cells(sort(at(TWO_BY_TWO, 1), some, isFalling))).toEqual([[[2], [3]], [[0], [1]]]);
  expect(cells(sort(at(TWO_BY_TWO, 1), () => null, true))).toEqual(cells(at(TWO_BY_TWO, 1)));
});

test("filtered, only lines stay in which something is left", () => {
  const only = (...left: number[]) => filter(at(CUBE, 1), ({ cells }) => cells.some((cell) => left.includes(cell)));
  expect(cells(only(0))).toEqual([[[0]]]);
  expect(cells(only(0, 11))).toEqual([[[0], [4]], [[7], [11]]]);
  expect(only().rows).toEqual([]);
});

test("what is no layout is none, and it is said", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const wrong = [undefined, null, 3, {}, { axes: [{ name: 1 }], points: [] }, { ...TWO_BY_TWO, points: [[0]] }, { ...TWO_BY_TWO, points: [[0, "x"]] }];
  for (const value of wrong) expect(layoutOf(value).points).toEqual([]);
  expect(warn).toHaveBeenCalledTimes(wrong.length);
  expect(layoutOf(TWO_BY_TWO)).toEqual(TWO_BY_TWO);
});

test("a cell is named by what varies", () => {
  const one = layout([axis("prompt", ["capital"]), axis("model", ["a", "b"]), axis("repeat", ["1", "2"])], 1, 2);
  expect([namesOf(one, 3), namesOf(one, 3, true)]).toEqual([["b"], ["b", "repeat 2"]]);
  expect(namesOf(CUBE, 7)).toEqual(["p1", "m0", "temperature 1"]);
  const repeated = layout([axis("prompt", ["capital"]), axis("model", ["a"]), axis("repeat", ["1", "2"])], 1, 2);
  expect(namesOf(repeated, 1)).toEqual(["capital", "a"]); // a name it has in any case
});
