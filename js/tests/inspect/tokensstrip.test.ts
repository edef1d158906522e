// The strip's shape from figures, and the contrast of the scale's grounds.
import { expect, test, vi } from "vitest";
import { bitsOf, scaleOf, shapeOf } from "../../src/inspect/entropystrip";
import { SCALES, tokenStyles } from "../../src/inspect/tokenstyles";
import { ln, open, momentsOf, each, SEA, token } from "./tokensfake";

const cornersOf = (shape: string): number => shape.slice("polygon(".length, -1).split(",").length;

test("a bar stands at its token's place, as high as its bits", () => {
  expect(shapeOf([1, 2], 2, 100, 2)).toBe(
    "polygon(0% 100%,0.000% 100%,0.000% 50.0%,0.850% 50.0%,0.850% 100%,1.000% 100%,1.000% 0.0%,1.850% 0.0%,1.850% 100%)",
  );
  expect(cornersOf(shapeOf([1, 2], 1, 100, 2))).toBe(5); // those that have not come are not drawn
  expect(shapeOf([], 0, 80, 1)).toBe("polygon(0% 100%)");
});

test("many tokens make few bars, each the highest of its tokens", () => {
  const values = Array.from({ length: 20_000 }, (_, at) => (at === 12_345 ? 3 : 1));
  const shape = shapeOf(values, values.length, values.length, 3);
  expect(cornersOf(shape)).toBeLessThan(2_500);
  expect(shape.match(/ 0\.0%/g)).toHaveLength(2);
});

test("what is pointed at keeps its place in the strip while tokens come", () => {
  const view = open(momentsOf(...each(SEA)));
  view.selection.pointToToken(2);
  expect(view.one(".cursor").style.left).toBe("2.5%"); // of 80
  view.trace.add(momentsOf(...each(Array.from({ length: 155 }, () => SEA[0]!))));
  view.go();
  expect(view.one(".cursor").style.left).toBe("1.25%"); // of 160
});

test("the strip points at tokens and holds them", () => {
  const view = open(momentsOf(...each(SEA)));
  const plot = view.one(".plot");
  vi.spyOn(plot, "getBoundingClientRect").mockReturnValue(new DOMRect(10, 0, 800, 40));
  const at = (type: string, x: number): boolean => plot.dispatchEvent(new MouseEvent(type, { clientX: x }));
  at("pointermove", 10 + 35);
  expect([view.selection.now.token, view.selection.isHeld]).toEqual([3, false]);
  at("pointermove", 10 + 51); // no token has come there
  expect(view.selection.now.token).toBe(3);
  at("click", 10 + 15);
  expect([view.selection.now.token, view.selection.isHeld]).toEqual([1, true]);
});

test("the scale goes to a whole number of bits", () => {
  expect([scaleOf([]), scaleOf([0.2]), scaleOf([1, 2.01])]).toEqual([1, 1, 3]);
});

test("entropy where alternatives are told, else surprise", () => {
  expect(bitsOf(token("a", ln(0.25), [["a", ln(0.5)], ["b", ln(0.5)]]), true)).toBeCloseTo(1, 10);
  expect(bitsOf(token("a", ln(0.25)), false)).toBeCloseTo(2, 10);
  const { one, trace, go } = open(momentsOf(...each(SEA.map(([text, logprob]) => [text, logprob, []]))));
  expect(one(".caption").textContent).toContain("Surprise at each token");
  expect(one(".plot").getAttribute("aria-label")).toContain("highest 6.64 bits at token 5");
  trace.add(momentsOf([SEA[1]!]));
  go();
  expect(one(".caption").textContent).toContain("Entropy of what could come, in bits (at least)");
  expect(one(".plot").getAttribute("aria-label")).toContain("highest 1.75 bits at token 6"); // no surprise is left among it
});

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const contrast = (one: string, other: string): number => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

test.each(Object.entries(SCALES))("text on every ground of the %s scale passes WCAG AA, and lightness alone tells the grounds apart", (_, { text, steps, line }) => {
  for (const step of steps) expect(contrast(text, step)).toBeGreaterThan(4.5);
  const away = steps.map((step) => contrast(steps[0], step));
  for (let step = 1; step < steps.length; step++) expect(away[step]! / away[step - 1]!).toBeGreaterThan(1.1);
  expect(contrast(line, steps[0])).toBeGreaterThan(4.5); // the line below says it where the grounds are not seen
  for (const step of steps) expect(step === steps[0] || tokenStyles.includes(step)).toBe(true);
});
