"""Messages between kernel and page get lost, doubled and out of order: the page heals by itself.

Each mishap is made on purpose at the websocket. What counts is the answer on the screen, never a trait.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenNotebook
from .frames import Message, alter_messages, lose_messages, own_message
from .numbered import EACH_FRONT_END, Complaints, cell, numbered
from .page import WAIT_MS, FrontEnd, View

TOKENS = 90
IsMeant = Callable[[Message], bool]


def is_type(message: Message, kind: str) -> bool:
    own = own_message(message)
    return own is not None and own["type"] == kind


def is_append(message: Message, *numbers: int) -> bool:
    own = own_message(message)
    return own is not None and own["type"] == "append" and own["seq"] in numbers


def is_last_append(message: Message) -> bool:
    own = own_message(message)
    return own is not None and own["type"] == "append" and f"t{TOKENS:06d}" in own.get("text", "")


def is_final_state(message: Message) -> bool:
    """The traits, synced once at the end: they would heal a lost tail before any beat does."""
    data = message["content"].get("data", {})
    return data.get("method") == "update" and "seq" in data.get("state", {})


class Mishap:
    """Loses what `is_lost` means on the way to one stream's view; counts what it has done."""

    def __init__(self, *is_lost: IsMeant) -> None:
        self.is_lost = is_lost
        self.count = 0

    def to_page(self, message: Message, frame: bytes) -> list[bytes]:
        if not any(is_lost(message) for is_lost in self.is_lost):
            return [frame]
        self.count += 1
        return []

    def to_kernel(self, message: Message, frame: bytes) -> list[bytes]:
        return [frame]


class FirstAnswerLost(Mishap):
    """Loses an append, and the first answer to the request that follows."""

    def __init__(self) -> None:
        super().__init__(lambda m: is_append(m, 9), self.is_first_answer)
        self.answers = 0

    def is_first_answer(self, message: Message) -> bool:
        self.answers += is_type(message, "snapshot")
        return is_type(message, "snapshot") and self.answers == 1


class RequestsLost(Mishap):
    """Loses an append, and the first two requests for the whole on their way to the kernel."""

    def __init__(self) -> None:
        super().__init__(lambda m: is_append(m, 9))

    def to_kernel(self, message: Message, frame: bytes) -> list[bytes]:
        if self.count == 3 or not is_type(message, "snapshot"):
            return [frame]
        self.count += 1
        return []


class Doubled(Mishap):
    """Sends every message of ours twice."""

    def to_page(self, message: Message, frame: bytes) -> list[bytes]:
        self.count += 1
        return [frame, frame]


class Swapped(Mishap):
    """Sends every third append after the one that follows it."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[bytes] = []

    def to_page(self, message: Message, frame: bytes) -> list[bytes]:
        if is_append(message, *range(3, 1000, 3)) and not self.held:
            self.held.append(frame)
            return []
        later, self.held = self.held, []
        self.count += len(later)
        return [frame, *later]


def mishaps() -> dict[str, Mishap]:
    def is_end(message: Message) -> bool:
        return is_type(message, "end")

    return {
        "an append in the middle": Mishap(lambda m: is_append(m, 9)),
        "the first append": Mishap(lambda m: is_append(m, 1)),
        "several appends": Mishap(lambda m: is_append(m, 3, 4, 12, 20)),
        "the end record": Mishap(is_end),
        "the last append and the end record": Mishap(is_last_append, is_end),
        "the whole tail": Mishap(is_last_append, is_end, is_final_state),
        "the first answer": FirstAnswerLost(),
        "the first requests": RequestsLost(),
        "doubled": Doubled(),
        "swapped": Swapped(),
    }


ALL_AT_ONCE = f"""
from notebook_stream import stream
runs = [
    stream("hi", model="demo/lorem", tokens={TOKENS}, settle=False)
    for _ in range({len(mishaps())})
]
"""


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_lost_doubled_and_swapped_messages_heal(
    open_notebook: OpenNotebook, page: Page, front_end: FrontEnd
) -> None:
    complaints = Complaints(page)
    done = mishaps()
    waiting = iter(done.values())
    of_comm: dict[str, Mishap] = {}

    def to_page(message: Message | None, frame: bytes) -> list[bytes]:
        content = message["content"] if message else {}
        if message and is_stream(message):
            of_comm[content["comm_id"]] = next(waiting)
            return [frame]
        mishap = of_comm.get(content.get("comm_id", ""))
        return mishap.to_page(message, frame) if message and mishap else [frame]

    def to_kernel(message: Message | None, frame: bytes) -> list[bytes]:
        mishap = of_comm.get(message["content"].get("comm_id", "")) if message else None
        return mishap.to_kernel(message, frame) if message and mishap else [frame]

    alter_messages(page, to_page, to_kernel)
    notebook = open_notebook([ALL_AT_ONCE, "for s in runs: s.result()"], front_end=front_end)
    notebook.run(0)
    notebook.run(1)
    views = notebook.views(0)
    expect(views).to_have_count(len(done), timeout=WAIT_MS)
    for index, name in enumerate(done):
        view = View(views.nth(index))
        view.wait_for_answer(numbered(TOKENS), f"{name}: ")
        view.wait_until("done")
        expect(view.part("status")).not_to_contain_text("catching up")
    counts = {name: mishap.count for name, mishap in done.items()}
    # Beats go on and the kernel answers each request, so some happen more often than once.
    assert min(counts.values()) >= 1, counts
    assert counts["several appends"] == 4
    assert counts["the first requests"] == 3
    assert min(counts["doubled"], counts["swapped"]) > 5
    assert complaints.lines == []


def is_opening(message: Message | None) -> bool:
    return message is not None and message["header"]["msg_type"] == "comm_open"


def is_stream(message: Message) -> bool:
    return is_opening(message) and "text" in message["content"]["data"].get("state", {})


def is_core(message: Message | None) -> bool:
    """The opening of the library widget with the larger part of the page's code."""
    if message is None or not is_opening(message):
        return False
    state = message["content"]["data"].get("state", {})
    return "_esm" in state and "text" not in state


def test_without_the_core_there_is_plain_text(open_notebook: OpenNotebook, page: Page) -> None:
    complaints = Complaints(page)
    lost = lose_messages(page, is_core)
    notebook = open_notebook([cell(TOKENS, pace=300), cell(1_000_000)])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_answer(numbered(TOKENS))
    view.wait_until("done")
    notebook.run(1)
    endless = notebook.view(1)
    endless.wait_for_more(20)
    endless.stop()
    endless.wait_until("stopped")
    assert len(lost) == 1
    assert complaints.lines == []


def test_a_late_core_takes_over_from_plain_text(open_notebook: OpenNotebook, page: Page) -> None:
    complaints = Complaints(page)
    held: list[bytes] = []

    def to_page(message: Message | None, frame: bytes) -> list[bytes]:
        if is_core(message):
            held.append(frame)
            return []
        # Late enough that a busy machine has looked at the plain text before (3 s after the first words).
        if held and message is not None and is_append(message, *range(100, 2000)):
            return [held.pop(), frame]
        return [frame]

    alter_messages(page, to_page)
    notebook = open_notebook([cell(6 * TOKENS)])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_more(20)
    assert held
    # Markdown makes paragraphs, plain text has none.
    expect(view.part("answer").get_by_role("paragraph")).to_have_count(0)
    expect(view.part("answer").get_by_role("paragraph")).to_have_count(1, timeout=WAIT_MS)
    view.wait_for_answer(numbered(6 * TOKENS))
    view.wait_until("done")
    assert complaints.lines == []
