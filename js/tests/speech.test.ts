// Markdown as models write it, and what a screen reader is given to say.
import { expect, test } from "vitest";
import { plainWords } from "../src/view/speech";

test.each([
  ["It ended with finish_reason and max_tokens=500.", "It ended with finish_reason and max_tokens=500."],
  ["So 2 * 3 = 6, a*b, x__y and a | b.", "So 2 * 3 = 6, a*b, x__y and a | b."],
  ["**Bold**, *thin*, _also_, ***both***, ~~gone~~ (*here*).", "Bold, thin, also, both, gone (here)."],
  ["__Bold one. Two", "Bold one. Two"],
  ["Call `__init__` or ``a ` b``.", "Call __init__ or a ` b."],
  ["Half a `span", "Half a span"],
  ["Two \\* three \\_ four", "Two * three _ four"],
  ["## Head\n\n> - quoted\n\n1. first", "Head quoted 1. first"],
  ["#1 is no heading, -5 no bullet, ~5 no strike", "#1 is no heading, -5 no bullet, ~5 no strike"],
  ["- [x] milk\n- [ ] eggs\n1. [X] bread", "done: milk open: eggs 1. done: bread"],
  ["| a | b |\n| :--: | ---: |\n| 1 | max_cost |", "a, b 1, max_cost"],
  ["a\n---\nb\n***\nc", "a b c"],
  ["```python\nprint(1)\n```", "print(1)"],
  ["See [the **docs**](https://example.org/a_(b) \"t\") and ![a cat](cat.png) [![logo](l.png)](https://example.org).", "See the docs and a cat logo."],
  ["Cited [1] as rows[0][1].", "Cited [1] as rows[0][1]."],
])("%j is spoken as %j", (markdown, spoken) => {
  expect(plainWords(markdown)).toBe(spoken);
});

test.each(["[", "`", "``a", "*", "~~", "](", "](a(", "| ", "> ", "-", "\\", "[a](", "_a"])("many %j take no time to speak of", (piece) => {
  const start = performance.now();
  plainWords(piece.repeat(300_000));
  expect(performance.now() - start).toBeLessThan(2000);
});
