"""In: a seed and a length. Out: Markdown like an LLM's answer; and the texts that renderers choke on."""

from __future__ import annotations

import random
from collections.abc import Callable

WORDS = """
the model streams each token as soon as it has been sampled so a reader sees text long before the answer
is complete while the server keeps a connection open and writes small events that a client parses one by
one which means latency matters more than throughput for short prompts but memory grows with context
length because attention reads every key and value again the cache helps until batch
size or sequence becomes too large
""".split()  # noqa: SIM905  # prose is easier to read as prose


class Answer:
    """A generator of blocks: prose, headings, nested lists, fences, tables, formulas, quotes."""

    def __init__(self, seed: int) -> None:
        self._chosen = random.Random(seed)

    def text(self, characters: int) -> str:
        """Exactly `characters` characters of blocks with a blank line between them."""
        kinds: list[tuple[Callable[[], str], int]] = [
            (self._paragraph, 9),
            (self._heading, 3),
            (self._list, 4),
            (self._fence, 3),
            (self._table, 1),
            (self._formula, 1),
            (self._quote, 1),
        ]
        blocks: list[str] = []
        length = 0
        while length < characters:
            [block] = self._chosen.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
            blocks.append(block() + "\n\n")
            length += len(blocks[-1])
        return "".join(blocks)[:characters]

    def _words(self, least: int, most: int) -> str:
        return " ".join(self._chosen.choice(WORDS) for _ in range(self._chosen.randint(least, most)))

    def _phrase(self) -> str:
        words = self._words(1, 3)
        forms = ("**{}**", "*{}*", "`{}`", "[{}](https://example.com/a/b?c=1)", "~~{}~~", "$x_{{1}}^2 + y$")
        return self._chosen.choice(forms).format(words)

    def _sentence(self) -> str:
        words = self._words(5, 16)
        if self._chosen.random() < 0.5:
            words = f"{words} {self._phrase()} {self._words(1, 6)}"
        return words.capitalize() + self._chosen.choice(".....?:")

    def _paragraph(self) -> str:
        return " ".join(self._sentence() for _ in range(self._chosen.randint(2, 6)))

    def _heading(self) -> str:
        return f"{'#' * self._chosen.randint(2, 4)} {self._words(2, 6).capitalize()}"

    def _list(self) -> str:
        ordered = self._chosen.random() < 0.4
        lines: list[str] = []
        for number in range(1, self._chosen.randint(3, 7)):
            mark = f"{number}." if ordered else "-"
            lines.append(f"{mark} **{self._words(1, 3)}**: {self._sentence()}")
            if self._chosen.random() < 0.35:
                lines += [f"{' ' * (len(mark) + 1)}- {self._sentence()}" for _ in range(2)]
        return "\n".join(lines)

    def _fence(self) -> str:
        lines = [f"def f{self._chosen.randint(1, 99)}(value: int) -> str:"]
        for _ in range(self._chosen.randint(4, 14)):
            name = self._chosen.choice(WORDS)
            lines.append(
                f'    {name} = call("{self._words(1, 3)}", {self._chosen.randint(0, 999)})  # {name}'
            )
        return "\n".join(["```python", *lines, "    return value", "```"])

    def _table(self) -> str:
        head = ["| name | tokens | seconds | note |", "|------|-------:|:-------:|------|"]
        number = self._chosen.randint
        rows = [
            f"| {self._words(1, 2)} | {number(1, 9999)} | {number(1, 60)} | {self._phrase()} |"
            for _ in range(6)
        ]
        return "\n".join([*head, *rows])

    def _formula(self) -> str:
        return "$$\n\\frac{1}{n} \\sum_{i=1}^{n} \\left( x_i - \\mu \\right)^2\n$$"

    def _quote(self) -> str:
        return "\n".join(f"> {self._sentence()}" for _ in range(self._chosen.randint(1, 4)))


def in_item(text: str) -> str:
    """`text` as the second block of a list item."""
    return "- item\n\n" + "\n".join(f"  {line}" if line else line for line in text.split("\n"))


def worst_cases() -> dict[str, str]:
    """Texts that take some parser quadratic time, by name; then each of them in a list item."""
    row = "| one | *two* | `three` | 4 |\n"
    item = "- item with **bold** and `code`\n"
    line = '    value = call("text", 42)  # a line of code\n'
    prose = "some *words* with **bold**, `code` and a [link](https://example.com/a) in one line that goes on "
    cases = {
        "100k [": "[" * 100_000,
        "100k *": "*" * 100_000,
        "100k backticks": "`" * 100_000,
        "25k *a_ ": "*a_ " * 25_000,
        "16k [a](<b": "[a](<b" * 16_000,
        "10,000-deep quote": "> " * 10_000 + "deep",
        "10,000-deep list": "- " * 10_000 + "deep",
        "200 KB paragraph": prose * (200_000 // len(prose)),
        "5,000-row table": "| a | b | c | d |\n|---|---|--:|:-:|\n" + row * 5000,
        "5,000-item list": item * 5000,
        "5,000-line fence": "```python\n" + line * 5000 + "```\n",
    }
    return {**cases, **{f"{name}, in an item": in_item(text) for name, text in cases.items()}}
