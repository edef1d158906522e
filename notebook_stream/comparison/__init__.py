"""Prompts × models × settings, side by side: what is asked, the runs in one widget, and what stays."""

from .axes import Axis, Plan, plan
from .comparison import Comparison

__all__ = ["Axis", "Comparison", "Plan", "plan"]
