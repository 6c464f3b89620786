"""What is owed after the talking: a code, in time, by the rules of the queue."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from agents.models import User
from agents.presence import RoutingStatus
from routing.actions.locks import NoWork
from routing.actions.offers import do_decline
from routing.actions.work import CodeNeeded, NotYours, codes_of, do_end, do_time_out_wrap_up, do_wrap_up
from routing.models import Assignment, Queue, QueueWrapUpCode, WrapUp, WrapUpCode
from tests.routing.cast import Scene, alert, code, in_use, offered_to, status

Prompt = Queue.WrapUpPrompt
State = Assignment.State


def owed(scene: Scene, **settings: Any) -> tuple[Assignment, User]:
    """Ana ended her work for Jonas."""
    service = scene.queue(**settings)
    ana = scene.agent("Ana", service)
    conversation, assignment = scene.talks(scene.channel(service))
    do_end(conversation.id, ana)
    assignment.refresh_from_db()
    assert assignment.state == State.WRAPUP
    return assignment, ana


def done(assignment: Assignment) -> WrapUp | None:
    assignment.refresh_from_db()
    return assignment.wrapup if assignment.state == State.DONE else None


def test_a_code_finishes_the_wrap_up(scene: Scene) -> None:
    assignment, ana = owed(scene)
    assert (in_use(ana), status(ana)) == (1, RoutingStatus.INTERACTING)
    do_wrap_up(assignment.id, ana, code=code(), notes="  Sent a new one. ")
    wrap_up = done(assignment)
    assert wrap_up is not None
    assert (wrap_up.code, wrap_up.notes, wrap_up.skipped) == (code(), "Sent a new one.", False)
    assert (in_use(ana), status(ana)) == (0, RoutingStatus.IDLE)


def test_it_finishes_once(scene: Scene) -> None:
    assignment, ana = owed(scene)
    do_wrap_up(assignment.id, ana, code=code())
    with pytest.raises(NoWork):
        do_wrap_up(assignment.id, ana, code=code("Other"))
    assert WrapUp.objects.get().code == code()


def test_what_is_still_talked_about_can_not_be_wrapped_up(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    _, assignment = scene.talks(scene.channel(service))
    with pytest.raises(NoWork):
        do_wrap_up(assignment.id, ana, code=code())


def test_only_its_agent_wraps_up(scene: Scene) -> None:
    assignment, _ = owed(scene)
    with pytest.raises(NotYours):
        do_wrap_up(assignment.id, scene.agent("Ben"), code=code())
    assert done(assignment) is None


@pytest.mark.parametrize("prompt", [Prompt.MANDATORY, Prompt.TIMEOUT, Prompt.FORCED_TIMEOUT])
def test_a_code_is_needed_unless_the_queue_says_otherwise(scene: Scene, prompt: str) -> None:
    assignment, ana = owed(scene, wrapup_prompt=prompt)
    with pytest.raises(CodeNeeded):
        do_wrap_up(assignment.id, ana, skip=True)
    with pytest.raises(CodeNeeded):
        do_wrap_up(assignment.id, ana)
    assert done(assignment) is None


def test_where_it_is_optional_it_may_be_skipped(scene: Scene) -> None:
    assignment, ana = owed(scene, wrapup_prompt=Prompt.OPTIONAL)
    do_wrap_up(assignment.id, ana, skip=True)
    wrap_up = done(assignment)
    assert wrap_up is not None
    assert (wrap_up.code, wrap_up.skipped) == (None, True)


def test_where_it_is_optional_nothing_is_no_skip(scene: Scene) -> None:
    assignment, ana = owed(scene, wrapup_prompt=Prompt.OPTIONAL)
    with pytest.raises(CodeNeeded):
        do_wrap_up(assignment.id, ana)


# --- codes ----------------------------------------------------------------------------------------


def test_a_queue_offers_its_own_codes(scene: Scene) -> None:
    assignment, ana = owed(scene)
    queue, own, other = Queue.objects.get(), code("Own"), code("Other")
    QueueWrapUpCode.objects.create(queue=queue, code=own)
    assert list(codes_of(queue)) == [own]
    with pytest.raises(CodeNeeded):
        do_wrap_up(assignment.id, ana, code=other)
    do_wrap_up(assignment.id, ana, code=own)


def test_a_queue_without_codes_of_its_own_offers_all_that_are_in_use(scene: Scene) -> None:
    assignment, ana = owed(scene)
    one, two = code("One"), code("Two")
    old = WrapUpCode.objects.create(name="Old", active=False)
    assert set(codes_of(Queue.objects.get())) == {one, two}
    with pytest.raises(CodeNeeded):
        do_wrap_up(assignment.id, ana, code=old)


def test_nobody_chooses_the_time_out_code(scene: Scene) -> None:
    assignment, ana = owed(scene)
    with pytest.raises(CodeNeeded):
        do_wrap_up(assignment.id, ana, code=WrapUpCode.objects.get(is_timeout=True))


# --- its time -------------------------------------------------------------------------------------


def test_a_migration_makes_the_time_out_code(scene: Scene) -> None:
    assert WrapUpCode.objects.filter(is_timeout=True).count() == 1
    migration = importlib.import_module("routing.migrations.0001_initial")
    with connection.schema_editor() as editor:
        migration.make_timeout_code(apps, editor)  # again: there is still one
    assert WrapUpCode.objects.filter(is_timeout=True).count() == 1


@pytest.mark.parametrize("prompt", [Prompt.TIMEOUT, Prompt.FORCED_TIMEOUT])
def test_when_its_time_is_over_the_time_out_code_is_set(scene: Scene, prompt: str) -> None:
    assignment, ana = owed(scene, wrapup_prompt=prompt, wrapup_timeout=timedelta(seconds=45))
    scene.later(seconds=45)
    wrap_up = done(assignment)
    assert wrap_up is not None
    assert wrap_up.code is not None
    assert (wrap_up.code.is_timeout, wrap_up.timed_out, in_use(ana)) == (True, True, 0)


def test_before_its_time_is_over_it_stays_owed(scene: Scene) -> None:
    assignment, _ = owed(scene, wrapup_timeout=timedelta(seconds=45))
    scene.later(seconds=44)
    assert done(assignment) is None
    assert not do_time_out_wrap_up(assignment.id)


@pytest.mark.parametrize("prompt", [Prompt.OPTIONAL, Prompt.MANDATORY])
def test_without_a_time_limit_it_stays_owed(scene: Scene, prompt: str) -> None:
    assignment, ana = owed(scene, wrapup_prompt=prompt)
    scene.later(hours=3)
    assert (done(assignment), in_use(ana)) == (None, 1)


def test_an_emptied_table_does_not_keep_agents_in_wrap_up(scene: Scene) -> None:
    assignment, _ = owed(scene)
    WrapUpCode.objects.all().delete()
    scene.later(minutes=2)
    wrap_up = done(assignment)
    assert wrap_up is not None
    assert wrap_up.code is not None
    assert wrap_up.code.is_timeout


def test_a_forced_wrap_up_notes_the_code_and_lasts_its_whole_time(scene: Scene) -> None:
    assignment, ana = owed(scene, wrapup_prompt=Prompt.FORCED_TIMEOUT, wrapup_timeout=timedelta(seconds=45))
    do_wrap_up(assignment.id, ana, code=code("First"))
    do_wrap_up(assignment.id, ana, code=code("Second"), notes="Better.")
    scene.later(seconds=44)
    assert (done(assignment), in_use(ana)) == (None, 1)
    scene.later(seconds=1)
    wrap_up = done(assignment)
    assert wrap_up is not None
    assert (wrap_up.code, wrap_up.notes, wrap_up.timed_out, in_use(ana)) == (code("Second"), "Better.", False, 0)


def test_a_time_boxed_wrap_up_may_end_early(scene: Scene) -> None:
    assignment, ana = owed(scene, wrapup_prompt=Prompt.TIMEOUT)
    do_wrap_up(assignment.id, ana, code=code())
    assert done(assignment) is not None


# --- its slot -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("counts", "next_offer"), [(True, []), (False, ["Ana"])])
def test_wrap_up_takes_a_slot_where_the_queue_says_so(scene: Scene, counts: bool, next_offer: list[str]) -> None:
    assignment, ana = owed(scene, wrapup_counts=counts, last_agent=Queue.LastAgent.DISABLED)
    scene.limit(ana, 1)
    assert in_use(ana) == (1 if counts else 0)
    assert offered_to(scene.writes(scene.channel(Queue.objects.get()), "marta")) == next_offer
    assert done(assignment) is None


def test_wrap_up_that_takes_no_slot_frees_none(scene: Scene) -> None:
    assignment, ana = owed(scene, wrapup_counts=False)
    conversation = scene.writes(scene.channel(Queue.objects.get()), "marta")
    do_wrap_up(assignment.id, ana, code=code())
    assert in_use(ana) == 1
    do_decline(alert(conversation).id, ana)
    assert in_use(ana) == 0
