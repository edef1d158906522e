// The bundle's own table of named characters against the package that it stands for.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

import { decodeHTMLStrict as decode, readTable } from "../../src/markdown/slim/entities";

// By its path: by its name the tests, as the bundle, would get the stand-in.
const require = createRequire(createRequire(import.meta.url).resolve("markdown-it"));
const theirs = (await import(/* @vite-ignore */ pathToFileURL(require.resolve("entities")).href)) as {
  decodeHTMLStrict: (text: string) => string;
};

const SOME: Readonly<Record<string, string>> = {
  amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0", copy: "©", AElig: "Æ", Dcaron: "Ď", frac34: "¾", HilbertSpace: "ℋ",
  DifferentialD: "ⅆ", ClockwiseContourIntegral: "∲", ngE: "≧̸", fjlig: "fj", Tab: "\t", NewLine: "\n", zwnj: "\u200c", Afr: "𝔄",
  CounterClockwiseContourIntegral: "∳", NotEqualTilde: "≂̸", bne: "=⃥", acE: "∾̳", nvap: "≍⃒", vsubnE: "⫋︀", zopf: "𝕫",
}; // prettier-ignore

test.each(Object.entries(SOME))("&%s;", (name, character) => {
  expect(decode(`&${name};`)).toBe(character);
  expect(theirs.decodeHTMLStrict(`&${name};`)).toBe(character);
});

test("each of the standard's 2,125 names is what the package says", () => {
  const table = readTable();
  expect(table.size).toBe(2125);
  for (const [name, character] of table) expect(theirs.decodeHTMLStrict(`&${name};`), name).toBe(character);
});

test.each(["&nope;", "&amp", "&Amp;", "&constructor;", "&__proto__;", "&toString;", "&;"])("%s is none", (text) => {
  expect(decode(text)).toBe(text);
});
