"""A matplotlib figure that shows itself in a cell, and the fonts and colours of our pictures. No pyplot."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font

from .words import UNSHOWN, cells_of

DPI = 100
SHARPNESS = 2
"""Dots of the file for one of the page: screens with small dots show twice as many."""
INK, FAINT = "#222222", "#6b6b6b"
BLUE, ORANGE, VERMILION = "#0072b2", "#e69f00", "#d55e00"
"""Of the palette by Okabe and Ito, which people with any kind of colour vision tell apart."""
MONO, SANS = "DejaVu Sans Mono", "DejaVu Sans"
"""These come with matplotlib."""
OTHERS = (
    *("Noto Sans Mono CJK SC", "Noto Sans CJK SC", "Noto Sans CJK JP", "PingFang SC", "Hiragino Sans"),
    *("Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Noto Sans Devanagari", "Noto Sans Arabic"),
)
"""Asked for what they lack, where they are installed."""


class Picture(Figure):
    """A figure of `width` × `height` inches; `told` says in words what it shows."""

    def __init__(self, width: float, height: float, told: str) -> None:
        super().__init__(figsize=(width, height), dpi=DPI, facecolor="white")
        self._told = told
        FigureCanvasAgg(self)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """For a front end, which otherwise shows figures of pyplot only."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=DPI * SHARPNESS)
        width, height = self.get_size_inches()
        return file.getvalue(), {"width": round(width * DPI), "height": round(height * DPI)}

    def __repr__(self) -> str:
        return f"<Figure: {self._told}>"

    def write(self, axes: Any, x: float, y: float, text: str, *, mono: bool = False, **options: Any) -> Any:
        """Put a foreign text on `axes`: no formula, no TeX, and no character that the fonts lack."""
        font = fonts(mono, options.pop("size", 9))
        safe = drawable(text, mono)
        return axes.text(x, y, safe, fontproperties=font, parse_math=False, usetex=False, **options)


@lru_cache(maxsize=16)
def fonts(mono: bool, size: float) -> FontProperties:
    """Our font, and what is asked for characters that it lacks."""
    return FontProperties(family=[MONO if mono else SANS, *_installed()], size=size)


def drawable(text: str, mono: bool) -> str:
    """`text` with a mark for each character that no font has."""
    return "".join(char if is_in_fonts(char, mono) else UNSHOWN * max(1, cells_of(char)) for char in text)


def is_in(family: str, char: str) -> bool:
    """Whether that font has the character."""
    return ord(char) in _characters(family)


def is_in_fonts(char: str, mono: bool) -> bool:
    """Whether any font that we ask has it."""
    return any(is_in(family, char) for family in (MONO if mono else SANS, *_installed()))


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    known = set(fontManager.get_font_names())
    return tuple(family for family in OTHERS if family in known)


@lru_cache(maxsize=16)
def _characters(family: str) -> frozenset[int]:
    return frozenset(get_font(fontManager.findfont(family)).get_charmap())
