"""What customers say, applied exactly once, in order, by one statement in the usual case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import User
from channels_app.actions.inbound import Received, do_receive
from channels_app.actions.lifecycle import do_end_rested, do_rest
from channels_app.actions.outbound import do_note, locked
from channels_app.events import ConversationEnded, ConversationRested, ConversationStarted, ConversationWoken
from channels_app.models import Address, Channel, Contact, Conversation, InboundKey, Message
from contactcenter.kernel import clock
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.events import Event
from tests import factories
from tests.channels_app.conftest import Race

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


@action
def rest(tx: Tx, conversation: Conversation) -> None:
    do_rest.within(tx, locked(conversation.id))


def test_five_copies_of_one_message_at_once_are_one_message(race: Race) -> None:
    channel = factories.channel()
    copy = factories.inbound("jonas", "Where is my parcel?", key="wamid.1")

    received: list[Received] = race(5, lambda _: do_receive(channel, copy))

    assert Message.objects.count() == 1
    assert sorted(one.duplicate for one in received) == [False, True, True, True, True]
    assert {one.message.id for one in received} == {Message.objects.get().id}


def test_five_different_messages_at_once_are_five(race: Race) -> None:
    channel = factories.channel()
    race(5, lambda number: factories.said(channel, "jonas", key=f"wamid.{number}"))
    assert Message.objects.count() == 5


def test_eight_racing_first_messages_make_one_conversation_in_order(race: Race) -> None:
    channel = factories.channel()

    race(8, lambda number: factories.said(channel, "jonas", f"Message {number}"))

    conversation = Conversation.objects.get()
    assert conversation.last_seq == conversation.change_seq == 8
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5, 6, 7, 8]
    times = list(Message.objects.order_by("seq").values_list("created_at", flat=True))
    assert times == sorted(set(times))
    assert (Contact.objects.count(), Address.objects.count()) == (1, 1)


def test_racing_customers_get_a_conversation_each(race: Race) -> None:
    channel = factories.channel()
    race(4, lambda number: factories.said(channel, f"customer {number}"))
    assert Conversation.objects.count() == Contact.objects.count() == 4


def test_a_message_races_the_end_of_its_conversation_and_is_never_lost(race: Race) -> None:
    channel = factories.channel(window=timedelta(0))
    first = Conversation.objects.get(id=factories.said(channel).conversation_id)

    race(2, lambda number: factories.said(channel) if number else rest(first))

    assert Message.objects.count() == 2
    assert Conversation.objects.open().count() in {0, 1}
    for conversation in Conversation.objects.all():
        assert conversation.last_seq == conversation.messages.count()


@pytest.mark.django_db
def test_a_duplicate_burns_no_number(channel: Channel) -> None:
    first = factories.said(channel, key="wamid.1")
    again = do_receive(channel, factories.inbound(key="wamid.1"))
    second = factories.said(channel, key="wamid.2")
    assert again.duplicate
    assert (first.seq, again.message.seq, second.seq) == (1, 1, 2)
    assert again.message.id == first.id


@pytest.mark.django_db
def test_the_same_key_on_another_channel_is_another_message(channel: Channel) -> None:
    factories.said(channel, key="wamid.1")
    factories.said(factories.channel(), key="wamid.1")
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_a_known_customer_costs_one_statement_and_the_event(channel: Channel) -> None:
    factories.said(channel)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        factories.said(channel)
    statements = [query["sql"].strip() for query in queries if "SAVEPOINT" not in query["sql"]]
    said, *events = [sql for sql in statements if sql not in {"BEGIN", "COMMIT"}]
    assert said.startswith("WITH sender AS")
    assert len(events) <= 1
    assert all(sql.startswith("INSERT INTO reporting_eventrecord") for sql in events)


@pytest.mark.django_db
def test_a_duplicate_costs_the_statement_and_the_look_at_the_first(channel: Channel) -> None:
    factories.said(channel, key="wamid.1")
    with CaptureQueriesContext(connection) as queries:
        factories.said(channel, key="wamid.1")
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 3


@pytest.mark.django_db
def test_messages_of_one_moment_have_rising_times(channel: Channel) -> None:
    with clock.at(NINE):
        times = [factories.said(channel).created_at for _ in range(3)]
    assert times == [NINE + timedelta(milliseconds=n) for n in (1, 2, 3)] or times == [
        NINE + timedelta(milliseconds=n) for n in (0, 1, 2)
    ]


@pytest.mark.django_db
def test_a_new_customer_starts_a_conversation(channel: Channel, heard: list[Event]) -> None:
    message = factories.said(channel, "jonas", name="Jonas Jung")
    started = next(event for event in heard if isinstance(event, ConversationStarted))
    assert started.new_contact
    assert started.conversation_id == message.conversation_id
    assert Contact.objects.get().name == "Jonas Jung"


@pytest.mark.django_db
def test_a_known_customer_starts_none(channel: Channel, heard: list[Event]) -> None:
    factories.said(channel)
    heard.clear()
    factories.said(channel)
    assert not [event for event in heard if isinstance(event, ConversationStarted | ConversationWoken)]


@pytest.mark.django_db
def test_a_message_within_the_window_wakes_the_conversation(channel: Channel, heard: list[Event]) -> None:
    with clock.at(NINE):
        conversation = Conversation.objects.get(id=factories.said(channel).conversation_id)
        rest(conversation)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.ends_at) == ("resting", NINE + timedelta(hours=72))

    with clock.at(NINE + timedelta(hours=48)):
        message = factories.said(channel)

    conversation.refresh_from_db()
    assert message.conversation_id == conversation.id
    assert (conversation.state, conversation.ends_at) == ("active", None)
    assert [type(event) for event in heard if isinstance(event, ConversationRested | ConversationWoken)] == [
        ConversationRested,
        ConversationWoken,
    ]


@pytest.mark.django_db
def test_the_end_of_the_window_ends_the_conversation(channel: Channel, heard: list[Event]) -> None:
    with clock.at(NINE):
        conversation = Conversation.objects.get(id=factories.said(channel).conversation_id)
        rest(conversation)
    after = NINE + timedelta(hours=72)
    assert do_end_rested(after - timedelta(seconds=1)) == 0
    assert do_end_rested(after) == 1
    conversation.refresh_from_db()
    assert (conversation.state, conversation.end_reason) == ("ended", "window")
    assert heard[-1] == ConversationEnded(conversation_id=conversation.id, reason="window")
    assert factories.said(channel).conversation_id != conversation.id


@pytest.mark.django_db
def test_an_active_conversation_is_never_ended_by_its_window(channel: Channel) -> None:
    with clock.at(NINE):
        factories.said(channel)
    assert do_end_rested(NINE + timedelta(days=400)) == 0


@pytest.mark.django_db
def test_without_a_window_a_conversation_ends_when_it_would_rest() -> None:
    channel = factories.channel(window=timedelta(0))
    conversation = Conversation.objects.get(id=factories.said(channel).conversation_id)
    rest(conversation)
    conversation.refresh_from_db()
    assert conversation.state == "ended"
    assert factories.said(channel).conversation_id != conversation.id


@pytest.mark.django_db
def test_a_thread_key_wins_over_the_window(channel: Channel) -> None:
    first = factories.said(channel, thread_key="<a@example.com>")
    other = factories.said(channel, thread_key="<b@example.com>")
    assert first.conversation_id != other.conversation_id
    assert factories.said(channel, thread_key="<a@example.com>").conversation_id == first.conversation_id


@pytest.mark.django_db
def test_a_note_does_not_wake_a_resting_conversation(channel: Channel, ana: User) -> None:
    conversation = Conversation.objects.get(id=factories.said(channel).conversation_id)
    rest(conversation)
    do_note(conversation.id, author=ana, text="Call back on Monday")
    conversation.refresh_from_db()
    assert conversation.state == "resting"


@pytest.mark.django_db
def test_a_reply_wakes_it(channel: Channel, ana: User) -> None:
    conversation = Conversation.objects.get(id=factories.said(channel).conversation_id)
    rest(conversation)
    factories.replied(conversation, ana)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.ends_at) == ("active", None)


@pytest.mark.django_db
def test_if_the_message_fails_its_key_is_free_again(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("channels_app.actions.inbound.applied", broken)
        with pytest.raises(RuntimeError):
            factories.said(channel, key="wamid.1")
    assert not InboundKey.objects.exists()
    assert not Conversation.objects.exists()
    assert factories.said(channel, key="wamid.1").seq == 1
