// Half-typed Markdown, each with what must show at no moment while it is typed; and what a page shows, as text.

/** The furniture of the renderer is not the answer. */
export function visible(node: Node): string {
  if (node instanceof Text) return node.data;
  if (node instanceof Element && node.matches("[role=toolbar], [role=status]")) return "";
  return Array.from(node.childNodes, visible).join("");
}

/** Tags and texts, without attributes and boxes. */
export function shape(node: Node): string {
  if (node instanceof Text) return node.data;
  if (!(node instanceof Element) || node.matches("[role=toolbar]")) return "";
  const inside = Array.from(node.childNodes, shape).join("");
  return node.matches("div") ? inside : `<${node.localName}>${inside}</${node.localName}>`;
}

export const CASES: [name: string, text: string, forbidden: RegExp][] = [
  ["emphasis", "a **bo** *c* ~~d~~ _e_ ***f***", /[*~_]/u],
  ["nested emphasis", "**a *b* c** and *a **b** c*, ***a** b* and ***a* b**", /\*/u],
  ["emphasis in Chinese", "这是**重点**内容，也有*强调*。", /\*/u],
  ["emphasis over two lines", "**two\nlines** here", /\*/u],
  ["emphasis at a quote's line", "> **Note** well\n> **again**", /\*|>\*/u],
  ["emphasis with quotes", '**"quoted"** and (*parens*)', /\*/u],
  ["underscores", "_a_ and __b__ in snake_case_words", /__|<p>_/u],
  ["a link", "see [link](https://example.com/a_(b)) x", /[[\]()]|https/u],
  ["a link with a title", '[link](https://example.com "a title") x', /[[\]()]|https|title/u],
  ["a link in pointed brackets", "[link](<https://example.com/a b>) x", /[[\]()]|https/u],
  ["a link in emphasis", "**[bold link](https://example.com)** x", /[[\]()*]/u],
  ["emphasis in a link", "[**bold** link](https://example.com) x", /[[\]()*]/u],
  ["code in a link", "[`f(x)` link](https://example.com) x", /[[\]*]|\)[^<]/u],
  ["an image", "![alt](https://example.com/i.png) x", /[![\]()]|https/u],
  ["an image in a link", "[![alt](https://example.com/i.png)](https://example.com) x", /[![\]()]|https/u],
  ["an autolink", "see <https://example.com> x", /<h|h>/u],
  ["an e-mail autolink", "ask <joe@example.com> x", /<joe|m>/u],
  ["a bare address", "see https://example.com/a_b?c=*d*&e=1 now", /<em>|<a>https:\/\/example\.com\/a_?<\/a>|<a>https:\/\/e?x?a?m?<\/a>/u],
  ["a bare address in emphasis", "**see https://example.com/a** now", /\*/u],
  ["a bare address in parentheses", "(see www.example.com/a) now", /<a>[^<]*\)/u],
  ["a bare e-mail address", "ask joe@example.com. Then", /<a>[^<]*\.<|<a>joe@e?x?a?m?p?l?e?<\/a>/u],
  ["code", "`a * b` and ``c ` d`` and `` ` ``", /``|<p>`/u],
  ["entities", "a &amp; b &#65; &#x42; &copy; c", /&[a-z#]|&$/u],
  ["escapes", "\\*no emphasis\\* \\# \\<x> x", /\\|<em>/u],
  ["a hard break", "one\\\ntwo  \nthree", /\\/u],
  ["headings", "# one\n\n### *two*\n\nx", /<p>#|#|\*/u],
  ["a setext heading", "title\n=====\n\ntext\n---\n", /=|-/u],
  ["lists", "- one\n- two\n  - three\n\n1. x\n2. y\n10) z\n", /<p>|[-)]/u],
  ["list markers in lists", "- 1. one\n  2. two\n", />\d|\./u],
  ["emphasis in lists", "- **one**: x\n- *two*\n* **three**\n", /\*|-/u],
  ["a task list", "- [ ] open\n- [x] done\n1. [X] numbered\n", /\[|\]/u],
  ["quotes", "> one\n> > two\n", /&gt;|>>|<p>>/u],
  ["a table", "| a | b |\n|---|---|\n| 1 | 2 |\n", /<p>|--/u],
  ["a table after text", "text\n| a | b |\n|:-:|---|\n| 1 | 2 |\n", /\| |--/u],
  ["a table without bars at the sides", "a | b\n--|--\n1 | 2\n", /\||--/u],
  ["a table in a list", "- | a | b |\n  |---|---|\n  | 1 | 2 |\n", /\||--/u],
  ["a table in a quote", "> | a | b |\n> |---|---|\n> | 1 | 2 |\n", /\||--/u],
  ["fences", "```python\nx = 1\n```\n\n~~~ js\ny\n~~~\n", /`|~|python|js/u],
  ["a fence in a list", "- item\n\n  ```python\n  x = 1\n  ```\n", /`|python/u],
  ["a rule", "a\n\n---\n\n***\n\n* * *\n\nb\n", /[-*]|<h2>|<li>/u],
  ["definitions", '[a]: https://example.com "title"\n\n[a] and [b][a] x', /\[|\]|title/u],
  ["a formula", "so $x^2 + y$ is", /<p>[^<]*\$[^$]*<\/p>|\^[^$]*<\/p>$/u],
  ["a formula that begins with a number", "so $5x + 1$ is", /so \$5[^$]*<\/p>/u],
  ["a formula in Chinese", "其中$x$是", /其中\$[^$]*<\/p>/u],
  ["a long formula", `so $${"\\frac{a}{b} + ".repeat(12)}c$ is`, /so \$[^$]*<\/p>/u],
  ["a formula in parentheses", "so \\(x *y* z\\) is", /<em>|<p>[^<]*\([^)]*<\/p>/u],
  ["a display formula in text", "so $$x _a_ b$$ is", /<em>|<p>[^<]*\$\$[^$]*<\/p>/u],
  ["a formula block", "a\n\n$$\nx\n- y\n= z\n# w\n$$\n\nb", /<li>|<h[12]>|<p>\$|<p>x/u],
  ["a formula block in brackets", "a\n\n\\[\nx\n- y\n\\]\n\nb", /<li>|<h2>|<p>\[|<p>x/u],
  ["a formula block in a list", "- a\n\n  $$\n  x\n  + y\n  $$\n", /<\/ul><\/li>|<p>\$|<p>x/u],
];
