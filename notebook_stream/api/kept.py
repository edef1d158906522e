"""A request in, what the notebook's output keeps of it out, and the way back: the same request, asked again.

Never a key, a header or a password: what may hold one is left out, and a key is masked wherever it stands.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .. import saved
from ..errors import MASK, Secret, UsageError, mask, quote
from ..widget import Stream

KEPT = frozenset({"base_url", "wire_format", "system", "extra_body", "max_cost", "save_prompt"})
"""Options of ours that a kept request may bring; a notebook may come from anywhere, and ask for no others."""
PRIVATE = ("api_key", "extra_headers", "http_client")
"""Options that may hold a secret: none that `configure()` has set is for a server that a notebook names."""
_SECRET_FIELD = re.compile(r"authori[sz]ation|api.?key|secret|password|bearer|(access|auth\w*)_token", re.I)


def request_of(
    model: str,
    messages: list[dict[str, Any]],
    prompt_options: Mapping[str, Any],
    params: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    secret: Secret | None,
    save_prompt: bool,
) -> dict[str, Any]:
    """What is kept of a request: `model`, `options`, and the `messages` where the prompt may be saved.

    Then of `params` only what is no text: the others may hold a part of the prompt. Not given, and so not
    kept: `api_key`, `extra_headers`, `http_client` and `verify`, which may hold a secret or belong to this
    machine; `stop_when`, which is code; `after`, whose messages are among these.
    """
    said = {**(params if save_prompt else _figures(params)), **options}
    if save_prompt:
        said |= prompt_options
    else:
        said["save_prompt"] = False
    request: dict[str, Any] = {"model": model, "options": {k: v for k, v in said.items() if v is not None}}
    if save_prompt:
        request["messages"] = messages
    # A copy, as JSON has it: the user may change his lists later, and a key may stand in any of them.
    # Without binaries, for to look for a key in a picture takes seconds.
    plain = saved.kept_json(request)
    private = without_secrets(plain)
    text = json.dumps(private, ensure_ascii=False)
    masked = text if secret is None else mask(text, [secret])
    if masked == text and private == plain:
        return dict(json.loads(text))
    with contextlib.suppress(ValueError):  # the key had a piece of JSON's own form in it
        return {**json.loads(masked), "masked": True}
    return {"model": model, "options": {}, "masked": True}


def _figures(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if isinstance(value, bool | int | float)}


def without_secrets(value: Any, *, in_headers: bool = False) -> Any:
    """`value` without what its name says to be a secret: a tool's authorization, its headers."""
    if isinstance(value, Mapping):
        return {
            name: MASK
            if isinstance(inner, str) and (in_headers or _SECRET_FIELD.search(name))
            else without_secrets(inner, in_headers=name.lower() == "headers")
            for name, inner in value.items()
        }
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def options_from(stream: Callable[..., Stream], request: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a kept request brings: its own, and none that is secret or has been masked."""
    own = inspect.signature(stream).parameters
    kept = request.get("options")
    given = {
        name: value
        for name, value in (kept.items() if isinstance(kept, Mapping) else ())
        if (name in KEPT or name not in own) and MASK not in json.dumps(value, ensure_ascii=False)
    }
    return {"base_url": None, **given, "model": request.get("model"), **dict.fromkeys(PRIVATE)}


def again_from(stream: Callable[..., Stream], request: Mapping[str, Any], **changes: Any) -> Stream:
    """Ask a kept request again, with `changes`.

    Raises:
        UsageError: its prompt was not kept, or not all of it; or a key is to go to a server that only the
            notebook names.
    """
    options = options_from(stream, request)
    if options["base_url"] and "base_url" not in changes and changes.keys() & set(PRIVATE):
        server = quote(str(options["base_url"]), 80)
        raise UsageError(f"The notebook names the server {server}: to send it a key, give base_url= as well.")
    given = {**options, **changes}
    prompt = given.pop("prompt", request.get("messages"))
    if prompt is None:
        raise UsageError("The prompt was not saved (save_prompt=False): give it, again(prompt=...).")
    if "prompt" not in changes and (request.get("masked") or _lacks_binary(prompt)):
        raise UsageError("The request held a picture or a key, which is not saved: give it anew, prompt=...")
    return stream(prompt, **given)


def _lacks_binary(value: Any) -> bool:
    """Whether there is a picture or sound in it of which only the hash was kept (`saved.binaries`)."""
    if isinstance(value, Mapping):
        return value.keys() == {"sha256", "mime_type", "bytes"} or any(map(_lacks_binary, value.values()))
    return isinstance(value, list) and any(map(_lacks_binary, value))
