"""The expected answer time of a channel: from its own queue's last answers, and only from enough of them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache

from routing.models import QueueVisit
from routing.queries.answer_time import ENOUGH, get_answer_seconds
from tests.routing.cast import Scene

WAITS = (30, 60, 90, 600, 45)


@pytest.fixture(autouse=True)
def forgotten() -> None:
    cache.clear()


def answered(scene: Scene, *waits: int) -> uuid.UUID:
    """A channel whose customers waited so long, each in turn."""
    queue = scene.queue()
    channel = scene.channel(queue)
    scene.agent("Ana", queue, limit=len(waits))
    for number, seconds in enumerate(waits):
        scene.talks(channel, f"guest-{number}")
        visit = QueueVisit.objects.latest("id")
        QueueVisit.objects.filter(pk=visit.pk).update(left_at=visit.entered_at + timedelta(seconds=seconds))
    return channel.id


def test_it_is_the_median_of_the_last_waits(scene: Scene) -> None:
    assert get_answer_seconds(answered(scene, *WAITS)) == 60


def test_too_few_say_nothing(scene: Scene) -> None:
    assert get_answer_seconds(answered(scene, *WAITS[: ENOUGH - 1])) is None


def test_a_channel_that_leads_nowhere_has_none(scene: Scene) -> None:
    assert get_answer_seconds(uuid.uuid4()) is None


def test_what_was_long_ago_does_not_count(scene: Scene) -> None:
    channel = answered(scene, *WAITS)
    scene.set_clock(scene.now + timedelta(days=8))
    assert get_answer_seconds(channel) is None


def test_it_is_asked_once_a_minute(scene: Scene) -> None:
    channel = answered(scene, *WAITS)
    assert get_answer_seconds(channel) == 60
    QueueVisit.objects.all().update(outcome=QueueVisit.Outcome.ABANDONED)
    assert get_answer_seconds(channel) == 60
    cache.clear()
    assert get_answer_seconds(channel) is None
