"""Receipts of providers: states only rise, watermarks expand, early ones wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.models import User
from channels_app.actions import sending
from channels_app.actions.receipts import do_provider_receipt
from channels_app.adapters.errors import NotAccepted
from channels_app.adapters.values import InboundReceipt, ReceiptState, Sent
from channels_app.events import DeliveryChanged
from channels_app.models import Channel, Conversation, Delivery, Message, PendingReceipt
from channels_app.tasks import send_due
from contactcenter.kernel import clock
from contactcenter.kernel.events import Event
from tests import cast, factories
from tests.channels_app.conftest import Race
from tests.channels_app.sends import outcome, provider_id

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
SENT, DELIVERED, READ, FAILED = ReceiptState


@pytest.fixture
def conversation(channel: Channel) -> Conversation:
    return Conversation.objects.get(id=factories.said(channel).conversation_id)


def sent(conversation: Conversation, ana: User, text: str = "Hello") -> Delivery:
    """A reply that the provider took."""
    message = factories.replied(conversation, ana, text)
    send_due()
    return Delivery.objects.get(message=message)


def receipt(delivery: Delivery, state: ReceiptState, **fields: object) -> int:
    failed = {"code": NotAccepted.code, "error": NotAccepted.agent_text} if state is FAILED else {}
    value = InboundReceipt(provider_id(delivery), state, **{**failed, **fields})  # type: ignore[arg-type]
    return do_provider_receipt(delivery.channel, value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("states", "final"),
    [
        ([DELIVERED], "delivered"),
        ([DELIVERED, READ], "read"),
        ([READ, DELIVERED], "read"),
        ([READ, SENT], "read"),
        ([DELIVERED, SENT], "delivered"),
        ([FAILED], "failed"),
        ([FAILED, READ], "read"),
        ([FAILED, DELIVERED], "delivered"),
        ([FAILED, SENT], "failed"),
        ([READ, FAILED], "read"),
        ([DELIVERED, FAILED], "delivered"),
    ],
)
def test_a_state_only_rises(conversation: Conversation, ana: User, states: list[ReceiptState], final: str) -> None:
    delivery = sent(conversation, ana)
    for state in states:
        receipt(delivery, state)
    delivery.refresh_from_db()
    assert delivery.state == final


@pytest.mark.django_db
def test_read_after_failed_clears_the_error(conversation: Conversation, ana: User) -> None:
    delivery = sent(conversation, ana)
    receipt(delivery, FAILED)
    delivery.refresh_from_db()
    assert (delivery.error_code, delivery.error) == ("not_accepted", NotAccepted.agent_text)
    receipt(delivery, READ)
    delivery.refresh_from_db()
    assert (delivery.error_code, delivery.error) == ("", "")


@pytest.mark.django_db
def test_times_are_the_providers_and_the_first_stays(conversation: Conversation, ana: User) -> None:
    delivery = sent(conversation, ana)
    receipt(delivery, READ, at=NINE)
    receipt(delivery, READ, at=NINE + timedelta(hours=1))
    delivery.refresh_from_db()
    assert (delivery.delivered_at, delivery.read_at) == (NINE, NINE)


@pytest.mark.django_db
def test_a_watermark_reads_all_before_it(conversation: Conversation, ana: User, heard: list[Event]) -> None:
    rows = [sent(conversation, ana, text) for text in ("one", "two", "three")]
    heard.clear()
    assert receipt(rows[1], READ, watermark=True) == 2
    assert list(Delivery.objects.order_by("id").values_list("state", flat=True)) == ["read", "read", "sent"]
    changed = [event for event in heard if isinstance(event, DeliveryChanged)]
    assert [set(event.message_ids) for event in changed] == [{rows[0].message_id, rows[1].message_id}]


@pytest.mark.django_db
def test_without_a_watermark_only_the_one_message_is_read(conversation: Conversation, ana: User) -> None:
    rows = [sent(conversation, ana, text) for text in ("one", "two")]
    assert receipt(rows[1], READ) == 1
    assert list(Delivery.objects.order_by("id").values_list("state", flat=True)) == ["sent", "read"]


@pytest.mark.django_db
def test_a_watermark_does_not_revive_what_failed_before_it(conversation: Conversation, ana: User) -> None:
    refused = sent(conversation, ana, "#fail:not_accepted")
    receipt(sent(conversation, ana, "two"), READ, watermark=True)
    refused.refresh_from_db()
    assert refused.state == "failed"


@pytest.mark.django_db
def test_a_change_raises_the_head_and_is_stamped_on_the_message(conversation: Conversation, ana: User) -> None:
    delivery = sent(conversation, ana)
    conversation.refresh_from_db()
    before = conversation.change_seq
    receipt(delivery, DELIVERED)
    conversation.refresh_from_db()
    assert conversation.change_seq == before + 1
    assert Message.objects.get(id=delivery.message_id).changed_seq == before + 1


@pytest.mark.django_db
def test_a_receipt_that_changes_nothing_leaves_the_head(conversation: Conversation, ana: User) -> None:
    delivery = sent(conversation, ana)
    receipt(delivery, READ)
    conversation.refresh_from_db()
    before = conversation.change_seq
    assert receipt(delivery, READ) == 0
    conversation.refresh_from_db()
    assert conversation.change_seq == before


@pytest.mark.django_db
def test_a_receipt_before_the_sends_answer_waits_for_it(conversation: Conversation, ana: User) -> None:
    message = factories.replied(conversation, ana)
    claim = sending.do_claim()[0]
    do_provider_receipt(conversation.channel, InboundReceipt("p-1", READ, at=NINE))
    assert PendingReceipt.objects.count() == 1

    with clock.at(NINE):
        sending.do_record(claim, outcome(Sent("p-1")))

    delivery = Delivery.objects.get(message=message)
    assert (delivery.state, delivery.read_at, delivery.sent_at) == ("read", NINE, NINE)
    assert not PendingReceipt.objects.exists()


@pytest.mark.django_db
def test_a_waiting_watermark_expands_when_its_send_is_recorded(conversation: Conversation, ana: User) -> None:
    first = sent(conversation, ana, "one")
    factories.replied(conversation, ana, "two")
    claim = sending.do_claim()[0]
    do_provider_receipt(conversation.channel, InboundReceipt("p-2", READ, watermark=True))
    sending.do_record(claim, outcome(Sent("p-2")))
    first.refresh_from_db()
    assert first.state == "read"


@pytest.mark.django_db
def test_an_id_of_another_channel_is_unknown(conversation: Conversation, ana: User) -> None:
    delivery = sent(conversation, ana)
    other = factories.channel()
    assert do_provider_receipt(other, InboundReceipt(provider_id(delivery), READ)) == 0
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_a_receipt_that_races_the_record_of_its_send_is_never_lost(race: Race) -> None:
    conversation = Conversation.objects.get(id=factories.said(factories.channel()).conversation_id)
    ana = cast.ana()
    channel = conversation.channel
    for number in range(8):
        factories.replied(conversation, ana, f"Message {number}")
        claim = sending.do_claim()[0]
        answer = outcome(Sent(f"p-{number}"))
        arrived = InboundReceipt(f"p-{number}", DELIVERED)
        race(2, lambda who: do_provider_receipt(channel, arrived) if who else sending.do_record(claim, answer))  # noqa: B023
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert not PendingReceipt.objects.exists()
