"""What a wire format is, and what the request bodies of all share.

In: model, messages and parameters as the caller wrote them. Out: a request body. Knows no HTTP and no key.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from ..errors import StreamError, UsageError, quote
from ..events import Event

FINISH_REASONS = {
    **dict.fromkeys(
        ("stop", "end_turn", "stop_sequence", "eos", "eos_token", "complete", "completed"), "stop"
    ),
    **dict.fromkeys(
        ("length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"),
        "length",
    ),
    **dict.fromkeys(("tool_calls", "tool_call", "tool_use", "function_call"), "tool_calls"),
    **dict.fromkeys(
        (
            "content_filter", "content_filtered", "guardrail_intervened",  # Bedrock's behind a proxy
            "safety", "recitation", "blocklist", "prohibited_content", "spii",  # Gemini's
            "sensitive",  # Z.ai
        ),
        "content_filter",
    ),
    "refusal": "refusal",
    "pause_turn": "pause",
    **dict.fromkeys(("error", "insufficient_system_resource", "network_error"), "error"),
}  # fmt: skip
"""The providers' words for the end of an answer, in small letters, in the vocabulary of `events.Finish`.

Routers let an upstream's own word through, so words of one provider may come in another's format.
"""


class Decoder(Protocol):
    """The state of one answer. Made fresh for each attempt, so that two streams never share any."""

    def decode(self, event: str, data: str) -> list[Event]:
        """One server-sent event, its name and its data, as our events.

        Raises:
            ProtocolError: the data is not what the format promises.
        """
        ...

    def whole(self, text: str) -> list[Event]:
        """An answer that came as one JSON text, since the server ignored `stream`; or an error in that form.

        Raises:
            ProtocolError: the text is neither.
        """
        ...


class WireFormat(ABC):
    """One dialect: how to ask, and how to read the answer. Holds no state.

    `name` is what `wire_format=` takes; `key_header` the header that carries the key, and what stands before
    the key in it.
    """

    name: ClassVar[str]
    key_header: ClassVar[tuple[str, str]] = ("Authorization", "Bearer ")

    @abstractmethod
    def path(self, model: str) -> str:
        """What is joined to the base URL; with a query where the API wants one."""

    def headers(self) -> dict[str, str]:
        """Headers the format asks for, without the key."""
        return {}

    @abstractmethod
    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body. `params` go in as given; None takes one of our defaults out.

        Raises:
            UsageError: a message that no server of this format can take.
        """

    def amend(self, body: dict[str, Any], error: StreamError) -> dict[str, Any] | None:
        """The body without what this server refused, where that was a default of ours; else None."""
        return None

    @abstractmethod
    def decoder(self) -> Decoder:
        """A decoder for one attempt."""


def finish_reason(raw: str) -> str:
    """The provider's word in our vocabulary, or the word itself."""
    return FINISH_REASONS.get(raw.lower(), raw)


def with_params(defaults: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """`params` over `defaults`; None for one of the defaults removes it, since some servers refuse a null."""
    body = {**defaults, **params}
    return {name: value for name, value in body.items() if not (value is None and name in defaults)}


def checked_messages(messages: list[dict[str, Any]], roles: tuple[str, ...]) -> list[dict[str, Any]]:
    """The messages, each a copy, all keys kept.

    Raises:
        UsageError: names the first message that is wrong, and how.
    """
    if isinstance(messages, (str, Mapping)) or not messages:
        raise UsageError('messages must be a list such as [{"role": "user", "content": "Hello"}], not empty')
    return [_checked(message, number, roles) for number, message in enumerate(messages)]


def _checked(message: object, number: int, roles: tuple[str, ...]) -> dict[str, Any]:
    where = f"messages[{number}]"
    if not isinstance(message, Mapping):
        raise UsageError(f"{where} is a {type(message).__name__}, not a dict with role and content")
    role = message.get("role")
    if not isinstance(role, str):
        raise UsageError(f"{where} has no role; use one of: {', '.join(roles)}")
    if role not in roles:
        raise UsageError(f"{where} has the unknown role {quote(role, 40)!r}; use one of: {', '.join(roles)}")
    content = message.get("content")
    _check_dicts(message.get("tool_calls") or [], f"{where}.tool_calls", (Mapping,), _CALL)
    if content is None:
        # An assistant's turn may consist of tool calls, a refusal or audio alone.
        if role != "assistant" or not message.keys() - {"role", "content", "name"}:
            raise UsageError(f"{where} ({role}) has no content")
    elif not isinstance(content, (str, list)):
        raise UsageError(
            f"{where} ({role}): content is a {type(content).__name__}, not a string or a list of parts"
        )
    elif role == "user" and (not content or (isinstance(content, str) and not content.strip())):
        raise UsageError(f"{where} (user) is empty")
    elif isinstance(content, list):
        _check_dicts(content, f"{where}.content", (Mapping, str), '{"type": "text", "text": ...}')
    return dict(message)


_CALL = '{"id": ..., "type": "function", "function": {"name": ..., "arguments": ...}}'


def _check_dicts(values: object, where: str, kinds: tuple[type, ...], example: str) -> None:
    if not isinstance(values, list):
        raise UsageError(f"{where} is a {type(values).__name__}, not a list")
    for number, value in enumerate(values):
        if not isinstance(value, kinds):
            raise UsageError(f"{where}[{number}] is a {type(value).__name__}, not a dict: {example}")


def only_prompt(messages: list[dict[str, Any]], system: str | None, what: str) -> str:
    """The text of the one message of a user, for formats that continue a text and know no messages.

    Raises:
        UsageError: more than that was given; `what` names the format.
    """
    checked = checked_messages(messages, ("user",)) if len(messages) == 1 else []
    content = checked[0]["content"] if checked else None
    if system or not isinstance(content, str):
        raise UsageError(
            f"{what} continues one text: give a string as the prompt, no system=, no other messages\n"
            'A server of that kind mostly has a chat as well: wire_format="openai-chat".'
        )
    return content
