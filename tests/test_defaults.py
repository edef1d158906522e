"""What a call leaves unsaid, and names that are nearly ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from notebook_stream import UsageError, configure, stream
from notebook_stream.api.defaults import SERVERS_OWN, check_spelling
from notebook_stream.api.public import stream as public_stream

FIELDS = (
    *("temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens", "stop", "n", "seed", "tools"),
    *(
        "tool_choice",
        "response_format",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "user",
        "store",
        "metadata",
    ),
    *(
        "reasoning_effort",
        "thinking",
        "modalities",
        "prediction",
        "provider",
        "transforms",
        "plugins",
        "min_p",
    ),
    *(
        "stop_sequences",
        "verbosity",
        "suffix",
        "grammar",
        "cache_prompt",
        "n_predict",
        "keep_alive",
        "format",
    ),
    *("options", "raw", "guided_json", "messages", "timeout", "typical_p", "max_new_tokens", "random_seed"),
)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("max_second", "max_seconds"), ("modle", "model"), ("apikey", "api_key"), ("stop_wen", "stop_when")],
)
def test_a_misspelt_option_is_refused_with_the_right_name(name: str, meant: str) -> None:
    options: dict[str, Any] = {name: 3}
    for call in (lambda: stream("x", **options), lambda: configure(**options)):
        with pytest.raises(UsageError, match=f"did you mean {meant}="):
            call()


@pytest.mark.parametrize("name", [*FIELDS, *SERVERS_OWN])
def test_fields_of_request_bodies_are_no_misspellings(name: str) -> None:
    check_spelling([name], list(public_stream.__wrapped__.__annotations__))  # type: ignore[attr-defined]  # set by functools.wraps


def test_a_second_argument_without_a_name_says_which_name_it_needs() -> None:
    with pytest.raises(UsageError, match="model='demo/echo'"):
        stream("x", "demo/echo")  # type: ignore[call-arg]  # what the test is about


def test_wrong_use_shows_none_of_our_inside() -> None:
    with pytest.raises(UsageError) as caught:
        stream("")
    frames = [Path(entry.path).name for entry in caught.traceback]
    assert frames == ["test_defaults.py", "defaults.py"]
    assert caught.value.__suppress_context__
