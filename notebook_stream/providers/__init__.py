"""A model's name in, where to ask for it and with which key out: "anthropic/claude-..." -> `Target`.

Reads environment variables, opens nothing. No key appears in a message, in a `repr`, or in the local
variables of a frame that raises.
"""

from .continuing import Continuation, continuation
from .resolving import Target, resolve
from .standing import Standing, standings
from .table import PROVIDERS, Provider
from .urls import is_this_machine

__all__ = [
    "PROVIDERS",
    "Continuation",
    "Provider",
    "Standing",
    "Target",
    "continuation",
    "is_this_machine",
    "resolve",
    "standings",
]
