"""The tokens of an answer -> a picture: running text coloured by probability, the surprise of each above."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.collections import PatchCollection
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from ..events import Event
from .picture import BLUE, FAINT, INK, MONO, VERMILION, Picture, drawable, is_in
from .words import MOST_TOKENS, Place, Token, cells_of, laid_out, tokens_of

COLUMNS = 92
SIZE = 9
CELL = 0.602 * SIZE / 72
LINE = 0.24
"""Of the text: characters in a line, points, and inches that a character and a line take."""
MARGIN, HEAD, STRIP, LEGEND = 0.55, 0.45, 1.25, 0.68
CLASSES = (
    (0.9, "#ffffff", "90 % or more"),
    (0.5, "#fdeccb", "50 to 90 %"),
    (0.2, "#fbd28f", "20 to 50 %"),
    (0.05, "#f4ac55", "5 to 20 %"),
    (0.0, "#e58a33", "less than 5 %"),
)
"""(least probability, background, name), those of the Tokens view of the page: the darker a token and the
thicker its line, the less probable, so that no eye needs to tell hues apart."""
UNDERLINE = "#9a5a12"
THICKNESS = 0.035
"""Of a line below a token, in lines of text, for each step."""
UNTOLD = ("#e4e4e4", "#f6f6f6")
"""In turn, where the server told no probabilities."""


def draw(events: Sequence[tuple[float, Event]], title: str) -> Picture:
    """The picture of `events`, named `title`."""
    every = tokens_of(events)
    tokens = every[:MOST_TOKENS]
    has_chances = any(token.p is not None for token in tokens)
    places = laid_out(tokens, COLUMNS)
    lines = max(1, places[-1].line + 1 if places else 1)
    told = " · ".join([*([title] if title else []), *_told(every, has_chances)])
    strip = STRIP + LEGEND if has_chances else 0.0
    width, height = COLUMNS * CELL + 2 * MARGIN, HEAD + strip + lines * LINE + 0.3
    figure = Picture(width, height, f"tokens of {told}")

    def axes_at(bottom: float, inches: float) -> Any:
        return figure.add_axes((MARGIN / width, bottom / height, 1 - 2 * MARGIN / width, inches / height))

    page = axes_at(0.2, lines * LINE)
    page.set(xlim=(0, COLUMNS), ylim=(lines, 0))
    page.axis("off")
    figure.write(page, 0, -(strip + 0.15) / LINE, told, size=10, color=INK, va="bottom")
    _draw_backgrounds(page, places, tokens)
    _draw_letters(figure, page, places)
    if has_chances:
        _draw_strip(axes_at(height - HEAD - STRIP, STRIP), tokens)
        _draw_legend(page)
    return figure


def _told(tokens: Sequence[Token], has_chances: bool) -> list[str]:
    found = [f"{len(tokens):,} {'tokens' if has_chances else 'pieces, without probabilities'}"]
    surprises = [token.surprise for token in tokens if token.surprise is not None]
    if surprises:
        mean = sum(surprises) / len(surprises)
        found.append(f"{mean:.2f} bits of surprise each (perplexity {2**mean:.1f})")
    if len(tokens) > MOST_TOKENS:
        found.append(f"the first {MOST_TOKENS:,}")
    return found


def _step(token: Token) -> int:
    """The number of the class of its probability; 0 where none is told."""
    if token.p is None:
        return 0
    return next(step for step, (least, _, _) in enumerate(CLASSES) if token.p >= least)


def _draw_backgrounds(page: Any, places: Sequence[Place], tokens: Sequence[Token]) -> None:
    boxes, colours, lines = [], [], []
    for place in places:
        token = tokens[place.token]
        step = _step(token)
        boxes.append(Rectangle((place.column, place.line + 0.06), place.cells, 0.88))
        colours.append(UNTOLD[place.token % 2] if token.p is None else CLASSES[step][1])
        lines.append(Rectangle((place.column, place.line + 0.94), place.cells, -step * THICKNESS))
    page.add_collection(PatchCollection(boxes, facecolor=colours, edgecolor="white", linewidth=0.8))
    page.add_collection(PatchCollection(lines, facecolor=UNDERLINE, linewidth=0))
    bounds = [place for place in places if place.column]
    page.vlines(
        [place.column for place in bounds],
        [place.line + 0.1 for place in bounds],
        [place.line + 0.94 for place in bounds],
        color="#8f8f8f",
        linewidth=0.4,
    )


def _draw_letters(figure: Picture, page: Any, places: Sequence[Place]) -> None:
    """Line by line; what is not in the font of equal widths, each by itself."""
    rows: dict[int, list[str]] = {}
    for place in places:
        row = rows.setdefault(place.line, [" "] * COLUMNS)
        column = place.column
        for letter in _letters(place.text):
            if cells_of(letter[0]) == 1 and len(letter) == 1 and is_in(MONO, letter):
                row[column] = letter
            else:
                _put(figure, page, column, place.line, letter)
            column += cells_of(letter[0])
    for line, letters in rows.items():
        if text := "".join(letters).rstrip():
            _put(figure, page, 0, line, text)


def _letters(text: str) -> list[str]:
    """Its characters, each with the accents that follow it."""
    found: list[str] = []
    for char in drawable(text, mono=True):
        if found and cells_of(char) == 0:
            found[-1] += char
        else:
            found.append(char)
    return found


def _put(figure: Picture, page: Any, column: int, line: int, text: str) -> None:
    figure.write(page, column, line + 0.5, text, mono=True, size=SIZE, color=INK, va="center_baseline")


def _draw_strip(axes: Any, tokens: Sequence[Token]) -> None:
    numbers = range(1, len(tokens) + 1)
    surprises = [token.surprise if token.surprise is not None else math.nan for token in tokens]
    entropies = [token.entropy if token.entropy is not None else math.nan for token in tokens]
    axes.vlines(numbers, 0, surprises, color=BLUE, linewidth=max(0.4, min(4, 300 / len(tokens))))
    axes.plot([], [], color=BLUE, label="surprise of the token that came")
    if not all(map(math.isnan, entropies)):
        axes.plot(
            numbers, entropies, color=VERMILION, linewidth=1, label="entropy: how undecided the model was"
        )
    axes.set_xlim(0.5, len(tokens) + 0.5)
    axes.set_ylim(0, max(4.0, *(value for value in (*surprises, *entropies) if not math.isnan(value))) * 1.25)
    axes.set_xlabel("token", fontsize=8, labelpad=1)
    axes.set_ylabel("bits", fontsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.tick_params(labelsize=8, colors=FAINT, length=3, pad=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper right", ncols=2, fontsize=8, frameon=False)


def _draw_legend(page: Any) -> None:
    patches = [Patch(facecolor=back, edgecolor=FAINT, linewidth=0.5, label=name) for _, back, name in CLASSES]
    page.legend(
        handles=patches, loc="lower left", bbox_to_anchor=(0, 1), ncols=5, fontsize=8, frameon=False,
        borderaxespad=0.2, handlelength=1.2, columnspacing=1.4,
    )  # fmt: skip
