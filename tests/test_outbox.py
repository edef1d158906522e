"""Coalescing, numbering, the opening state, and the rates for one, ten, thirty and two hundred streams."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

import pytest

from notebook_stream import wire
from notebook_stream.events import Citation, Event, Reasoning, Text, ToolCall
from notebook_stream.outbox import BURST, FAST_INTERVAL_S, MAX_PER_SECOND, SLOW_INTERVAL_S, Outbox, Pacer

from . import turned_clock


class Page:
    """Applies messages as the page does."""

    def __init__(self) -> None:
        self.seq = 0
        self.text = self.reasoning = ""
        self.tools: dict[int, dict[str, Any]] = {}

    def take(self, message: Any) -> None:
        assert message["seq"] == self.seq + 1
        self.seq = message["seq"]
        self.text += message.get("text", "")
        self.reasoning += message.get("reasoning", "")
        for piece in message.get("tools", []):
            call = self.tools.setdefault(piece["position"], {**piece, "arguments": ""})
            call["arguments"] += piece["arguments"]


def outbox(state: wire.RunState | None = None) -> Outbox:
    described = state if state is not None else wire.RunState(status="streaming")
    return Outbox(lambda: wire.RunState(**described))


def random_event(rng: random.Random) -> Event:
    return rng.choice(
        [
            Text(f"{rng.random()} "),
            Reasoning("r"),
            ToolCall(rng.randrange(3), arguments="a"),
            Citation("https://example.org"),
        ]
    )


def test_what_arrives_between_two_messages_rides_together_and_nothing_is_lost() -> None:
    rng = random.Random(3)
    box, page, text = outbox(), Page(), ""
    for _ in range(2000):
        event = random_event(rng)
        box.take(event)
        text += event.text if isinstance(event, Text) else ""
        if rng.random() < 0.1 and (message := box.flush()):
            page.take(message)
    page.take(box.flush())
    assert page.text == text
    snapshot = box.snapshot()
    assert (snapshot["text"], snapshot["seq"]) == (text, page.seq)
    assert {t["position"]: t["arguments"] for t in snapshot["tools"]} == {
        p: c["arguments"] for p, c in page.tools.items()
    }
    assert page.seq < 300


def test_a_snapshot_holds_exactly_what_was_sent() -> None:
    box = outbox()
    box.take(Text("sent"))
    box.flush()
    box.take(Text(" waiting"))
    assert box.snapshot()["text"] == "sent"
    message = box.flush()
    assert message is not None
    assert message.get("text") == " waiting"


def test_the_opening_state_takes_what_waits_with_it() -> None:
    box = outbox()
    box.take(Text("before the display"))
    box.opening()
    opening = box.snapshot()
    assert (opening["text"], opening["seq"]) == ("before the display", 1)
    assert box.flush() is None


def test_only_changed_state_is_told_and_the_clock_is_not() -> None:
    state = wire.RunState(status="connecting", elapsed_s=0.1, model="m")
    box = outbox(state)
    first = box.flush()
    assert first is not None
    assert first["state"] == {"status": "connecting", "model": "m", "elapsed_s": 0.1}
    state["elapsed_s"] = 0.2
    assert box.flush() is None
    state["status"] = "streaming"
    second = box.flush()
    assert second is not None
    assert second["state"] == {"status": "streaming", "elapsed_s": 0.2}


def test_pieces_of_other_choices_do_not_mix_into_the_first() -> None:
    box = outbox()
    box.take(Text("other", index=1))
    assert "text" not in (box.flush() or {})


def test_an_end_has_the_next_number() -> None:
    box = outbox()
    box.take(Text("a"))
    box.flush()
    assert box.end()["seq"] == 2
    assert box.beat() == {"type": "beat", "seq": 2}


class Sender:
    def __init__(self) -> None:
        self.outbox = outbox()
        self.sent: list[Any] = []
        self.beats = 0
        self.on_send: Callable[[], None] = lambda: None

    @property
    def is_urgent(self) -> bool:
        return self.outbox.is_urgent

    def send_pending(self) -> bool:
        message = self.outbox.flush()
        if message is not None:
            self.sent.append(message)
            self.on_send()
        return message is not None

    def send_beat(self) -> bool:
        self.beats += 1
        return True


def turned_pacer() -> Pacer:
    """A pacer by the clock of the loop that runs."""
    return Pacer(asyncio.get_running_loop().time)


async def _feed(pacer: Pacer, senders: list[Sender], seconds: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        for sender in senders:
            sender.outbox.take(Text("x"))
            pacer.wake(sender)
        await asyncio.sleep(0.002)


def test_the_first_content_leaves_at_once_even_behind_a_state() -> None:
    async def main() -> None:
        pacer, sender = Pacer(), Sender()
        pacer.add(sender)
        pacer.wake(sender)
        await asyncio.sleep(0.001)
        pacer.wake(sender)
        sender.outbox.take(Text("first"))
        pacer.wake(sender)
        for _ in range(3):
            await asyncio.sleep(0)
        assert "first" in [m.get("text") for m in sender.sent]
        pacer.remove(sender)

    asyncio.run(main())


def test_rates_for_few_and_many_streams() -> None:
    async def main(count: int) -> int:
        pacer, senders = turned_pacer(), [Sender() for _ in range(count)]
        for sender in senders:
            pacer.add(sender)
        await _feed(pacer, senders, 1.0)
        for sender in senders:
            pacer.remove(sender)
        for sender in senders:
            sender.send_pending()
        return sum(len(s.sent) for s in senders)

    # Each stream's last message comes on top.
    for count, least, most in (
        (1, 1 / FAST_INTERVAL_S - 1, 1 / FAST_INTERVAL_S + 1),
        (20, 20 * (1 / SLOW_INTERVAL_S - 1), 20 * (1 / SLOW_INTERVAL_S + 1)),
        (200, MAX_PER_SECOND, MAX_PER_SECOND + BURST + 200),
    ):
        assert least <= turned_clock.run(main(count)) <= most, count


def test_no_second_has_more_than_the_budget() -> None:
    async def main() -> list[float]:
        pacer, senders = turned_pacer(), [Sender() for _ in range(60)]
        loop = asyncio.get_running_loop()
        times: list[float] = []
        for sender in senders:
            sender.on_send = lambda: times.append(loop.time())
            pacer.add(sender)
        await _feed(pacer, senders, 2.0)
        for sender in senders:
            pacer.remove(sender)
        return times

    times = turned_clock.run(main())
    most = max(bisect_left(times, start + 1) - index for index, start in enumerate(times))
    assert MAX_PER_SECOND <= most <= MAX_PER_SECOND + BURST


def test_ends_count_towards_the_budget() -> None:
    async def main() -> None:
        pacer, last, others = turned_pacer(), Sender(), [Sender() for _ in range(BURST)]
        for each in (*others, last):
            pacer.add(each)
        for each in others:
            pacer.remove(each)
        last.outbox.take(Text("x"))
        pacer.wake(last)
        await asyncio.sleep(2 * BURST / MAX_PER_SECOND)
        assert last.sent == []  # though it is the first content: the ends have used the credit up
        await asyncio.sleep(1.0)
        assert len(last.sent) == 1
        pacer.remove(last)

    turned_clock.run(main())


def test_a_stream_that_sends_needs_no_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.outbox.pacer.BEAT_S", 0.2)

    async def main() -> None:
        pacer, sender, silent = turned_pacer(), Sender(), Sender()
        pacer.add(sender)
        pacer.add(silent)
        await _feed(pacer, [sender], 1.0)
        assert sender.beats == 0
        assert silent.beats > 1
        await asyncio.sleep(0.5)
        assert sender.beats > 0
        for each in (sender, silent):
            pacer.remove(each)

    turned_clock.run(main())


def test_the_last_text_does_not_repeat_what_the_end_record_says() -> None:
    state = wire.RunState(status="streaming")
    box = outbox(state)
    box.take(Text("a"))
    box.flush()
    state["status"] = "done"
    assert box.flush(before_end=True) is None
    box.take(Text("b"))
    assert box.flush(before_end=True) == {"type": "append", "seq": 2, "text": "b"}
    assert box.end() == {"type": "end", "seq": 3, "state": {"status": "done"}}


def test_intervals_follow_the_design() -> None:
    async def main() -> None:
        pacer = Pacer()
        for count, seconds in ((1, 1 / 24), (10, 1 / 24), (11, 0.1), (11, 0.1), (200, 200 / 250)):
            while len(pacer._streams) < count:
                pacer.add(Sender())
            assert pacer.interval() == pytest.approx(seconds)
        for sender in list(pacer._streams):
            pacer.remove(sender)

    asyncio.run(main())
