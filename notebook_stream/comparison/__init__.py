"""Prompts × models × settings, side by side: what is asked, the runs in one widget, and what stays."""

from . import static
from .axes import Axis, Plan, plan
from .comparison import Comparison
from .files import Saved

__all__ = ["Axis", "Comparison", "Plan", "Saved", "plan", "static"]
