"""A guest's words in an active conversation, by one statement that commits by itself: the same as by the action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.actions import inbound as inbounds
from channels_app.actions.blocks import Blocked
from channels_app.actions.inbound import ProviderSender, Received
from channels_app.actions.lifecycle import do_end, do_rest
from channels_app.actions.outbound import locked
from channels_app.adapters.values import InboundMessage, Sender
from channels_app.events import Added, ConversationRested, MessageAdded
from channels_app.messenger.actions.guests import GuestWriter, do_guest_message, guest_message
from channels_app.messenger.actions.sessions import SessionExpired
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Channel, Conversation, InboundKey, Message
from contactcenter.kernel import clock, events
from contactcenter.kernel.db import Tx, action
from reporting.models import EventRecord
from tests import factories
from tests.channels_app.conftest import Race

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NINE + timedelta(minutes=5)
#: what differs between any two messages
OWN = {"id", "conversation_id", "message_id", "address_id"}


@action
def rest(tx: Tx, conversation: Conversation) -> None:
    do_rest.within(tx, locked(conversation.id))


def begun(of: Deployment) -> GuestSession:
    session = factories.guest(of)
    factories.guest_said(session, of)
    return session


def words(session: GuestSession, text: str = "Hello", *, key: str = "2", **more: Any) -> InboundMessage:
    return InboundMessage(f"{session.id}:{key}", Sender(str(session.id), kind="guest"), text, **more)


def receive_at_once(session: GuestSession, of: Deployment, message: InboundMessage) -> Received | None:
    return inbounds.receive_at_once(of.channel, message, GuestWriter(session, of, message.sender))


def said(row: Any, without: set[str] = OWN) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name not in without and not name.startswith("_")}


def logged(message: Message) -> dict[str, Any]:
    row = EventRecord.objects.get(name="message.added", data__message_id=str(message.id))
    assert row.conversation_id == message.conversation_id
    data = {name: value for name, value in row.data.items() if name not in OWN}
    return {"at": row.occurred_at, "agent": row.agent_id, "queue": row.queue_id, "data": data}


def counts() -> tuple[int, int, int]:
    return Message.objects.count(), InboundKey.objects.count(), EventRecord.objects.count()


def test_it_leaves_what_the_action_leaves(db: None) -> None:
    of = factories.deployment()
    with clock.at(NINE):
        one, other = begun(of), begun(of)
    more = {"attributes": {"order": "4711"}, "metadata": {"a": "b"}}
    with clock.at(LATER):
        quick = guest_message(one, of, words(one, "Where is my parcel?", **more))
        slow = do_guest_message(other, of, words(other, "Where is my parcel?", **more))
    assert not quick.duplicate
    assert said(quick.message) == said(slow.message)
    rows = [Message.objects.get(id=received.message.id) for received in (quick, slow)]
    assert said(rows[0]) == said(rows[1])
    assert logged(rows[0]) == logged(rows[1])
    assert said(rows[0].conversation) == said(rows[1].conversation)
    assert said(one, {*OWN, "token_hash"}) == said(other, {*OWN, "token_hash"})
    sessions = [said(GuestSession.objects.get(id=session.id), {*OWN, "token_hash"}) for session in (one, other)]
    assert sessions[0] == sessions[1]
    assert sessions[0]["expires_at"] == LATER + of.session_duration
    assert InboundKey.objects.filter(key=f"{one.id}:2", message_id=quick.message.id).exists()


def test_the_message_in_hand_is_the_stored_one(db: None) -> None:
    of = factories.deployment()
    session = begun(of)
    received = receive_at_once(session, of, words(session))
    assert received is not None
    assert said(received.message) == said(Message.objects.get(id=received.message.id))


def test_it_is_one_statement(db: None) -> None:
    of = factories.deployment()
    session = begun(of)
    with CaptureQueriesContext(connection) as queries:
        assert receive_at_once(session, of, words(session))
    assert len(queries) == 1


def test_the_sinks_after_the_commit_hear_of_it_as_it_stands_in_the_log(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[events.Recorded] = []
    of = factories.deployment()
    session = begun(of)
    monkeypatch.setattr(events, "_after_commit", [heard.extend])
    received = receive_at_once(session, of, words(session))
    assert received is not None
    assert [(one.event.name, one.about) for one in heard] == [
        ("message.added", Added(received.message, received.address_id))
    ]
    kept = EventRecord.objects.get(id=heard[0].id)
    assert (kept.data, kept.occurred_at) == (heard[0].event.data(), heard[0].at)
    assert kept.conversation_id == heard[0].event.conversation_id


def test_a_second_copy_changes_nothing_and_is_answered_by_the_action(db: None) -> None:
    of = factories.deployment()
    with clock.at(NINE):
        session = begun(of)
        first = receive_at_once(session, of, words(session))
    assert first is not None
    before = counts()
    with clock.at(LATER):
        assert receive_at_once(session, of, words(session)) is None
        assert guest_message(session, of, words(session)) == Received(first.message, first.address_id, duplicate=True)
    assert counts() == before
    conversation = Conversation.objects.get()
    assert (conversation.last_seq, conversation.change_seq) == (2, 2)
    assert GuestSession.objects.get().expires_at == NINE + of.session_duration


def _rests(session: GuestSession) -> None:
    rest(Conversation.objects.get())


def _ended(session: GuestSession) -> None:
    do_end(Conversation.objects.get().id, Conversation.EndReason.CLEARED)


@pytest.mark.parametrize("happened", [_rests, _ended])
def test_what_isnt_an_active_conversation_is_left_to_the_action(
    db: None, happened: Callable[[GuestSession], None]
) -> None:
    of = factories.deployment()
    session = begun(of)
    happened(session)
    before = counts()
    assert receive_at_once(session, of, words(session)) is None
    assert counts() == before
    assert not guest_message(session, of, words(session)).duplicate


@pytest.mark.parametrize(("state", "error"), [({"blocked": True}, Blocked), ({"expires_at": LATER}, SessionExpired)])
def test_who_may_not_write_stores_nothing(db: None, state: dict[str, Any], error: type[Exception]) -> None:
    of = factories.deployment()
    with clock.at(NINE):
        session = begun(of)
    GuestSession.objects.update(**state)
    before = counts()
    assert receive_at_once(session, of, words(session)) is None
    with pytest.raises(error):
        guest_message(session, of, words(session))
    assert counts() == before


def test_an_answer_with_content_is_stored_whole(db: None) -> None:
    of = factories.deployment()
    session = begun(of)
    answer = {"type": "button_response", "kind": "quick_reply", "text": "Yes", "payload": "yes"}
    received = receive_at_once(session, of, words(session, "", content=[answer]))
    assert received is not None
    assert Message.objects.get(id=received.message.id).content == [answer]


def test_a_sink_that_cant_be_said_in_sql_needs_the_transaction(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    of = factories.deployment()
    session = begun(of)
    monkeypatch.setattr(events, "_in_transaction", [*events._in_transaction, lambda recorded: None])
    assert receive_at_once(session, of, words(session)) is None
    assert not guest_message(session, of, words(session)).duplicate


@pytest.mark.parametrize(("kind", "switched_off"), [(MessageAdded, True), (ConversationRested, False)])
def test_a_reaction_to_messages_needs_the_transaction_and_one_to_anything_else_doesnt(
    db: None, monkeypatch: pytest.MonkeyPatch, kind: type[events.Event], switched_off: bool
) -> None:
    of = factories.deployment()
    session = begun(of)
    monkeypatch.setattr(events, "_reactions", [*events._reactions, (lambda recorded: None, (kind,))])
    assert (receive_at_once(session, of, words(session)) is None) == switched_off


def test_a_providers_customer_in_an_active_conversation_takes_one_statement_too(db: None, channel: Channel) -> None:
    first = factories.said(channel, key="a")
    writer = ProviderSender(channel, factories.inbound().sender)
    with CaptureQueriesContext(connection) as queries:
        received = inbounds.receive_at_once(channel, factories.inbound(key="b"), writer)
    assert received is not None
    assert (len(queries), received.message.conversation_id, received.message.seq) == (1, first.conversation_id, 2)
    stranger = factories.inbound("nobody", key="c")
    assert inbounds.receive_at_once(channel, stranger, ProviderSender(channel, stranger.sender)) is None
    assert Message.objects.count() == 2


def test_copies_at_once_are_one_message(race: Race) -> None:
    of = factories.deployment()
    session = begun(of)
    received = race(5, lambda _: guest_message(session, of, words(session)))
    assert sorted(one.duplicate for one in received) == [False, True, True, True, True]
    assert {one.message.id for one in received} == {Message.objects.get(seq=2).id}
    assert Message.objects.count() == 2


def test_eight_at_once_by_both_ways_stand_in_order(race: Race) -> None:
    of = factories.deployment()
    session = begun(of)

    def say(number: int) -> Received | None:
        inbound = words(session, f"Message {number}", key=f"m{number}")
        return (receive_at_once if number % 2 else do_guest_message)(session, of, inbound)

    assert all(race(8, say))
    rows = list(Message.objects.order_by("seq").values_list("seq", "created_at"))
    assert [seq for seq, _ in rows] == list(range(1, 10))
    assert [at for _, at in rows] == sorted({at for _, at in rows})
    assert Conversation.objects.get().change_seq == 9
    kept = EventRecord.objects.filter(name="message.added").values_list("data", flat=True)
    assert sorted(data["seq"] for data in kept) == list(range(1, 10))
