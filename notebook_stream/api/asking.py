"""What `stream()` was given, checked and made into a request: model, messages, body, headers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from .. import demo, providers, sse
from ..errors import Secret, UsageError
from ..formats import WireFormat
from ..providers import Target
from ..widget import Stream

MODEL_VARIABLE = "NOTEBOOK_STREAM_MODEL"
DEMO_MODEL = "demo/markdown"
DEMO_NOTE = 'No model given: this is the built-in demo. Name one, e.g. model="openai/gpt-5-mini".'


def chosen_model(model: str | None, base_url: str | None) -> tuple[str, str]:
    """The model to ask, and a line for the view where it was nobody's choice."""
    if isinstance(model, list | tuple):
        raise UsageError("model= takes one model; compare(prompt, [...]) asks several side by side.")
    if model:
        return model, ""
    if base_url:
        raise UsageError('base_url= needs the server\'s name for the model, e.g. model="qwen3:8b".')
    from_environment = os.environ.get(MODEL_VARIABLE)
    return (from_environment, "") if from_environment else (DEMO_MODEL, DEMO_NOTE)


def target_of(
    model: str, base_url: str | None, api_key: str | Secret | None, wire_format: str | None
) -> Target:
    """Whom to ask, with which key. Starts the demo server for `demo/...`. Raises UsageError."""
    if base_url is None and isinstance(model, str) and model.partition("/")[0] == "demo":
        base_url = demo.ensure_server().base_url
        model = model.partition("/")[2] or "markdown"
    return providers.resolve(model, base_url=base_url, api_key=api_key, wire_format=wire_format)


def messages_of(prompt: object, after: Stream | None) -> list[dict[str, Any]]:
    """The messages to send, those of the stream before first. Raises UsageError for what is no prompt."""
    if isinstance(prompt, str):
        if not prompt.strip():
            raise UsageError("The prompt is empty: say what to ask.")
        new = [{"role": "user", "content": prompt}]
    elif isinstance(prompt, list):
        if not prompt:
            raise UsageError(
                'The list of messages is empty: give at least {"role": "user", "content": "..."}.'
            )
        if all(isinstance(item, str) for item in prompt):
            raise UsageError(
                'A list is one of messages, {"role": "user", "content": "..."}; '
                "compare([...], model) asks several prompts side by side."
            )
        new = prompt
    else:
        raise UsageError(f"The prompt must be a string or a list of messages, not {type(prompt).__name__}.")
    return [*_before(after), *new] if after is not None else list(new)


def _before(after: Stream) -> Iterable[dict[str, Any]]:
    if not after._session.has_ended:
        raise UsageError("after=: that stream is still running. `await` it (or stop it) first.")
    if not after.text:
        raise UsageError(f"after=: that stream has no answer to follow up (its status is {after.status!r}).")
    return [*after.messages, {"role": "assistant", "content": after.text}]


def body_of(
    wire_format: WireFormat,
    target: Target,
    messages: list[dict[str, Any]],
    params: Mapping[str, Any],
    system: str | None,
    extra_body: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The request body. Raises UsageError for what cannot be written as JSON, and for malformed messages."""
    if system is not None and not isinstance(system, str):
        raise UsageError("system= takes a string; for parts, give a message with the role system.")
    if "messages" in params:
        raise UsageError("messages= would replace the prompt: give the list as the prompt, without a name.")
    if not isinstance(extra_body or {}, Mapping):
        raise UsageError(f"extra_body= takes a dict, not {type(extra_body).__name__}.")
    body = {**wire_format.body(target.model, messages, params, system=system), **(extra_body or {})}
    try:
        json.dumps(body, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as exc:
        raise UsageError(f"The request cannot be written as JSON: {exc}.") from None
    return body


def headers_of(extra: Mapping[str, str] | None) -> dict[str, str]:
    """The extra headers. Raises UsageError where one is no string, or cannot be sent."""
    if not isinstance(extra or {}, Mapping):
        raise UsageError(f"extra_headers= takes a dict, not {type(extra).__name__}.")
    headers = dict(extra or {})
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise UsageError(f"extra_headers= takes strings; {name!r} is not one.")
    sse.check_headers(headers)
    return headers


def check_flags(**flags: object) -> None:
    """Raise UsageError where one is neither True nor False: "no" would count as yes."""
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise UsageError(f"{name}={value!r}: give True or False.")


def check_retries(retries: object) -> None:
    """Raise UsageError where that is no count."""
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise UsageError(f"retries={retries!r}: give a whole number from 0 on.")
