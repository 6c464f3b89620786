"""Replies and the sender under a standing clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agents.models import User
from channels_app.actions.sending import Outcome
from channels_app.adapters.errors import SendError
from channels_app.adapters.values import Sent
from channels_app.models import Conversation, Delivery, DeliveryPart
from channels_app.tasks import send_due
from contactcenter.kernel import clock
from tests import factories

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def reply(conversation: Conversation, ana: User, text: str, at: datetime = NINE) -> Delivery:
    with clock.at(at):
        return factories.replied(conversation, ana, text).delivery


def send_at(at: datetime) -> int:
    with clock.at(at):
        return send_due()


def outcome(became: Sent | SendError) -> Outcome:
    """What became of a claim of one part."""
    return Outcome(parts=1, sent={0: became}) if isinstance(became, Sent) else Outcome(error=became)


def provider_id(delivery: Delivery) -> str:
    """The id that the one part of a message got."""
    found = DeliveryPart.objects.get(delivery=delivery).provider_id
    assert found
    return found


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state
