"""A guest session and its messages as actions: what a message costs, and what happens at the same moment."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_app.actions.blocks import Blocked, do_block
from channels_app.adapters.values import InboundMessage, Sender
from channels_app.messenger.actions.guests import do_auto_start, do_clear, do_disconnect, do_guest_message
from channels_app.messenger.actions.identity import Identity, do_authenticate, do_sign_in
from channels_app.messenger.actions.push_devices import session_of_token
from channels_app.messenger.actions.sessions import ReadOnly, SessionExpired, do_configure, token_hash
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.messenger.socket.session import history_token
from channels_app.models import Address, Contact, Conversation, Message
from contactcenter.kernel import clock
from tests import factories
from tests.cast import ana
from tests.channels_app.conftest import Race


def said(session: GuestSession, of: Deployment, text: str = "Hello", key: str = "") -> Message:
    inbound = InboundMessage(key or uuid.uuid4().hex, Sender(str(session.id), kind="guest"), text=text)
    return do_guest_message(session, of, inbound).message


@pytest.mark.django_db
def test_a_guests_message_costs_one_statement_and_the_event() -> None:
    of = factories.deployment()
    session = factories.guest(of)
    said(session, of)
    with CaptureQueriesContext(connection) as queries:
        said(session, of)
    statements = [query["sql"].strip() for query in queries if "SAVEPOINT" not in query["sql"]]
    first, *events = [sql for sql in statements if sql not in {"BEGIN", "COMMIT"}]
    assert first.startswith("WITH sender AS")
    assert [sql.startswith("INSERT INTO reporting_eventrecord") for sql in events] in ([], [True])


@pytest.mark.django_db
def test_one_token_at_two_deployments_is_two_sessions_that_dont_answer_for_each_other(client: Client) -> None:
    token, shop, bank = str(uuid.uuid4()), factories.deployment(), factories.deployment()
    sessions = {of.id: factories.guest(of, token) for of in (shop, bank)}
    assert sessions[shop.id].id != sessions[bank.id].id
    said(sessions[shop.id], shop, "To the shop")
    said(sessions[bank.id], bank, "To the bank")
    for of, text in ((shop, "To the shop"), (bank, "To the bank")):
        jwt, _ = history_token(sessions[of.id], clock.now())
        answer = client.get("/api/v2/webmessaging/messages", headers={"Authorization": f"Bearer {jwt}"})
        assert [message["text"] for message in answer.json()["entities"]] == [text]
        assert session_of_token(of.id, token_hash(of.id, token), clock.now()) == sessions[of.id], "whose phone it is"
    assert session_of_token(bank.id, token_hash(shop.id, token), clock.now()) is None
    do_clear(sessions[shop.id])
    assert sorted(Conversation.objects.values_list("state", flat=True)) == ["active", "ended"]


def test_first_messages_of_one_moment_make_one_customer_and_one_conversation(race: Race) -> None:
    of = factories.deployment()
    sessions = [do_configure(of, "tok").session for _ in range(6)]
    messages = race(6, lambda number: said(sessions[number], of, f"n {number}"))
    assert (Address.objects.count(), Contact.objects.count(), Conversation.objects.count()) == (1, 1, 1)
    assert sorted(message.seq for message in messages) == [1, 2, 3, 4, 5, 6]
    assert len({message.created_at for message in Message.objects.all()}) == 6


def test_a_message_sent_twice_at_one_moment_is_one(race: Race) -> None:
    of = factories.deployment()
    sessions = [do_configure(of, "tok").session for _ in range(6)]
    messages = race(6, lambda number: said(sessions[number], of, "once", key="own"))
    assert len({message.id for message in messages}) == 1
    assert Message.objects.count() == 1


def test_messages_while_the_customer_signs_in_all_land_in_the_one_conversation(race: Race) -> None:
    of = factories.deployment()
    sessions = [do_configure(of, "tok").session for _ in range(6)]
    said(sessions[0], of, "before")
    made, _ = do_sign_in(of, Identity("customer", "4711", name="Jonas"))

    def step(number: int) -> None:
        if number == 0:
            do_authenticate(of, "tok", made.id)
        else:
            said(sessions[number], of, f"n {number}")

    race(6, step)
    assert [address.kind for address in Address.objects.all()] == ["customer"]
    conversation = Conversation.objects.get()
    assert conversation.messages.public().count() == 6
    assert Contact.objects.get().name == "Jonas"


def test_one_customer_who_signs_in_twice_at_one_moment_is_one(race: Race) -> None:
    of = factories.deployment()
    race(4, lambda _: do_sign_in(of, Identity("customer", "4711", name="Jonas")))
    assert (Address.objects.count(), Contact.objects.count()) == (1, 1)


def test_nothing_is_stored_once_the_block_is(race: Race) -> None:
    of = factories.deployment()
    session = factories.guest(of, "tok")
    first = said(session, of)
    agent = ana()
    others = [do_configure(of, "tok").session for _ in range(5)]

    def step(number: int) -> bool:
        if number == 0:
            do_block(first.conversation_id, agent=agent)
            return True
        try:
            said(others[number - 1], of)
        except Blocked:
            return False
        return True

    stored = race(6, step)
    assert Message.objects.count() == sum(stored)
    with pytest.raises(Blocked):
        said(session, of)


@pytest.mark.django_db
def test_a_session_that_expired_begins_anew_only_when_asked_and_then_as_a_stranger() -> None:
    of = factories.deployment()
    session = factories.guest(of, "tok")
    said(session, of)
    with clock.at(clock.now() + timedelta(hours=73)):
        with pytest.raises(SessionExpired):
            do_configure(of, "tok")
        with pytest.raises(SessionExpired):
            said(session, of)
        again = do_configure(of, "tok", start_new=True)
        assert (again.new, again.session.address_id, again.conversation) == (True, None, None)
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_start_new_changes_nothing_about_a_conversation_that_goes_on() -> None:
    of = factories.deployment()
    said(factories.guest(of, "tok"), of)
    again = do_configure(of, "tok", start_new=True)
    assert (again.new, again.read_only) == (False, False)
    assert again.conversation is not None
    assert again.conversation.state == "active"


@pytest.mark.django_db
def test_a_customer_disconnects_what_is_active_and_nothing_else() -> None:
    of = factories.deployment()
    session = factories.guest(of)
    assert do_disconnect(session) is False
    said(session, of)
    assert do_disconnect(session) is True
    assert Conversation.objects.get().state == "resting"
    assert do_disconnect(session) is False


@pytest.mark.django_db
def test_a_conversation_starts_once_by_a_join_and_clearing_lets_it_start_again() -> None:
    of = factories.deployment()
    session = factories.guest(of)
    assert do_auto_start(session, of, {"page": "home"}) is not None
    assert do_auto_start(session, of, {}) is None
    message = Message.objects.get()
    assert (message.kind, message.direction, message.text) == ("event", "inbound", "")
    do_clear(session)
    assert do_auto_start(session, of, {}) is not None
    assert Conversation.objects.count() == 2


@pytest.mark.django_db
def test_read_only_is_the_sessions_and_ends_with_the_conversations_rest() -> None:
    of = factories.deployment()
    session = factories.guest(of)
    said(session, of)
    GuestSession.objects.update(read_only=True)
    said(session, of, "the conversation is active: an agent woke it")
    Conversation.objects.update(state="resting", ends_at=clock.now() + timedelta(hours=1))
    with pytest.raises(ReadOnly):
        said(session, of)
