"""When sending breaks: died senders, unknown outcomes, broken channels, and the retry button."""

from __future__ import annotations

import pytest

from agents.models import User
from channels_app.actions import sending
from channels_app.adapters.errors import NotAuthorised, OutcomeUnknown, Unavailable
from channels_app.adapters.fake import adapter as fake
from channels_app.adapters.values import Outgoing, Sent
from channels_app.models import Channel, Conversation
from contactcenter.kernel import clock
from tests import factories
from tests.channels_app.sends import MINUTE, NINE, SECOND, outcome, provider_id, reply, send_at, state


@pytest.fixture
def conversation(channel: Channel) -> Conversation:
    with clock.at(NINE):
        return Conversation.objects.get(id=factories.said(channel).conversation_id)


@pytest.mark.django_db
def test_a_fault_of_the_adapter_counts_as_unknown(
    conversation: Conversation, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> Sent:
        raise KeyError("id")

    monkeypatch.setattr(fake.Provider, "send", broken)
    delivery = reply(conversation, ana, "Hello")
    send_at(NINE)
    assert (state(delivery), delivery.error_code) == ("failed", "outcome_unknown")


@pytest.mark.django_db
def test_a_sender_that_died_leaves_an_unknown_outcome_not_a_second_send(
    conversation: Conversation, ana: User, outbox: list[Outgoing]
) -> None:
    delivery = reply(conversation, ana, "Hello")
    with clock.at(NINE):
        assert sending.do_claim()  # … and the process dies here
    send_at(NINE + sending.LEASE - SECOND)
    assert state(delivery) == "queued"
    send_at(NINE + sending.LEASE)
    assert (state(delivery), delivery.error_code, delivery.error) == (
        "failed",
        "outcome_unknown",
        OutcomeUnknown.agent_text,
    )
    assert outbox == []


@pytest.mark.django_db
def test_a_message_whose_sender_died_is_nobody_elses_to_claim(conversation: Conversation, ana: User) -> None:
    reply(conversation, ana, "Hello")
    with clock.at(NINE):
        assert len(sending.do_claim()) == 1
    with clock.at(NINE + sending.LEASE):
        assert sending.do_claim() == []


@pytest.mark.django_db
def test_a_late_answer_still_counts(conversation: Conversation, ana: User) -> None:
    delivery = reply(conversation, ana, "Hello")
    with clock.at(NINE):
        claim = sending.do_claim()[0]
    send_at(NINE + sending.LEASE)
    with clock.at(NINE + 3 * MINUTE):
        assert sending.do_record(claim, outcome(Sent("p-1")))
    assert (state(delivery), provider_id(delivery), delivery.error_code) == ("sent", "p-1", "")


@pytest.mark.django_db
def test_an_answer_after_somebody_sent_it_again_does_not_count(conversation: Conversation, ana: User) -> None:
    delivery = reply(conversation, ana, "Hello")
    with clock.at(NINE):
        claim = sending.do_claim()[0]
    send_at(NINE + sending.LEASE)
    sending.do_retry(delivery.id)
    assert not sending.do_record(claim, outcome(Unavailable()))
    assert state(delivery) == "queued"


@pytest.mark.django_db
def test_with_idempotency_keys_the_send_is_simply_repeated(
    ana: User, conversation: Conversation, outbox: list[Outgoing]
) -> None:
    Channel.objects.update(settings={"idempotent": True})
    delivery = reply(conversation, ana, "Hello")
    with clock.at(NINE):
        lost = sending.do_claim()[0]
        sending.send(lost)  # … and the process dies here
    send_at(NINE + sending.LEASE)
    assert (state(delivery), delivery.attempts) == ("sent", 2)
    assert len({sent.idempotency_key for sent in outbox}) == 1
    assert provider_id(delivery) == sending.send(lost).sent[0].provider_id


@pytest.mark.django_db
def test_the_retry_button_sends_a_failed_message_again(
    conversation: Conversation, ana: User, outbox: list[Outgoing]
) -> None:
    delivery = reply(conversation, ana, "#fail:not_accepted:1")
    send_at(NINE)
    with clock.at(NINE + MINUTE):
        sending.do_retry(delivery.id)
    assert (state(delivery), delivery.error_code, delivery.error) == ("queued", "", "")
    send_at(NINE + MINUTE)
    assert (state(delivery), len(outbox)) == ("sent", 1)


@pytest.mark.django_db
@pytest.mark.parametrize("sends", [0, 1])
def test_what_did_not_fail_is_not_sent_again(conversation: Conversation, ana: User, sends: int) -> None:
    delivery = reply(conversation, ana, "Hello")
    for _ in range(sends):
        send_at(NINE)
    with pytest.raises(sending.NotFailed):
        sending.do_retry(delivery.id)


@pytest.mark.django_db
def test_refused_credentials_show_on_the_channel_until_it_works_again(conversation: Conversation, ana: User) -> None:
    channel = conversation.channel
    reply(conversation, ana, "#fail:not_authorised")
    send_at(NINE)
    channel.refresh_from_db()
    assert (channel.health, channel.health_at) == (Channel.Health.FAILING, NINE)
    assert channel.health_note
    reply(conversation, ana, "Hello")
    send_at(NINE + MINUTE)
    channel.refresh_from_db()
    assert (channel.health, channel.health_note) == (Channel.Health.OK, "")


@pytest.mark.django_db
def test_a_refused_message_says_nothing_about_the_channel(conversation: Conversation, ana: User) -> None:
    reply(conversation, ana, "#fail:not_accepted")
    send_at(NINE)
    assert Channel.objects.get().health == Channel.Health.UNKNOWN
    assert NotAuthorised.fault == "configuration"


@pytest.mark.django_db
def test_a_channel_that_is_switched_off_sends_nothing_and_says_so(
    conversation: Conversation, ana: User, outbox: list[Outgoing]
) -> None:
    delivery = reply(conversation, ana, "Hello")
    Channel.objects.update(active=False)
    send_at(NINE)
    assert (state(delivery), delivery.error_code, outbox) == ("failed", "channel_off", [])


@pytest.mark.django_db
def test_an_id_that_the_provider_gives_twice_is_kept_once(conversation: Conversation, ana: User) -> None:
    first, second = reply(conversation, ana, "one"), reply(conversation, ana, "two")
    for _ in range(2):
        sending.do_record(sending.do_claim()[0], outcome(Sent("the same")))
    assert (state(first), state(second)) == ("sent", "sent")
    assert [one.parts.get().provider_id for one in (first, second)] == ["the same", None]
