// The highlighter: lines in, pieces out; every language by its names, exact whatever the line holds.
import type { StreamParser, StringStream } from "@codemirror/streamparser";
import { describe, expect, test } from "vitest";

import { createHighlighter, openMode } from "../../src/highlight/highlighter";
import { TOKEN_KINDS } from "../../src/markdown/contract";
import type { LineHighlighter, Piece } from "../../src/markdown/contract";

const highlighter = createHighlighter();

function open(language: string): LineHighlighter {
  const next = highlighter.open(language);
  if (!next) throw new Error(`no ${language}`);
  return next;
}

/** The pieces with a kind, as `kind:text`. */
function coloured(language: string, code: string): string[] {
  const next = open(language);
  return code.split("\n").flatMap((line) => next(line).filter(({ kind }) => kind).map(({ text, kind }) => `${kind}:${text}`));
}

test.each([
  ["python", "def f(x):  # note\n    return 'a' + 1", ["keyword:def", "definition:f", "comment:# note", "keyword:return", "string:'a'", "number:1"]],
  ["py", '"""a\nb"""\nNone', ['string:"""a', 'string:b"""', "keyword:None"]],
  ["TypeScript", "const x: number = `a${b}c`;", ["keyword:const", "type:number", "special:`a${"]],
  ["json", '{"a": [1, true, "b"]}', ["number:1", "atom:true", 'string:"b"']],
  ["bash", "echo $HOME # x", ["builtin:echo", "comment:# x"]],
  ["console", "$ ls -la\ntotal 8\n", ["meta:$ ", "builtin:ls", "attribute:-la"]],
  ["html", '<p class="a">x</p>', ["attribute:class", 'string:"a"']],
  ["sql", "WITH a AS (SELECT count(*) FROM t LIMIT 3) -- x", ["keyword:WITH", "keyword:AS", "keyword:SELECT", "keyword:FROM", "keyword:LIMIT", "number:3", "comment:-- x"]],
  ["rust", "fn main() { let x = 1; }", ["keyword:fn", "definition:main", "keyword:let", "number:1"]],
  ["diff", "-a\n+b", ["deleted:-a", "inserted:+b"]],
  ["yaml", "a: 1 # x", ["comment:# x"]],
  ["dockerfile", "FROM a:b", ["keyword:FROM"]],
  ["c++", "int main() { return 0; } // x", ["type:int", "definition:main", "keyword:return", "number:0", "comment:// x"]],
])("%s", (language, code, expected) => {
  expect(coloured(language, code)).toEqual(expect.arrayContaining(expected));
});

test("a script in HTML is JavaScript up to its end, a style is CSS", () => {
  const next = open("html");
  const page = ["<script>", "const a = '</p>';", "</script><style>", "p { color: red }", "</style>", "<p>const</p>"];
  const kinds = page.map((line) => next(line).flatMap(({ text, kind }) => (kind ? [`${kind}:${text.trim()}`] : [])));
  expect(kinds[1]).toContain("keyword:const");
  expect(kinds[1]).toContain("string:'</p>'");
  expect(kinds[3]).toContain("property:color");
  expect(kinds[5]?.join()).not.toContain("keyword");
});

test("a script on one line ends with its tag", () => {
  expect(coloured("html", "<script>let a</script><b>let</b>").filter((piece) => piece === "keyword:let")).toHaveLength(1);
});

const LANGUAGES = (
  "python pycon cython js ts json bash console html xml css scss less sql c cpp c# java kotlin scala dart objc go rust r julia " +
  "yaml toml ini dockerfile cmake diff ruby perl lua swift powershell matlab haskell latex protobuf"
).split(" ");

/** Enough of everything to be nonsense in each language. */
const NONSENSE = [
  "", "   ", "\t\"'`", "<<<", "/* a", "*/ b", "\\", "# x", "{{{(((", "'''", '"""', "```", "$x = @{1}", "é→😀\ud800", "⟨U+200B⟩",
  "0x 1e 1.2.3", "<a b=\"c", "</", "%q(", "=begin", "---", "@@ -1 +1 @@", "q{", "EOF <<EOF", "r#\"", "\u00a0x", "]]>", "--[[", "}}}}",
]; // prettier-ignore

describe("pieces join to the line, whatever it holds", () => {
  test.each(LANGUAGES)("%s", (language) => {
    const next = open(language);
    let random = 7;
    for (let i = 0; i < 300; i++) {
      random = (random * 1103515245 + 12345) % 2147483648;
      const line = NONSENSE[random % NONSENSE.length]! + (NONSENSE[(random >> 8) % NONSENSE.length] ?? "");
      let pieces: readonly Piece[];
      try {
        pieces = next(line);
      } catch {
        return; // the block would be plain from here on
      }
      expect(pieces.map(({ text }) => text).join("")).toBe(line);
      for (const { kind } of pieces) if (kind) expect(TOKEN_KINDS).toContain(kind);
    }
  });
});

test("names in any case; unknown ones, and what every object has, are none", () => {
  expect(highlighter.open("PYTHON")).toBeDefined();
  for (const name of ["", "nonsense", "constructor", "__proto__", "toString"]) expect(highlighter.open(name)).toBeUndefined();
});

test("two blocks of one language do not know each other", () => {
  const [one, other] = [open("python"), open("python")];
  one('"""');
  expect(other("def")).toEqual([{ text: "def", kind: "keyword" }]);
  expect(one("def")).toEqual([{ text: "def", kind: "string" }]);
});

test("a mode that does not advance throws, and does not hang", () => {
  const stuck: StreamParser<unknown> = {
    token: (stream: StringStream) => {
      stream.eat("y");
      return null;
    },
  };
  const next = openMode(stuck);
  expect(next("yy").map(({ text }) => text)).toEqual(["yy"]);
  expect(() => next("n")).toThrow();
});
