"""The names that `tune()` and `run()` are given in, an error with the likely one out. Knows no widget."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from ..errors import UsageError, quote

NEAR = 0.8
"""How alike (0 to 1, difflib) a control must be to a variable to count as its misspelling."""
LIKELY = 0.6
"""The same of a name that is refused in any case."""
OURS = frozenset({"after", "display", "keep_running", "prompt", "settle"})
"""Options of `stream()` that a tuning has no use for, or says itself."""
PARAMETERS = frozenset(
    {
        "audio", "best_of", "cache_control", "candidate_count", "chat_template_kwargs",
        "citation_options", "container", "documents", "echo", "first_token_s", "format",
        "frequency_penalty", "grammar", "guided_json", "include", "jitter", "json_schema", "keep_alive",
        "logit_bias", "logprobs", "max_completion_tokens", "max_output_tokens", "max_tokens",
        "max_tool_calls", "metadata", "min_p", "min_tokens", "modalities", "models", "n", "n_predict",
        "num_ctx", "num_predict", "options", "output_config", "pace", "parallel_tool_calls", "plugins",
        "prediction", "presence_penalty", "prompt_cache_key", "provider", "random_seed", "raw",
        "reasoning", "reasoning_effort", "repeat_penalty", "repetition_penalty", "response_format",
        "response_mime_type", "response_schema", "safe_prompt", "safety_identifier", "safety_settings",
        "seed", "service_tier", "stop", "stop_sequences", "store", "stream_options", "suffix",
        "temperature", "text", "think", "thinking", "thinking_budget", "thinking_level", "tokens",
        "tool_choice", "tools", "top_a", "top_k", "top_logprobs", "top_p", "truncation", "typical_p",
        "user", "verbosity", "web_search_options",
    }
)  # fmt: skip
"""Fields of request bodies, from the references of those whom `stream()` asks, and the demo's own."""


def check_controls(given: Iterable[str], variables: Iterable[str], options: Collection[str]) -> None:
    """Raise UsageError for a control that is nearly a variable which has none: the server would get it.

    `options` are the names that `stream()` has.
    """
    names = set(given)
    bare = [name for name in variables if name not in names]
    for name in names.difference(bare, options, PARAMETERS):
        near = difflib.get_close_matches(name, bare, 1, NEAR)
        if near:
            raise UsageError(
                f"{name}= is no variable of the template; did you mean {near[0]}=?\n{_anyway(name)}"
            )


def check_changes(given: Iterable[str], controls: Collection[str], options: Collection[str]) -> None:
    """Raise UsageError for a change that is no control, no option of `stream()` and no known parameter."""
    for name in given:
        if name in controls:
            continue
        if name in OURS and name != "after":
            raise UsageError(f"run() takes no {name}=: it belongs to a single stream().")
        if name not in options and name not in PARAMETERS:
            raise _unknown(name, controls, options)


def _unknown(name: str, controls: Collection[str], options: Collection[str]) -> UsageError:
    known = [*controls, *sorted(PARAMETERS.union(options) - OURS)]
    near = difflib.get_close_matches(name, known, 1, LIKELY)
    there_are = f"the controls are {quote(', '.join(controls), 120)}." if controls else "there is none."
    proposal = f"did you mean {near[0]}=?" if near else there_are
    return UsageError(f"There is no control {name}; {proposal}\n{_anyway(name)}")


def _anyway(name: str) -> str:
    return f'If the server knows it: extra_body={{"{name}": ...}}.'
