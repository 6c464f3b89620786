"""Reading what was said: staff see all, guests see what is theirs and public, at a flat cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import User
from channels_app import history
from channels_app.actions.inbound import do_receive
from channels_app.actions.lifecycle import do_end
from channels_app.actions.outbound import do_note, do_system_line
from channels_app.messenger import history as guests_history
from channels_app.messenger.actions.guests import do_clear
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Address, Attachment, Channel, Contact, Conversation, Message
from contactcenter.kernel import clock
from contactcenter.kernel.db import Tx, action
from tests import factories

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
CANARY = "CANARY: this customer is difficult"


@pytest.fixture
def deployment(db: None) -> Deployment:
    return factories.deployment()


@pytest.fixture
def session(deployment: Deployment) -> GuestSession:
    with clock.at(NINE):
        return factories.guest(deployment)


def guest_said(session: GuestSession, deployment: Deployment, text: str, minutes: int = 1) -> Message:
    with clock.at(NINE + timedelta(minutes=minutes)):
        return factories.guest_said(session, deployment, text)


def jonas_on(*channels: Channel) -> Contact:
    """One contact with an address on each channel."""
    contacts = [
        Address.objects.get(channel=channel, external_id="jonas").contact
        for channel in channels
        if factories.said(channel, "jonas", f"Hello by {channel.name}")
    ]
    Address.objects.filter(contact__in=contacts).update(contact=contacts[0])
    return contacts[0]


def pages(contact: Contact, limit: int) -> list[list[str]]:
    found, before = [], None
    for _ in range(100):
        page = history.thread(contact, before=before, limit=limit)
        found.append([message.text for message in page.messages])
        before = page.before
        if before is None:
            return found
    raise AssertionError("the pages have no end")


@action
def system_line(tx: Tx, conversation: Conversation, *, public: bool) -> Message:
    return do_system_line.within(tx, conversation, "joined", {"agent": "Ana"}, public=public)


@pytest.mark.django_db
def test_a_thread_goes_over_all_channels_and_conversations_in_time() -> None:
    one, two = factories.channel(), factories.channel()
    contact = jonas_on(one, two)
    first = Conversation.objects.filter(channel=one).get()
    do_end(first.id, Conversation.EndReason.WINDOW)
    for number in range(6):
        factories.said((one, two)[number % 2], "jonas", f"Message {number}")
    page = history.thread(contact)
    assert [message.text for message in page.messages][2:] == [f"Message {number}" for number in range(6)]
    assert len({message.conversation_id for message in page.messages}) == 3
    assert page.before is None


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_lead_back_to_the_beginning_without_gap_or_double(limit: int) -> None:
    one, two = factories.channel(), factories.channel()
    contact = jonas_on(one, two)
    for number in range(9):
        factories.said((one, two)[number % 3 == 0], "jonas", f"Message {number}")
    everything = [message.text for message in history.thread(contact, limit=100).messages]
    assert len(everything) == 11
    assert [text for page in reversed(pages(contact, limit)) for text in page] == everything


@pytest.mark.django_db
def test_a_thread_shows_nobody_elses_messages(channel: Channel) -> None:
    contact = jonas_on(channel)
    factories.said(channel, "marta", "I am Marta")
    assert "I am Marta" not in [message.text for message in history.thread(contact).messages]


@pytest.mark.django_db
def test_staff_see_the_note(channel: Channel, ana: User) -> None:
    contact = jonas_on(channel)
    do_note(Conversation.objects.get().id, author=ana, text=CANARY)
    assert history.thread(contact).messages[-1].text == CANARY


@pytest.mark.django_db
def test_the_cost_does_not_grow_with_the_thread(channel: Channel, ana: User) -> None:
    contact = jonas_on(channel)
    conversation = Conversation.objects.get()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            for message in history.thread(contact).messages:
                _ = (message.author, message.conversation.created_at, getattr(message, "delivery", None))
                _ = message.names_files and list(message.attachments.all())
        return len(queries)

    factories.replied(conversation, ana)
    small = cost()
    for _ in range(5):
        factories.said(channel)
        factories.replied(conversation, ana)
    assert cost() == small == 3, "messages, authors, conversations"
    for message in Message.objects.all():
        give_file(message)
    assert cost() == small + 1, "and the files of all, if there are any"


def give_file(message: Message) -> None:
    file = Attachment.objects.create(message=message, filename="bill.pdf", created_at=message.created_at)
    content = [{"type": "attachment", "id": str(file.id)}]
    Message.objects.filter(id=message.id).update(content=content)


@pytest.mark.django_db
def test_each_message_has_its_own_files(channel: Channel) -> None:
    contact = jonas_on(channel)
    first, second, plain = (factories.said(channel, text=text) for text in ("one", "two", "three"))
    give_file(first)
    give_file(second)
    found = {message.id: [file.message_id for file in message.attachments.all()] for message in every(contact)}
    assert (found[first.id], found[second.id], found[plain.id]) == ([first.id], [second.id], [])


def every(contact: Contact) -> list[Message]:
    return history.thread(contact).messages


@pytest.mark.django_db
def test_since_gives_what_changed_after_a_head(channel: Channel, ana: User) -> None:
    first = factories.said(channel, text="one")
    head = Conversation.objects.get().change_seq
    assert history.since(first.conversation_id, head) == []
    factories.said(channel, text="two")
    do_note(first.conversation_id, author=ana, text=CANARY)
    assert [message.text for message in history.since(first.conversation_id, head)] == ["two", CANARY]


@pytest.mark.django_db
def test_a_guests_page_is_newest_first_with_the_total(session: GuestSession, deployment: Deployment) -> None:
    for number in range(5):
        guest_said(session, deployment, f"Message {number}", minutes=number + 1)
    messages, total = guests_history.public_page(session, 1, 2)
    assert ([message.text for message in messages], total) == (["Message 4", "Message 3"], 5)
    assert [message.text for message in guests_history.public_page(session, 3, 2)[0]] == ["Message 0"]
    assert guests_history.public_page(session, 4, 2) == ([], 5)
    assert guests_history.public_page(session, 0, 2)[0][0].text == "Message 4"


@pytest.mark.django_db
def test_who_only_looks_has_an_empty_page(session: GuestSession) -> None:
    assert guests_history.public_page(session) == ([], 0)


@pytest.mark.django_db
def test_the_staffs_canary_never_leaves(session: GuestSession, deployment: Deployment, ana: User) -> None:
    conversation_id = guest_said(session, deployment, "Hello").conversation_id
    do_note(conversation_id, author=ana, text=CANARY)
    system_line(Conversation.objects.get(), public=False)
    assert Message.objects.filter(text=CANARY).exists()

    told, total = guests_history.public_page(session)
    assert ([message.text for message in told], total) == (["Hello"], 1)
    assert not Message.objects.public().filter(text__contains="CANARY").exists()
    summary = history.conversations(Contact.objects.get())
    assert [conversation.last_text for conversation in summary] == ["Hello"]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_canary_never_goes_to_a_provider(channel: Channel, ana: User, outbox: list[object]) -> None:
    from channels_app.tasks import send_due

    do_note(factories.said(channel).conversation_id, author=ana, text=CANARY)
    assert send_due() == 0
    assert outbox == []


@pytest.mark.django_db
def test_a_duplicates_answer_is_public_even_beside_a_note(channel: Channel, ana: User) -> None:
    first = factories.said(channel, key="wamid.1")
    do_note(first.conversation_id, author=ana, text=CANARY)
    assert do_receive(channel, factories.inbound(key="wamid.1")).message.text == "Hello"


@pytest.mark.django_db
def test_a_guest_sees_nothing_from_before_the_session(session: GuestSession, deployment: Deployment) -> None:
    guest_said(session, deployment, "Before", minutes=1)
    GuestSession.objects.update(started_at=NINE + timedelta(minutes=2))
    session.refresh_from_db()
    guest_said(session, deployment, "Since", minutes=3)
    assert [message.text for message in guests_history.public_page(session)[0]] == ["Since"]


@pytest.mark.django_db
def test_what_a_guest_cleared_does_not_come_back(session: GuestSession, deployment: Deployment) -> None:
    guest_said(session, deployment, "Forget this", minutes=1)
    with clock.at(NINE + timedelta(minutes=1)):  # the same moment as the message
        do_clear(session)
    guest_said(session, deployment, "Anew", minutes=2)
    assert [message.text for message in guests_history.public_page(session)[0]] == ["Anew"]


@pytest.mark.django_db
def test_another_guest_sees_nothing_of_it(session: GuestSession, deployment: Deployment) -> None:
    guest_said(session, deployment, "Mine")
    with clock.at(NINE):
        other = factories.guest(deployment)
    guest_said(other, deployment, "Theirs")
    assert [message.text for message in guests_history.public_page(other)[0]] == ["Theirs"]


@pytest.mark.django_db
def test_a_guests_page_costs_the_same_at_any_length(session: GuestSession, deployment: Deployment, ana: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            for message in guests_history.public_page(session)[0]:
                _ = (message.author, list(message.attachments.all()))
        return len(queries)

    message = guest_said(session, deployment, "Hello")
    small = cost()
    for _ in range(6):
        factories.replied(message.conversation_id, ana)
    assert cost() == small == 3


@pytest.mark.django_db
def test_other_conversations_are_summed_up_latest_first(channel: Channel) -> None:
    other = factories.channel()
    contact = jonas_on(channel, other)
    current = Conversation.objects.get(channel=channel)
    factories.said(channel, "jonas", "The latest")
    found = history.conversations(contact)
    assert [conversation.channel for conversation in found] == [channel, other]
    assert found[0].last_text == "The latest"  # type: ignore[attr-defined]
    assert [conversation.channel for conversation in history.conversations(contact, exclude=current.id)] == [other]
    with CaptureQueriesContext(connection) as queries:
        _ = [conversation.channel.name for conversation in history.conversations(contact)]
    assert len(queries) == 1
