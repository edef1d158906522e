"""`Tuning`: a template with controls, run again and again; its history, two of it side by side, its code."""

from .controls import Controls
from .trial import Trial
from .tuning import Tuning

__all__ = ["Controls", "Trial", "Tuning"]
