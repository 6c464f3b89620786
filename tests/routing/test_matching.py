"""A run of the matcher: what was decided holds only as long as what it was decided on."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models import User
from channels_app.models import Conversation
from routing.actions import engine, matching
from routing.actions.availability import do_go_off_queue
from tests.routing.cast import Scene, offered_to


def two_wait_for_two(scene: Scene) -> tuple[Conversation, Conversation, User]:
    """Decided is: the first goes to Ana, the second to Ben."""
    service = scene.queue()
    channel = scene.channel(service)
    first, second = scene.writes(channel, "jonas"), scene.writes(channel, "marta")
    ana = scene.agent("Ana", service, limit=1)
    scene.agent("Ben", service, limit=1)
    return first, second, ana


def test_both_are_offered(scene: Scene) -> None:
    first, second, _ = two_wait_for_two(scene)
    engine.match()
    assert (offered_to(first), offered_to(second)) == (["Ana"], ["Ben"])


def test_nobody_is_overtaken_when_an_agent_leaves_in_the_middle(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, ana = two_wait_for_two(scene)
    original = matching.do_offer_decided

    def leaves_first(*args: Any) -> Any:
        do_go_off_queue(ana.id)
        return original(*args)

    monkeypatch.setattr(matching, "do_offer_decided", leaves_first)
    engine.match()
    assert (offered_to(first), offered_to(second)) == (["Ben"], [])


@pytest.mark.parametrize("error", [RuntimeError, engine.ContactCentreError])
def test_one_that_fails_always_does_not_stop_the_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    first, second, _ = two_wait_for_two(scene)
    original = matching.do_offer_decided

    def fails_for_the_first(item: Any, decision: Any) -> Any:
        if item.conversation_id == str(first.id):
            raise error
        return original(item, decision)

    monkeypatch.setattr(matching, "do_offer_decided", fails_for_the_first)
    engine.match()
    assert (offered_to(first), offered_to(second)) == ([], ["Ana"])


def test_matching_takes_the_same_queries_however_many_wait(scene: Scene, django_assert_max_num_queries: Any) -> None:
    service = scene.queue()
    channel = scene.channel(service, needs={"German": 3})
    for number in range(20):
        scene.writes(channel, f"customer-{number}", look=False)
    engine.run(engine.STEPS["open_passes"])
    scene.agent("Ana", service)
    with django_assert_max_num_queries(13):
        engine.match()
