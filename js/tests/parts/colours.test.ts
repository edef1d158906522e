// The colours of code and formulas can be read (WCAG 2.1, 1.4.3: 4.5 : 1) on every background that code has, light and
// dark, whether they are ours or JupyterLab's own.
import { describe, expect, test } from "vitest";

import { LOOKS, TOKEN_KINDS } from "../../src/markdown/contract";
import { MATH_COLORS, partStyles, TOKEN_COLORS } from "../../src/markdown/partstyles";

/** Code and page in JupyterLab, VS Code and Colab; between them lies what a translucent shade makes of them. */
const LIGHT = ["#ffffff", "#f5f5f5", "#f1f1f1"];
const DARK = ["#111111", "#1e1e1e", "#212121"];

/** JupyterLab 4.6, theme-light and theme-dark: `--jp-mirror-editor-*-color`. */
const JUPYTERLAB: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  keyword: ["#008000", "#4caf50"],
  operator: ["#7800c2", "#d48fff"],
  string: ["#ba2121", "#ff7070"],
  "string-2": ["#770088", "#ba68c8"],
  builtin: ["#008000", "#43a047"],
  property: ["#0055aa", "#42a5f5"],
  attribute: ["#0000cc", "#64b5f6"],
  header: ["#0000ff", "#2196f3"],
};

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const weakest = (color: string, on: readonly string[]): number => Math.min(...on.map((ground) => contrast(color, ground)));

test("the measure is WCAG's", () => {
  expect(contrast("#000000", "#ffffff")).toBe(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

const OURS = [...Object.entries(TOKEN_COLORS), ...Object.entries(MATH_COLORS)];
const THEIRS = Object.values(TOKEN_COLORS).flatMap(([, , variable]) => variable ?? []);

describe.each([
  ...OURS.map(([name, [light, dark]]) => [name, light, dark] as const),
  ...THEIRS.map((name) => [`JupyterLab's ${name}`, ...JUPYTERLAB[name]!] as const),
])("%s", (_, light, dark) => {
  test("on light", () => expect(weakest(light, LIGHT)).toBeGreaterThanOrEqual(4.5));
  test("on dark", () => expect(weakest(dark, DARK)).toBeGreaterThanOrEqual(4.5));
});

test("every kind and every look has its rule, and no other class is ours", () => {
  for (const kind of TOKEN_KINDS) expect(partStyles).toContain(`.ns-${kind} {`);
  for (const look of LOOKS) expect(partStyles).toMatch(new RegExp(`\\.ns-m-${look}\\b`, "u"));
  const named = [...partStyles.matchAll(/\.ns-m-([a-z-]+)/gu)].map(([, look]) => look);
  expect(named.filter((look) => !(LOOKS as readonly (string | undefined)[]).includes(look))).toEqual([]);
});
