"""A long past: customers with many earlier conversations, all ended, made in bulk."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from channels_app.models import Address, Channel, Contact, Conversation
from contactcenter.kernel import clock

MESSAGES_EACH = 60  # in one conversation, half of them the company's
EARLIER_EACH = 17  # conversations of one customer
_MESSAGES = """
    INSERT INTO channels_app_message (id, conversation_id, seq, changed_seq, direction, audience, kind, text, content,
        author_kind, metadata, created_at)
    SELECT gen_random_uuid(), c.id, n, n, CASE WHEN n %% 2 = 1 THEN 'inbound' ELSE 'outbound' END, 'public', 'text',
        'Message ' || n || ' about order ' || 40000 + n || ', which is not here yet.', '[]',
        CASE WHEN n %% 2 = 1 THEN 'customer' ELSE 'bot' END, '{}', c.created_at + n * interval '1 minute'
    FROM channels_app_conversation c CROSS JOIN generate_series(1, %s) AS n WHERE c.channel_id = %s
"""


def make(channel: Channel, messages: int) -> list[Address]:
    """At least so many messages in ended conversations. :returns: the customers' addresses."""
    addresses = people(channel, -(-messages // (MESSAGES_EACH * EARLIER_EACH)), "past")
    Conversation.objects.bulk_create(
        (_ended(channel, address, days * 20) for address in addresses for days in range(1, EARLIER_EACH + 1)),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, [MESSAGES_EACH, channel.id])
        cursor.execute("ANALYZE channels_app_message, channels_app_conversation, channels_app_address")
    return addresses


def people(channel: Channel, number: int, name: str) -> list[Address]:
    """So many customers, known for more than a year, with one address each."""
    began = clock.now() - timedelta(days=400)
    contacts = Contact.objects.bulk_create(Contact(name=f"Customer {n}", created_at=began) for n in range(number))
    return Address.objects.bulk_create(
        Address(channel=channel, kind="guest", external_id=f"{name}-{n}", contact=contact, created_at=began)
        for n, contact in enumerate(contacts)
    )


def _ended(channel: Channel, address: Address, days: int) -> Conversation:
    began = clock.now() - timedelta(days=days)
    last = began + timedelta(minutes=MESSAGES_EACH)
    return Conversation(
        channel=channel, address=address, state=Conversation.State.ENDED, end_reason=Conversation.EndReason.WINDOW,
        last_seq=MESSAGES_EACH, change_seq=MESSAGES_EACH, last_time=last, last_inbound_at=last, created_at=began,
        active_since=began, ended_at=last,
    )  # fmt: skip
