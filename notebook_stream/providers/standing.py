"""What the environment has for each provider in, how things stand with it out: a key or none, and an address.

Reads environment variables, opens nothing, and takes no key: only whether there is one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import UsageError
from .resolving import _address, _Variables
from .table import KNOWN, Provider


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with one provider.

    `key_variables` may hold its key (none: it needs no key), `key_variable` is the one that does, or empty.
    `base_url` is empty where it is not known; `problem` says then which variable is missing or wrong.
    """

    name: str
    key_variables: tuple[str, ...]
    key_variable: str
    base_url: str
    problem: str
    local: bool

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing here; of a local server, whether its address is known."""
        return not self.problem and (self.local or bool(self.key_variable))


def standings(environ: Mapping[str, str] = os.environ) -> list[Standing]:
    """Every known provider but the demo, in the order of the table."""
    variables = _Variables(environ)
    return [_standing(each, variables) for each in KNOWN if each.base_url or each.url_variable]


def _standing(provider: Provider, variables: _Variables) -> Standing:
    base_url, problem = "", ""
    try:
        base_url = _address(provider, variables).geturl()
    except UsageError as exc:
        problem = str(exc)
    return Standing(
        provider.name,
        provider.key_variables,
        next((name for name in provider.key_variables if variables.get(name)), ""),
        base_url,
        problem,
        provider.local,
    )
