"""Every event of the log is in the catalogue; each is named for what happened, and carries no text."""

from __future__ import annotations

import dataclasses
import importlib
import re
import types
import typing
import uuid
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any, Union

import pytest

from contactcenter.kernel.events import Event
from reporting.catalog import CATALOG
from tests.architecture.sources import PACKAGES, ROOT, product, where

NAME = re.compile(r"[a-z]+(_[a-z]+)*\.([a-z]+_)*(?P<verb>[a-z]+)")
IRREGULAR = {"begun", "done", "left", "lost", "made", "put", "read", "sent", "taken", "told", "woken", "written"}
# text fields that hold a value of a closed list (an enum's value, an error code, a field's name)
CLOSED = {
    "audience", "author_kind", "channel_kind", "closed_by", "direction", "error_code", "fields", "kind", "medium",
    "outcome", "presence", "previous", "reason", "role", "state", "status",
}  # fmt: skip
PLAIN = (uuid.UUID, int, float, bool, datetime, type(None))


def load_all() -> dict[str, type[Event]]:
    """The registered events of the product (tests register events of their own)."""
    for path in product():
        if path.stem == "events" or "events" in path.parts:
            importlib.import_module(where(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return {name: event for name, event in Event.registry.items() if event.__module__.startswith(PACKAGES)}


EVENTS = load_all()
RECORDED = {name: event for name, event in EVENTS.items() if event.recorded}
every_event = pytest.mark.parametrize("event", EVENTS.values(), ids=list(EVENTS))
every_recorded = pytest.mark.parametrize("event", RECORDED.values(), ids=list(RECORDED))


def well_named(name: str) -> bool:
    """`subject.past_tense`, e.g. `conversation.ended`, `offer.made`."""
    match = NAME.fullmatch(name)
    return bool(match and (match["verb"].endswith("ed") or match["verb"] in IRREGULAR))


def own_fields(event: type[Event]) -> set[str]:
    return {field.name for field in dataclasses.fields(event)} - {field.name for field in dataclasses.fields(Event)}


def possible_texts(event: type[Event]) -> Iterator[str]:
    """Fields whose type lets text in: only those named in CLOSED may be `str`."""
    hints = typing.get_type_hints(event)
    for name in sorted(own_fields(event)):
        if not all(_is_plain(kind) or (kind is str and name in CLOSED) for kind in _leaves(hints[name])):
            yield f"{event.name}: {name}"


def _leaves(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) in {Union, types.UnionType, tuple, list, frozenset}:
        for inner in typing.get_args(hint):
            yield from _leaves(inner) if inner is not Ellipsis else ()
    else:
        yield hint


def _is_plain(kind: Any) -> bool:
    return isinstance(kind, type) and (kind in PLAIN or issubclass(kind, Enum))


def test_events_are_found() -> None:
    assert {"conversation.started", "pass.opened", "presence.changed"} <= set(EVENTS)
    assert ROOT.joinpath("routing/events.py").exists()


def test_the_catalogue_lists_every_event_of_the_log_and_nothing_else() -> None:
    assert set(CATALOG) == set(RECORDED)
    assert set(EVENTS) - set(CATALOG) == {
        "delivery.changed", "conversation.acknowledged", "attachment.uploaded", "attachment.rejected",
    }  # fmt: skip


@every_recorded
def test_the_catalogue_says_of_each_field_what_it_is(event: type[Event]) -> None:
    entry = CATALOG[event.name]
    assert sorted(entry.fields) == sorted(own_fields(event))
    assert str(entry.meaning).endswith(".")
    assert "\n" not in str(entry.meaning)


@every_recorded
def test_a_measure_is_a_number(event: type[Event]) -> None:
    hints = typing.get_type_hints(event)
    assert all(hints[field] in {int, float} for field in CATALOG[event.name].measures)


@every_event
def test_an_event_is_named_for_what_happened(event: type[Event]) -> None:
    assert well_named(event.name)
    assert len(event.name) <= 60, "the log's column"


@every_event
def test_an_event_carries_no_text(event: type[Event]) -> None:
    assert list(possible_texts(event)) == []


@every_event
def test_an_event_is_frozen_and_says_what_it_means(event: type[Event]) -> None:
    assert event.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert event.__doc__
    assert not event.__doc__.startswith(f"{event.__name__}("), "that is the dataclass's own"


@pytest.mark.parametrize("name", ["ended", "conversation.end", "Conversation.ended", "offer.is made", "offer."])
def test_the_check_finds_a_bad_name(name: str) -> None:
    assert not well_named(name)


@pytest.mark.parametrize("name", ["conversation.ended", "routing_status.changed", "offer.made", "flow.node_entered"])
def test_the_check_accepts_a_good_name(name: str) -> None:
    assert well_named(name)


def test_the_check_finds_fields_for_text() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Leaky(Event):  # without a name: it isn't registered
        subject: str
        tags: tuple[str, ...]
        payload: dict[str, int]
        anything: Any
        maybe: str | None

    assert [field.rpartition(" ")[2] for field in possible_texts(Leaky)] == sorted(own_fields(Leaky))


def test_the_check_accepts_ids_enums_and_numbers() -> None:
    class Colour(Enum):
        RED = "red"

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Tight(Event):
        thing_id: uuid.UUID | None
        colour: int
        ids: tuple[uuid.UUID, ...]
        state: str
        waited_s: float

    assert list(possible_texts(Tight)) == []
    assert _is_plain(Colour)
