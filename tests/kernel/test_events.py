"""Events are frozen and plain; sinks of the transaction may refuse, sinks after it may not."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from contactcenter.kernel import events, ids
from contactcenter.kernel.events import Event, Recorded

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Painted(Event):
    """Something has a colour (only these tests record it)."""

    name = "kernel_test.painted"
    wall_id: uuid.UUID
    colour: Colour
    before: tuple[Colour, ...] = ()
    dry_at: datetime | None = None
    coats: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)  # slots make the class a second time
class Slotted(Event):
    """Something has slots (only these tests record it)."""

    name = "kernel_test.slotted"


@pytest.fixture
def no_sinks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_in_transaction", [])
    monkeypatch.setattr(events, "_after_commit", [])
    monkeypatch.setattr(events, "_inserts", [])
    monkeypatch.setattr(events, "_reactions", [])


def painted() -> list[Recorded]:
    return [Recorded(ids.new(NINE), NINE, Painted(wall_id=uuid.uuid4(), colour=Colour.RED))]


def test_an_event_cant_be_changed() -> None:
    event = painted()[0].event
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.queue_id = uuid.uuid4()  # type: ignore[misc]


def test_its_data_is_plain_json_without_the_columns() -> None:
    wall = uuid.uuid4()
    event = Painted(
        conversation_id=uuid.uuid4(),
        queue_id=uuid.uuid4(),
        wall_id=wall,
        colour=Colour.RED,
        before=(Colour.RED,),
        dry_at=NINE,
    )
    expected = {
        "wall_id": str(wall),
        "colour": "red",
        "before": ["red"],
        "dry_at": "2026-11-22 09:00:00+00:00",
        "coats": 1,
    }
    assert event.data() == json.loads(json.dumps(event.data())) == expected
    assert type(event.data()["colour"]) is str


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(TypeError, match=r"two events are named kernel_test\.painted"):

        class Repainted(Event):
            name = "kernel_test.painted"

    assert Event.registry["kernel_test.painted"] is Painted


def test_a_class_made_anew_by_its_own_decorator_is_accepted() -> None:
    assert Event.registry["kernel_test.slotted"].__qualname__ == Slotted.__qualname__
    queue = uuid.uuid4()
    assert Slotted(queue_id=queue).queue_id == queue


def test_a_class_without_a_name_is_no_event_of_the_log() -> None:
    before = dict(Event.registry)

    class Shared(Event):
        """Fields that several events share."""

    assert Event.registry == before


def test_sinks_run_once_each_in_their_order(no_sinks: None) -> None:
    heard: list[str] = []

    def first(recorded: Sequence[Recorded]) -> None:
        heard.append("first")

    def second(recorded: Sequence[Recorded]) -> None:
        heard.append("second")

    events.attach(in_transaction=[first, second])
    events.attach(in_transaction=[first], after_commit=[second])
    events.write(painted())
    assert heard == ["first", "second"]
    events.announce(painted())
    assert heard == ["first", "second", "second"]


def test_a_reaction_hears_its_kinds_of_events_once_and_no_others(no_sinks: None) -> None:
    heard: list[list[str]] = []

    def react(recorded: Sequence[Recorded]) -> None:
        heard.append([one.event.name for one in recorded])

    events.attach(reactions=[(react, (Slotted,))])
    events.attach(reactions=[(react, (Slotted,))])
    events.write(painted())
    assert heard == []
    slotted = Recorded(ids.new(NINE), NINE, Slotted())
    events.write([*painted(), slotted, *painted(), slotted])
    assert heard == [["kernel_test.slotted"] * 2]


def test_only_what_is_reacted_to_needs_a_transaction(no_sinks: None) -> None:
    events.attach(reactions=[(lambda recorded: None, (Slotted,))])
    assert events.in_statement(Painted, "source", {}) == []
    assert events.in_statement(Slotted, "source", {}) is None


def test_the_refusal_of_a_sink_in_the_transaction_is_heard(no_sinks: None) -> None:
    def refuse(recorded: Sequence[Recorded]) -> None:
        raise ZeroDivisionError

    events.attach(in_transaction=[refuse])
    with pytest.raises(ZeroDivisionError):
        events.write(painted())


def test_a_failing_sink_after_the_commit_doesnt_keep_the_others_from_hearing(no_sinks: None) -> None:
    heard: list[Recorded] = []

    def fail(recorded: Sequence[Recorded]) -> None:
        raise ZeroDivisionError

    events.attach(after_commit=[fail, heard.extend])
    recorded = painted()
    events.announce(recorded)
    assert heard == recorded
