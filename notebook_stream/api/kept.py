"""A request in, what the notebook's output keeps of it out, and the way back: the same request, asked again.

Never a key, a header or a password: what may hold one is left out, and a key is masked wherever it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import MASK, Secret, UsageError, mask
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
    secret or belong to this machine; `stop_when`, which is code; `after`, whose messages are among `messages`.
    """
    said = {name: value for name, value in {**options, **prompt_options}.items() if value is not None}
    request: dict[str, Any] = {"model": model, "options": said}
    if messages is not None:
        request["messages"] = messages
    # A copy, as JSON has it: the user may change his lists later, and a key may stand in any of them.
    text = json.dumps(request, ensure_ascii=False)
    return dict(json.loads(text if secret is None else _masked(text, secret)))


def _masked(text: str, secret: Secret) -> str:
    masked = mask(text, [secret])
    try:
        json.loads(masked)
    except ValueError:
        return json.dumps({"model": "", "options": {}})  # the key had a piece of the form itself
    return masked


def again_from(stream: Callable[..., Stream], request: Mapping[str, Any], **changes: Any) -> Stream:
    """Ask a kept request again, with `changes`.

    Raises:
        UsageError: its prompt was not kept, or not all of it.
    """
    given = {"model": request.get("model"), **dict(request.get("options") or {}), **changes}
    prompt = given.pop("prompt", request.get("messages"))
    if prompt is None:
        raise UsageError("The prompt was not saved (save_prompt=False): give it, again(prompt=...).")
    lost = [what for what in ("sha256", MASK) if what in json.dumps(prompt, ensure_ascii=False, default=str)]
    if lost:
        raise UsageError(
            "The prompt held a picture or a key, which no notebook keeps: give it, again(prompt=...)."
        )
    return stream(prompt, **given)
