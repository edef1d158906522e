"""`Inspector`: what came in one or several runs, on the page: live, after the end, and in a replay."""

from . import page
from .inspector import VIEWS, Inspector, branch_of
from .track import Track

__all__ = ["VIEWS", "Inspector", "Track", "branch_of", "page"]
