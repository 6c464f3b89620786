"""What the events of work carry for reports: no fact has to be joined to where it began."""

from __future__ import annotations

from typing import Any

import pytest

from channels_app.actions.lifecycle import do_end as do_end_for_good
from channels_app.models import Conversation
from reporting.models import EventRecord
from routing.actions.transfers import do_transfer_to_queue
from routing.actions.work import do_end, do_park, do_resume, do_wrap_up
from routing.models import Assignment
from tests.routing.cast import Scene, accepts, code


def data_of(name: str) -> list[dict[str, Any]]:
    return [row.data for row in EventRecord.objects.filter(name=name).order_by("id")]


def times(left: dict[str, Any]) -> tuple[float, float, bool]:
    return left["talked_s"], left["parked_s"], left["while_parked"]


@pytest.fixture
def work(scene: Scene) -> Assignment:
    """Ana talks with Jonas."""
    service = scene.queue()
    scene.agent("Ana", service)
    return scene.talks(scene.channel(service))[1]


def test_without_a_park_all_is_talked(scene: Scene, work: Assignment) -> None:
    scene.pause(minutes=2)
    do_end(work.conversation_id, work.agent)
    assert [times(left) for left in data_of("assignment.left")] == [(120, 0, False)]


def test_parked_time_is_told_apart_from_talked_time_over_all_parks(scene: Scene, work: Assignment) -> None:
    for talked, parked in ((2, 5), (1, 10)):
        scene.pause(minutes=talked)
        do_park(work.conversation_id, work.agent)
        scene.pause(minutes=parked)
        do_resume(work.conversation_id, work.agent)
    scene.pause(minutes=4)
    do_end(work.conversation_id, work.agent)
    assert [times(left) for left in data_of("assignment.left")] == [(7 * 60, 15 * 60, False)]
    assert [resumed["parked_s"] for resumed in data_of("assignment.resumed")] == [5 * 60, 10 * 60]


def test_a_park_that_ends_by_closing_is_told_by_what_closed_it(scene: Scene, work: Assignment) -> None:
    scene.pause(minutes=2)
    do_park(work.conversation_id, work.agent)
    scene.pause(minutes=30)
    do_end_for_good(work.conversation_id, Conversation.EndReason.CLEARED)
    scene.later(seconds=0)
    assert [times(left) for left in data_of("assignment.left")] == [(120, 30 * 60, True)]
    assert data_of("assignment.resumed") == []


def test_each_owner_has_times_of_their_own(scene: Scene, work: Assignment) -> None:
    do_park(work.conversation_id, work.agent)
    scene.pause(minutes=30)
    billing = scene.queue("Billing")
    ben = scene.agent("Ben", billing)
    do_transfer_to_queue(work.conversation_id, work.agent, billing)
    scene.later(seconds=0)
    second = accepts(work.conversation)
    scene.pause(minutes=3)
    do_end(work.conversation_id, ben)
    assert second.agent == ben
    assert [times(left) for left in data_of("assignment.left")] == [(0, 30 * 60 + 1, True), (180, 0, False)]


def test_passes_visits_and_assignments_carry_channel_and_medium(scene: Scene, work: Assignment) -> None:
    do_park(work.conversation_id, work.agent)
    do_resume(work.conversation_id, work.agent)
    do_end(work.conversation_id, work.agent)
    do_wrap_up(work.id, work.agent, code=code())
    channel = str(work.conversation.channel_id)
    for name in (
        "pass.opened", "visit.entered", "visit.left", "assignment.started", "assignment.parked", "assignment.resumed",
        "assignment.left", "pass.closed", "wrapup.done",
    ):  # fmt: skip
        (data,) = data_of(name)
        assert (data["channel_id"], data["medium"], data["pass_id"]) == (channel, "message", str(work.routing_pass_id))
