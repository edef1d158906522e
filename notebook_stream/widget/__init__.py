"""What the user holds: `Stream`, with its traits, its comm and its display."""

from .runs import begin_in_cell, running
from .stream import Stream

__all__ = ["Stream", "begin_in_cell", "running"]
