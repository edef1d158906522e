"""A request in, what the notebook's output keeps of it out, and the way back: the same request, asked again.

Never a key, a header or a password: what may hold one is left out, and a key is masked wherever it stands.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import Secret, UsageError, mask
from ..widget import Stream


def request_of(
    model: str,
    messages: list[dict[str, Any]] | None,
    prompt_options: Mapping[str, Any],
    options: Mapping[str, Any],
    secret: Secret | None,
) -> dict[str, Any]:
    """What is kept of a request: `model`, `options`, and the `messages` where the prompt may be saved.

    Not given, and so not kept: `api_key`, `extra_headers`, `http_client` and `verify`, which may hold a
    secret or belong to this machine; `stop_when`, which is code; `after`, whose messages are among these.
    """
    said = {name: value for name, value in {**options, **prompt_options}.items() if value is not None}
    request: dict[str, Any] = {"model": model, "options": said}
    if messages is not None:
        request["messages"] = messages
    # A copy, as JSON has it: the user may change his lists later, and a key may stand in any of them.
    text = json.dumps(request, ensure_ascii=False)
    masked = text if secret is None else mask(text, [secret])
    if masked == text:
        return dict(json.loads(text))
    with contextlib.suppress(ValueError):  # the key had a piece of JSON's own form in it
        return {**json.loads(masked), "masked": True}
    return {"model": model, "options": {}, "masked": True}


KEPT = frozenset({"base_url", "wire_format", "system", "extra_body", "max_cost"})
"""Options of ours that a kept request may bring; a notebook may come from anywhere, and ask for no others."""


def again_from(stream: Callable[..., Stream], request: Mapping[str, Any], **changes: Any) -> Stream:
    """Ask a kept request again, with `changes`.

    Raises:
        UsageError: its prompt was not kept, or not all of it.
    """
    own = inspect.signature(stream).parameters
    options = request.get("options")
    kept = options.items() if isinstance(options, Mapping) else ()
    given: dict[str, Any] = {name: value for name, value in kept if name in KEPT or name not in own}
    if "base_url" in given:
        given["api_key"] = None  # a key set by configure() is not for an address that a notebook names
    given |= {"model": request.get("model"), **changes}
    prompt = given.pop("prompt", request.get("messages"))
    if prompt is None:
        raise UsageError("The prompt was not saved (save_prompt=False): give it, again(prompt=...).")
    if "prompt" not in changes and (request.get("masked") or _lacks_binary(prompt)):
        raise UsageError("The prompt held a picture or a key, which is not saved: give it as prompt=.")
    return stream(prompt, **given)


def _lacks_binary(value: Any) -> bool:
    """Whether there is a picture or sound in it of which only the hash was kept (`saved.binaries`)."""
    if isinstance(value, Mapping):
        return value.keys() == {"sha256", "mime_type", "bytes"} or any(map(_lacks_binary, value.values()))
    return isinstance(value, list) and any(map(_lacks_binary, value))
