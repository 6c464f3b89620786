"""The sender: in order, retried by the error's word, never repeated when nobody knows, visible when it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models import User
from channels_app import tasks
from channels_app.actions import sending
from channels_app.actions.files import do_attach, do_request_upload, receive_upload
from channels_app.adapters.errors import SEND_ERRORS, RateLimited
from channels_app.adapters.values import Outgoing
from channels_app.events import DeliveryChanged
from channels_app.models import Channel, Conversation, Delivery, Message
from channels_app.tasks import send_due
from contactcenter.kernel import clock
from contactcenter.kernel.events import Event, Recorded
from tests import cast, factories
from tests.channels_app.conftest import Race
from tests.channels_app.sends import MINUTE, NINE, SECOND, outcome, provider_id, reply, send_at, state


@pytest.fixture
def conversation(channel: Channel) -> Conversation:
    with clock.at(NINE):
        return Conversation.objects.get(id=factories.said(channel).conversation_id)


@pytest.mark.django_db
def test_a_reply_goes_out_with_its_address_and_name(
    conversation: Conversation, ana: User, outbox: list[Outgoing]
) -> None:
    delivery = reply(conversation, ana, "Your parcel is on its way.")
    assert send_at(NINE) == 1
    assert [(sent.to, sent.text, sent.agent_nickname) for sent in outbox] == [
        ("jonas", "Your parcel is on its way.", "Ana")
    ]
    assert state(delivery) == "sent"
    assert (delivery.sent_at, delivery.next_at, delivery.claim) == (NINE, None, None)
    assert provider_id(delivery)


@pytest.mark.django_db
def test_a_message_is_sent_once(conversation: Conversation, ana: User, outbox: list[Outgoing]) -> None:
    reply(conversation, ana, "Once")
    send_at(NINE)
    assert send_at(NINE + MINUTE) == 0
    assert len(outbox) == 1


@pytest.mark.django_db
def test_messages_of_a_conversation_go_out_in_their_order(
    conversation: Conversation, ana: User, outbox: list[Outgoing]
) -> None:
    for text in ("one", "two", "three"):
        reply(conversation, ana, text)
    send_at(NINE)
    assert [sent.text for sent in outbox] == ["one", "two", "three"]


@pytest.mark.django_db
def test_a_message_that_is_to_be_sent_later_holds_back_the_next_ones_of_its_conversation(
    conversation: Conversation, ana: User, outbox: list[Outgoing]
) -> None:
    first = reply(conversation, ana, "one")
    reply(conversation, ana, "two")
    Delivery.objects.filter(id=first.id).update(next_at=NINE + MINUTE)
    send_at(NINE)
    assert outbox == []
    send_at(NINE + MINUTE)
    assert [sent.text for sent in outbox] == ["one", "two"]


@pytest.mark.django_db
def test_a_batch_holds_one_message_of_each_conversation(channel: Channel, ana: User) -> None:
    for who in ("jonas", "marta"):
        conversation = Conversation.objects.get(id=factories.said(channel, who).conversation_id)
        for _ in range(2):
            factories.replied(conversation, ana)
    claims = sending.do_claim()
    assert sorted(claim.message.to for claim in claims) == ["jonas", "marta"]
    assert sending.do_claim() == []


def test_senders_that_race_never_take_the_same_message(race: Race) -> None:
    channel, ana = factories.channel(), cast.ana()
    for number in range(12):
        factories.replied(factories.said(channel, f"customer {number}").conversation_id, ana)
    claimed = [claim.delivery_id for claims in race(4, lambda _: sending.do_claim(5)) for claim in claims]
    assert len(claimed) == len(set(claimed)) >= 5


@pytest.mark.django_db
def test_the_change_is_an_event_and_raises_the_head(conversation: Conversation, ana: User, heard: list[Event]) -> None:
    delivery = reply(conversation, ana, "Hello")
    send_at(NINE)
    changed = heard[-1]
    conversation.refresh_from_db()
    assert isinstance(changed, DeliveryChanged)
    assert (changed.state, changed.message_ids) == ("sent", (delivery.message_id,))
    assert changed.change_seq == conversation.change_seq
    assert Message.objects.get(id=delivery.message_id).changed_seq == conversation.change_seq


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["unavailable", "rate_limited"])
def test_what_may_work_later_is_tried_again_later(
    conversation: Conversation, ana: User, code: str, outbox: list[Outgoing]
) -> None:
    delivery = reply(conversation, ana, f"#fail:{code}:2")
    send_at(NINE)
    assert state(delivery) == "queued"
    assert (delivery.attempts, delivery.error_code) == (1, code)
    assert delivery.next_at
    assert NINE + SECOND <= delivery.next_at <= NINE + 2 * SECOND
    assert send_at(delivery.next_at - SECOND / 2) == 0
    send_at(NINE + 2 * SECOND)
    send_at(NINE + 10 * SECOND)
    assert state(delivery) == "sent"
    assert (delivery.attempts, delivery.error_code, len(outbox)) == (3, "", 1)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["not_accepted", "unreachable", "window_closed", "not_authorised", "outcome_unknown"])
def test_what_cannot_work_fails_at_once_with_words_for_the_agent(
    conversation: Conversation, ana: User, code: str
) -> None:
    delivery = reply(conversation, ana, f"#fail:{code}")
    send_at(NINE)
    assert state(delivery) == "failed"
    assert (delivery.error_code, delivery.error) == (code, SEND_ERRORS[code].agent_text)
    assert (delivery.failed_at, delivery.next_at) == (NINE, None)
    assert send_at(NINE + 60 * MINUTE) == 0


@pytest.mark.django_db
def test_a_providers_wish_to_wait_is_kept(conversation: Conversation, ana: User) -> None:
    delivery = reply(conversation, ana, "Hello")
    with clock.at(NINE):
        sending.do_record(sending.do_claim()[0], outcome(RateLimited(retry_after=90)))
    delivery.refresh_from_db()
    assert delivery.next_at == NINE + timedelta(seconds=90)


@pytest.mark.django_db
def test_after_an_hour_of_tries_it_fails(conversation: Conversation, ana: User) -> None:
    delivery = reply(conversation, ana, "#fail:unavailable")
    for minutes in range(0, 66, 6):
        send_at(NINE + minutes * MINUTE)
    assert (state(delivery), delivery.error_code) == ("failed", "unavailable")


@pytest.mark.django_db
def test_a_retried_message_holds_up_the_next_for_two_minutes(
    conversation: Conversation, ana: User, outbox: list[Outgoing]
) -> None:
    first = reply(conversation, ana, "#fail:unavailable")
    second = reply(conversation, ana, "two")
    send_at(NINE)
    send_at(NINE + 2 * MINUTE - SECOND)
    assert (state(first), state(second)) == ("queued", "queued")
    send_at(NINE + 2 * MINUTE)
    assert (state(first), state(second)) == ("failed", "sent")
    assert first.error_code == "unavailable"
    assert [sent.text for sent in outbox] == ["two"]


@pytest.mark.django_db
def test_alone_it_is_retried_longer_and_the_next_waits_its_own_two_minutes(
    conversation: Conversation, ana: User
) -> None:
    first = reply(conversation, ana, "#fail:unavailable")
    send_at(NINE)
    send_at(NINE + 5 * MINUTE)
    assert state(first) == "queued"
    second = reply(conversation, ana, "two", at=NINE + 5 * MINUTE)
    send_at(NINE + 6 * MINUTE)
    assert (state(first), state(second)) == ("queued", "queued")
    send_at(NINE + 7 * MINUTE)
    assert (state(first), state(second)) == ("failed", "sent")


@pytest.mark.django_db
def test_other_conversations_are_not_held_up(channel: Channel, conversation: Conversation, ana: User) -> None:
    reply(conversation, ana, "#fail:unavailable")
    marta = Conversation.objects.get(id=factories.said(channel, "marta").conversation_id)
    other = reply(marta, ana, "Hello Marta")
    send_at(NINE)
    assert state(other) == "sent"


@pytest.mark.django_db
def test_a_backlog_is_not_mistaken_for_retries(conversation: Conversation, ana: User, outbox: list[Outgoing]) -> None:
    for text in ("one", "two"):
        reply(conversation, ana, text)
    send_at(NINE + 60 * MINUTE)
    assert [sent.text for sent in outbox] == ["one", "two"]


@pytest.mark.django_db
def test_a_file_goes_out_by_an_absolute_signed_link(
    conversation: Conversation, ana: User, outbox: list[Outgoing]
) -> None:
    from channels_app.actions.files import content_for
    from channels_app.actions.outbound import do_reply

    file = receive_upload(do_request_upload("terms.txt", user=ana), [b"Our terms"])
    foreign = content_for(file) | {"id": "of somebody else"}
    message = do_reply(conversation.id, author=ana, content=[content_for(file), foreign])
    do_attach(message, [file.id], user=ana)
    send_due()
    mine, other = outbox[0].content
    assert mine["url"].startswith("http://127.0.0.1:8000/files/")
    assert "url" not in other


@pytest.mark.django_db
def test_the_sender_is_nudged_by_what_it_has_to_send_only(
    conversation: Conversation, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudges: list[int] = []
    recorded: list[Recorded] = []
    monkeypatch.setattr(tasks, "_send_soon", lambda: nudges.append(1))
    monkeypatch.setattr("contactcenter.kernel.events._after_commit", [recorded.extend])

    factories.said(conversation.channel)
    tasks.nudge_sender(recorded)
    assert nudges == []
    factories.replied(conversation, ana)
    tasks.nudge_sender(recorded)
    assert nudges == [1]


@given(attempts=st.integers(1, 1000), spread=st.floats(0, 1))
def test_the_back_off_grows_to_five_minutes_and_is_never_nothing(attempts: int, spread: float) -> None:
    assert 1 <= sending.back_off(attempts, spread) <= sending.MAX_BACK_OFF
    assert sending.back_off(attempts, spread) <= sending.back_off(attempts + 1, spread)
    assert sending.back_off(attempts, 1) * 2 == sending.back_off(attempts, 0)
