"""The arrivals of an answer -> a picture: strip, rate over time, histogram of the gaps."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from ..events import Event
from .arrivals import Arrivals, arrivals_of, percentile
from .picture import BLUE, FAINT, INK, ORANGE, VERMILION, Picture

WIDTH, HEIGHT = 7.6, 5.4
LEAST_GAP_S = 0.0005
"""What came at once has no gap that a logarithm could show."""
STROKES = 3_000
"""More than a strip has dots: what falls on the same one is drawn once."""
BINS = 40


def draw(events: Sequence[tuple[float, Event]], title: str) -> Picture:
    """The picture of `events`, named `title`."""
    arrivals = arrivals_of(events)
    told = f"{title} · {arrivals.told()}" if title else arrivals.told()
    figure = Picture(WIDTH, HEIGHT, f"timing of {told}")
    strip, rate, gaps = figure.subplots(3, 1, gridspec_kw={"height_ratios": (0.7, 1.2, 1.2)})
    figure.subplots_adjust(left=0.1, right=0.97, top=0.87, bottom=0.09, hspace=0.62)
    figure.write(strip, 0, 1.42, told, transform=strip.transAxes, size=10, color=INK, va="bottom")
    _draw_strip(strip, arrivals)
    _draw_rate(rate, arrivals)
    _draw_gaps(gaps, arrivals)
    return figure


def _draw_strip(axes: Any, arrivals: Arrivals) -> None:
    end_s = max(arrivals.end_s, 0.001)
    axes.set(xlim=(0, end_s * 1.01), ylim=(0, 1), yticks=[])
    for kind, colour in (("reasoning", ORANGE), ("text", BLUE)):
        times = [one.at_s for one in arrivals.all if one.kind == kind]
        distinct = sorted({round(at_s / end_s * STROKES) * end_s / STROKES for at_s in times})
        if distinct:
            axes.vlines(distinct, 0.15, 0.85, color=colour, linewidth=0.8, label=kind)
    if arrivals.ttft_s is not None:
        _mark_wait(axes, arrivals)
    for number, (at_s, seconds) in enumerate(arrivals.stalls):
        label = "stall" if number == 0 else None
        axes.axvspan(at_s, at_s + seconds, color=VERMILION, alpha=0.25, linewidth=0, label=label)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=5, fontsize=8, frameon=False)
    _quieten(axes)


def _mark_wait(axes: Any, arrivals: Arrivals) -> None:
    opened_s, ttft_s = arrivals.opened_s, arrivals.ttft_s
    axes.axvspan(0, ttft_s, color="#dddddd", alpha=0.6, linewidth=0, label="until the first")
    if opened_s is not None:
        axes.axvline(opened_s, color=FAINT, linewidth=1, linestyle=":", label="response opened")


def _draw_rate(axes: Any, arrivals: Arrivals) -> None:
    edges, rates = arrivals.rates
    axes.set(xlim=(0, max(arrivals.end_s, 0.001) * 1.01), xlabel="seconds since the request")
    axes.set_ylabel(f"{arrivals.unit}/s")
    if not edges:
        _say(axes, "too few for a rate")
        return
    axes.stairs(rates, edges, fill=True, color=BLUE, alpha=0.8)
    axes.set_ylim(0, max(rates) * 1.15)
    _quieten(axes)


def _draw_gaps(axes: Any, arrivals: Arrivals) -> None:
    axes.set(xlabel="gap between one and the next, milliseconds (logarithmic)", ylabel="how many")
    if not arrivals.gaps_s:
        _say(axes, "too few for gaps")
        return
    shown = [max(LEAST_GAP_S, gap) * 1000 for gap in arrivals.gaps_s]
    low, high = min(shown), max(shown)
    low, high = (low / 2, high * 2) if high < low * 4 else (low * 0.9, high * 1.1)
    axes.set_xscale("log")
    axes.hist(shown, bins=[low * (high / low) ** (n / BINS) for n in range(BINS + 1)], color=BLUE, alpha=0.8)
    for name, value, style in (
        ("median", statistics.median(shown), "-"),
        ("99 % are shorter", percentile(shown, 0.99), "--"),
    ):
        axes.axvline(value, color=INK, linewidth=1.2, linestyle=style, label=f"{name}: {value:.3g} ms")
    axes.set_xlim(low, high)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: _milliseconds(value))
    axes.xaxis.set_minor_formatter(
        lambda value, _: _milliseconds(value) if _is_labelled(value, high / low) else ""
    )
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.97), ncols=2, fontsize=8, frameon=False)
    _quieten(axes)


def _milliseconds(value: float) -> str:
    is_least = math.isclose(value, LEAST_GAP_S * 1000)
    return f"≤ {value:g}" if is_least else f"{value:g}"


def _is_labelled(value: float, span: float) -> bool:
    """Whether a tick between powers of ten has room for its number: 2 and 5, of a short scale all."""
    digit = round(value / 10 ** math.floor(math.log10(value)))
    return digit in (2, 5) or (span < 10 and digit % 2 == 0)


def _say(axes: Any, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=FAINT)
    axes.set(xticks=[], yticks=[])


def _quieten(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, length=3, pad=3, which="both")
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_size(9)
