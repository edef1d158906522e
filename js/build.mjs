// TypeScript in src/ comes in, notebook_stream/static/*.js go out: self-contained modules, the same bytes for the
// same source. Fails when one is over its budget (bytes), since `_esm` crosses the wire.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { slim } from "./src/markdown/slim/alias.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = fileURLToPath(new URL("../notebook_stream/static/", import.meta.url));

const modules = [
  { name: "stream", entry: "src/entry.ts", raw: 4_500, gz: 2_200 }, // sent once per stream: fifty must stay under 1 MB
  { name: "comparison", entry: "src/grid/entry.ts", raw: 68_000, gz: 25_500 }, // sent once per comparison
  { name: "inspect", entry: "src/inspect/entry.ts", raw: 4_000, gz: 2_000 }, // once for each inspector
  { name: "inspector", entry: "src/inspect/inspectorlibrary.ts", raw: 116_000, gz: 42_500 }, // once per kernel, with the first of them
  { name: "page", entry: "src/inspect/page.ts", format: "iife", raw: 3_000, gz: 1_600 }, // in each page of to_html()
  { name: "panel", entry: "src/panel.ts", raw: 5_400, gz: 2_600 }, // once for each tuning
  { name: "core", entry: "src/core.ts", raw: 184_000, gz: 66_500 }, // sent once per kernel
  { name: "highlight", entry: "src/highlight/entry.ts", raw: 155_000, gz: 52_000 }, // once per kernel, when a fence passes
  { name: "maths", entry: "src/maths/entry.ts", raw: 212_000, gz: 63_000 }, // once per kernel, when a formula passes
  { name: "markdown", entry: "src/markdown/index.ts", raw: 135_000, gz: 49_000 }, // not sent; for tests and other pages
];

/** CodeMirror's files hold more languages than `languages.ts` imports, made by calls that a bundler must keep. */
const UNUSED = { clike: "shader nesC objectiveCpp squirrel ceylon", css: "gss", javascript: "jsonld" };

const dropUnusedModes = {
  name: "drop-unused-modes",
  setup(plugin) {
    plugin.onLoad({ filter: /legacy-modes[\\/]mode[\\/](clike|css|javascript|sql)\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const file = path.replace(/.*[\\/]|\.js$/g, "");
      const isUnused = (name) => file === "sql" || UNUSED[file].split(" ").includes(name);
      const statement = /^export const (\w+) = \w+\(\{[^]*?\}\);?$/gm;
      return { contents: source.replace(statement, (all, name) => (isUnused(name) ? "" : all)), loader: "js" };
    });
  },
};

/**
 * markdown-it is published with its class fields made by a helper's call each, which takes longer than the rest of making
 * a token: assignments do the same.
 */
const plainFields = {
  name: "plain-fields",
  setup(plugin) {
    plugin.onLoad({ filter: /markdown-it[\\/]dist[\\/]markdown-it\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const field = /\b_defineProperty\(\s*(\w+),\s*(?:\/\*[^]*?\*\/\s*)?"(\w+)",\s*([^]*?)\s*\);/g;
      const contents = source.replace(field, "$1.$2 = $3;");
      if (contents.split("_defineProperty(").length !== 2) throw new Error("markdown-it makes its fields in another way");
      return { contents, loader: "js" };
    });
  },
};

let failed = false;
for (const { name, entry, raw, gz, format = "esm" } of modules) {
  await build({
    absWorkingDir: here,
    entryPoints: { [name]: entry },
    outdir,
    bundle: true,
    alias: slim,
    plugins: [dropUnusedModes, plainFields],
    format,
    target: "es2022",
    charset: "utf8",
    minify: true,
    sourcemap: false,
    legalComments: "none",
    metafile: false,
    logLevel: "warning",
  });
  const bytes = await readFile(`${outdir}${name}.js`);
  const packed = gzipSync(bytes, { level: 9 }).length;
  const over = bytes.length > raw || packed > gz;
  failed ||= over;
  console.log(`${name}.js  ${bytes.length} of ${raw} B raw  ${packed} of ${gz} B gz${over ? "  OVER BUDGET" : ""}`);
}
if (failed) process.exit(1);
