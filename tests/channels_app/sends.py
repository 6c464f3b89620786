"""Replies and the sender under a standing clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agents.models import User
from channels_app.models import Conversation, Delivery
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


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state
