"""Reading what was said, for staff: a contact's whole thread, and what changed since.

The number of queries doesn't depend on the number of rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import OuterRef, QuerySet, Subquery, prefetch_related_objects
from django.db.models.expressions import RawSQL

from channels_app.models import Contact, Conversation, Message

Cursor = tuple[datetime, uuid.UUID]


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Messages, oldest first. `before` leads to the older ones; None: this is the beginning."""

    messages: list[Message]
    before: Cursor | None


# The newest of each conversation by its own index, then the newest of those: the cost grows with what was
# paged through and with the number of conversations, not with all that was ever said.
_THREAD = """
SELECT m.id FROM channels_app_address a
JOIN channels_app_conversation c ON c.address_id = a.id
CROSS JOIN LATERAL (
    SELECT x.id, x.created_at FROM channels_app_message x
    WHERE x.conversation_id = c.id AND (x.created_at, x.id) < (%s, %s)
    ORDER BY x.seq DESC LIMIT %s
) m
WHERE a.contact_id = %s
ORDER BY m.created_at DESC, m.id DESC LIMIT %s
"""
_NEWEST = (datetime.max.replace(tzinfo=UTC), uuid.UUID(int=(1 << 128) - 1))


def thread(contact: Contact, *, before: Cursor | None = None, limit: int = 50) -> ThreadPage:
    """Everything said with a contact, over all channels and conversations, notes included: for staff."""
    at, last_id = before or _NEWEST
    newest = RawSQL(_THREAD, (at, last_id, limit + 1, contact.id, limit + 1))  # noqa: S611 its values are parameters
    # many rows of few authors and conversations: these are read once each instead of with every row
    rows = Message.objects.filter(id__in=newest).select_related("delivery").prefetch_related("author", "conversation")
    found = list(rows.order_by("created_at", "id"))
    messages = with_files(found[-limit:])
    more = len(found) > limit
    return ThreadPage(messages, (messages[0].created_at, messages[0].id) if more else None)


def since(conversation_id: uuid.UUID, changed_seq: int) -> list[Message]:
    """What staff sees that changed in a conversation after a head, in order."""
    return with_files(list(_shown(Message.objects.filter(conversation_id=conversation_id).since(changed_seq))))


def by_ids(message_ids: Collection[uuid.UUID]) -> list[Message]:
    """These messages as staff sees them, in the order of their conversation."""
    return with_files(list(_shown(Message.objects.filter(id__in=message_ids)).order_by("seq")))


def conversations(contact: Contact, *, exclude: uuid.UUID | None = None, limit: int = 20) -> list[Conversation]:
    """A contact's conversations, the latest first, each with the `last_text` that was said in public."""
    newest = Message.objects.public().filter(conversation=OuterRef("id")).order_by("-seq")
    rows = Conversation.objects.filter(address__contact=contact)
    if exclude is not None:
        rows = rows.exclude(id=exclude)
    shown = rows.select_related("channel", "address").annotate(last_text=Subquery(newest.values("text")[:1]))
    return list(shown.order_by("-last_time", "-id")[:limit])


def _shown(messages: QuerySet[Message]) -> QuerySet[Message]:
    """With all that a row in a thread shows, but for files: a few rows, in one query."""
    return messages.select_related("author", "conversation", "delivery")


def with_files(messages: list[Message]) -> list[Message]:
    """The same messages, their attachments read in one query; in none, if their content names none."""
    naming = [message for message in messages if message.names_files]
    if naming:
        prefetch_related_objects(naming, "attachments")
    return messages
