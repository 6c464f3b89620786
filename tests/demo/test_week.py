"""The past week: a consistent state, events that agree with it, and nothing left lying about."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import Count

from agents.models import AgentLoad, AgentState, PresenceSpan, RoutingStatusSpan, User
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.messenger.actions.guests import do_guest_message
from channels_app.messenger.actions.sessions import do_configure
from channels_app.messenger.models import Deployment
from channels_app.models import Contact, Conversation, Delivery, Message
from contactcenter.demo import company, week
from contactcenter.kernel import clock
from reporting.models import EventRecord
from routing.actions.availability import do_go_on_queue
from routing.actions.passes import do_open_pass
from routing.events import PassClosed
from routing.models import Assignment, Offer, QueueVisit, RoutingPass, WrapUp
from tests.product import empty_database

NOW = datetime(2026, 3, 12, 19, 30, tzinfo=UTC)  # a Thursday evening
LIVE_AGENT = "Ben Castell"
pytestmark = pytest.mark.timeout(300)  # the first test waits for the week


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker: Any) -> Iterator[uuid.UUID]:
    """A week, made while a customer waits and an agent is on queue already: gives that customer's conversation."""
    with django_db_blocker.unblock(), clock.at(NOW):
        try:
            company.do_found("x")
            do_go_on_queue(User.objects.get(name=LIVE_AGENT))
            conversation = _live_customer()
            week.make_week(conversations=60, days=6)
            yield conversation
        finally:
            empty_database()


def _live_customer() -> uuid.UUID:
    deployment = Deployment.objects.select_related("channel").get(name="Shop")
    session = do_configure(deployment, "live").session
    sender = Sender(str(session.id), kind="guest", name="Live")
    written = do_guest_message(session, deployment, InboundMessage("1", sender, "Hello")).message
    do_open_pass(written.conversation_id)
    return written.conversation_id


@pytest.fixture
def made(live: uuid.UUID, db: None) -> uuid.UUID:
    return live


def test_nothing_lives_any_more(made: uuid.UUID) -> None:
    assert not RoutingPass.objects.exclude(state="closed").exclude(conversation=made).exists()
    assert not Offer.objects.filter(state="alerting").exists()
    assert not Assignment.objects.exclude(state="done").exists()
    assert not QueueVisit.objects.filter(left_at=None).exclude(routing_pass__conversation=made).exists()
    assert not Conversation.objects.filter(state="active").exclude(id=made).exists()
    assert not Delivery.objects.filter(state__in=["queued", "failed"]).exists()


def test_all_agents_have_gone_home_with_nothing_in_hand(made: uuid.UUID) -> None:
    states = AgentState.objects.exclude(user__name=LIVE_AGENT).exclude(user__email=company.NEWCOMER)
    assert states.count() == 6
    assert set(states.values_list("status", "presence")) == {("off_queue", "offline")}
    assert set(AgentLoad.objects.values_list("in_use", flat=True)) == {0}


def test_some_conversations_rest_within_their_window_and_others_have_ended(made: uuid.UUID) -> None:
    assert Conversation.objects.filter(state="resting", ends_at__gt=NOW).count() >= 5
    assert not Conversation.objects.filter(state="resting", ends_at__lte=NOW).exists()
    assert Conversation.objects.filter(state="ended", end_reason="window").exists()


@pytest.mark.parametrize("spans", [RoutingStatusSpan, PresenceSpan])
def test_spans_follow_each_other_without_gap_or_overlap(made: uuid.UUID, spans: Any) -> None:
    for agent in User.objects.filter(groups__name="agent").exclude(name=LIVE_AGENT).exclude(email=company.NEWCOMER):
        rows = list(spans.objects.filter(user=agent).order_by("started_at", "id"))
        assert rows, agent
        assert all(one.ended_at == then.started_at for one, then in pairwise(rows))
        assert rows[-1].ended_at is None
        assert rows[-1].started_at <= NOW


def test_conversations_fall_on_several_days(made: uuid.UUID) -> None:
    assert len({moment.date() for moment in Conversation.objects.values_list("created_at", flat=True)}) >= 5
    assert not Message.objects.filter(created_at__gt=NOW).exclude(conversation=made).exists()


def test_returning_customers_reach_the_same_agent_on_the_same_thread(made: uuid.UUID) -> None:
    again = Assignment.objects.filter(offer__kind="last").select_related("conversation")
    assert again.count() >= 3
    for later in again:
        before = Assignment.objects.filter(conversation=later.conversation, connected_at__lt=later.connected_at)
        assert before.order_by("-connected_at").first().agent_id == later.agent_id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("happened", "least"),
    [
        (Offer.objects.filter(state="declined"), 1),
        (Offer.objects.filter(state="expired"), 1),
        (Offer.objects.filter(kind="transfer"), 1),
        (QueueVisit.objects.filter(queue__name="Billing"), 1),
        (RoutingPass.objects.filter(outcome="abandoned"), 1),
        (RoutingPass.objects.filter(closed_by="inactivity"), 1),
        (WrapUp.objects.filter(timed_out=True), 1),
        (WrapUp.objects.filter(skipped=True), 1),
        (Delivery.objects.filter(state="read"), 20),
        (Message.objects.filter(kind="note"), 1),
        (Contact.objects.filter(locale="de"), 5),
        (EventRecord.objects.filter(name="assignment.parked"), 1),
    ],
    ids=lambda value: str(getattr(value, "model", type(value)).__name__),
)
def test_it_has_what_a_real_week_has(made: uuid.UUID, happened: Any, least: int) -> None:
    assert happened.count() >= least


def test_the_log_agrees_with_the_state(made: uuid.UUID) -> None:
    logged = dict(EventRecord.objects.values_list("name").annotate(Count("id")))
    assert logged["conversation.started"] == Conversation.objects.count()
    assert logged["message.added"] == Message.objects.count()
    assert logged["pass.opened"] == RoutingPass.objects.count()
    assert logged[PassClosed.name] == RoutingPass.objects.filter(state="closed").count()
    assert logged["visit.entered"] == QueueVisit.objects.count()
    assert logged["offer.made"] == logged["offer.closed"] == Offer.objects.count()
    assert logged["assignment.started"] == logged["assignment.left"] == Assignment.objects.count()
    assert logged["wrapup.done"] == WrapUp.objects.count() == Assignment.objects.count()
    assert logged["routing_status.changed"] == RoutingStatusSpan.objects.count()
    assert logged["presence.changed"] == PresenceSpan.objects.count()


def test_every_number_of_a_thread_is_used_once_and_in_order(made: uuid.UUID) -> None:
    for conversation in Conversation.objects.prefetch_related("messages"):
        rows = sorted(conversation.messages.all(), key=lambda message: message.seq)
        assert [row.seq for row in rows] == list(range(1, conversation.last_seq + 1))
        assert all(one.created_at < then.created_at for one, then in pairwise(rows))


def test_what_lives_meanwhile_is_not_touched(made: uuid.UUID) -> None:
    waiting = RoutingPass.objects.get(conversation=made)
    assert (waiting.state, waiting.offers.count()) == ("waiting", 0)
    assert AgentState.objects.get(user__name=LIVE_AGENT).status == "idle"
    assert not Assignment.objects.filter(agent__name=LIVE_AGENT).exists()


def test_the_week_is_known_to_be_there(made: uuid.UUID) -> None:
    assert week.is_there()
