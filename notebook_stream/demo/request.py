"""The JSON body of a request -> what it asks for, checked; the fields that both dialects share.

`Settings` are the server's own, which a body may override. Knows no wire format's answers and no socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .faults import Fault, parse

MOST_CHOICES = 128
MOST_TOKENS = 5_000_000
"""Of `lorem`: a day at 60 tokens a second."""

MOST_JITTER = 10.0
"""Ten times the mean gap: beyond that one waits for ever."""

MOST_NUMBER = 1e9
LOREM_TOKENS = 100
"""Where the request does not tell."""


class BadRequest(Exception):
    """The request is wrong: 400, with the field's name in `param`. `status` may be another 4xx."""

    def __init__(
        self, message: str, param: str | None = None, *, status: int = 400, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server answers. `pace`: tokens per second, 0 = no waiting. `jitter`: spread of the gaps between
    tokens, as a share of the mean gap. `first_token_s`: seconds before the first token."""

    pace: float
    jitter: float
    first_token_s: float
    seed: int | None
    fault: Fault | None

    def overridden(self, body: Mapping[str, Any]) -> Settings:
        """These settings with those of the body that it names. Raises BadRequest."""
        settings = self
        if body.get("pace") is not None:
            settings = replace(settings, pace=_number(body, "pace"))
        if body.get("jitter") is not None:
            settings = replace(settings, jitter=_number(body, "jitter", MOST_JITTER))
        if body.get("first_token_s") is not None:
            settings = replace(settings, first_token_s=_number(body, "first_token_s"))
        if body.get("seed") is not None:
            settings = replace(settings, seed=integer(body, "seed", least=-(2**63), most=2**63))
        if "fault" in body:
            settings = replace(settings, fault=_fault(body))
        return settings


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `body` as it came, `settings` with its overrides, and the fields both dialects share."""

    body: Mapping[str, Any]
    settings: Settings
    model: str
    stream: bool
    messages: list[Mapping[str, Any]]
    tokens: int
    max_tokens: int | None

    @property
    def last_user_text(self) -> str:
        """The text of the last message of the user; "" when there is none."""
        users = [m for m in self.messages if m.get("role") == "user"]
        return text_of(users[-1].get("content")) if users else ""

    @property
    def choices(self) -> int:
        """How many answers are asked for: the body's `n`. Raises BadRequest."""
        return integer(self.body, "n", least=1, most=MOST_CHOICES, default=1)

    def number(self, name: str, most: float) -> float | None:
        """The body's field `name`, None where it is missing or null. Raises BadRequest out of 0 to `most`."""
        return None if self.body.get(name) is None else _number(self.body, name, most)

    @property
    def begun(self) -> str:
        """What a last message of the assistant says: the beginning of the answer that is asked for."""
        last = self.messages[-1]
        return text_of(last.get("content")) if last.get("role") == "assistant" else ""

    @property
    def brings_tool_results(self) -> bool:
        """Whether the last message is the result of a tool call, in either dialect."""
        last = self.messages[-1]
        content = last.get("content")
        parts = content if isinstance(content, list) else []
        return last.get("role") == "tool" or any(_part_type(part) == "tool_result" for part in parts)


def read(body: object, defaults: Settings) -> Asked:
    """What the JSON value `body` asks for. Raises BadRequest in the words of the real servers."""
    if not isinstance(body, dict):
        raise BadRequest("We could not parse the JSON body of your request: expected a JSON object.")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequest("you must provide a model parameter", "model")
    limit = "max_completion_tokens" if body.get("max_completion_tokens") is not None else "max_tokens"
    return Asked(
        body=body,
        settings=defaults.overridden(body),
        model=model,
        stream=_flag(body, "stream"),
        messages=_messages(body),
        tokens=integer(body, "tokens", least=0, most=MOST_TOKENS, default=LOREM_TOKENS),
        max_tokens=None if body.get(limit) is None else integer(body, limit, least=1, most=2**31),
    )


def text_of(content: object) -> str:
    """The text of a message's content: a string, or a list of parts of which the text ones count."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text", "")) for part in parts if _part_type(part) == "text")


def integer(body: Mapping[str, Any], name: str, *, least: int, most: int, default: int = 0) -> int:
    """The body's field `name`, `default` where it is missing or null. Raises BadRequest out of bounds."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadRequest(f"Invalid '{name}': expected an integer from {least} to {most}.", name)
    return value


def _messages(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    messages = body.get("messages")
    if messages is None:
        raise BadRequest("Missing required parameter: 'messages'.", "messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("Invalid 'messages': expected a list of at least one message.", "messages")
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            name = f"messages[{place}]"
            raise BadRequest(f"Invalid '{name}': expected an object with a role.", name)
    return messages


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadRequest(f"Invalid '{name}': expected a boolean.", name)
    return bool(value)


def _number(body: Mapping[str, Any], name: str, most: float = MOST_NUMBER) -> float:
    value = body[name]
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadRequest(f"Invalid '{name}': expected a number from 0 to {most:g}.", name)
    return float(value)


def _fault(body: Mapping[str, Any]) -> Fault | None:
    name = body["fault"]
    if name is None or name == "":
        return None
    try:
        return parse(str(name))
    except ValueError as error:
        raise BadRequest(str(error), "fault") from error


def _part_type(part: object) -> object:
    return part.get("type") if isinstance(part, dict) else None
