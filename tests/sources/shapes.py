"""Objects that look like those of packages an ordinary run does not have: by module, name, fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Fields:
    """Has the fields it is made with, and dumps them as pydantic's objects do."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return dict(self.__dict__)


def made(module: str, name: str = "Chunk", base: type = Fields, /, **fields: Any) -> Any:
    """An object whose type says that it comes from `module`."""
    return type(name, (base,), {"__module__": module})(**fields)


def message(content: object = "", name: str = "AIMessageChunk", **fields: Any) -> Any:
    """LangChain's."""
    told = {"type": name, "content": content, "id": "i", "additional_kwargs": {}, "response_metadata": {}}
    chunks: dict[str, Any] = {"tool_call_chunks": []} if name.endswith("Chunk") else {}
    return made("langchain_core.messages.ai", name, **{**told, **chunks, **fields})


def piece(args: str, index: object = None, id: str | None = None, name: str | None = None) -> dict[str, Any]:
    """LangChain's piece of a tool call."""
    return {"name": name, "args": args, "id": id, "index": index, "type": "tool_call_chunk"}


class Response(Fields):
    """llm's: text when it is iterated, events beside, counts when it has ended."""

    def __iter__(self) -> Iterator[str]:
        return (event.chunk for event in self.stream_events() if event.type == "text")

    def stream_events(self) -> Iterator[Any]:
        yield from self._events
        self.input_tokens, self.output_tokens, self.token_details = 3, 2, {"cached": 1}
        self.resolved_model = "m"

    _events: list[Any]


class AsyncResponse(Response):
    """The same, asynchronous."""

    __iter__ = None  # type: ignore[assignment]  # it has none

    def __aiter__(self) -> Any:
        return self.astream_events()

    async def astream_events(self) -> Any:
        for event in self.stream_events():
            yield event


def event(kind: str, chunk: str, **fields: Any) -> Any:
    """llm's."""
    return made("llm.parts", "StreamEvent", type=kind, chunk=chunk, **fields)
