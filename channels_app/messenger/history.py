"""Reading what was said, for guests: the pages of a session, and what a socket missed. Public messages only."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import QuerySet

from channels_app.messenger.models import GuestSession
from channels_app.models import Conversation, Message

NOTICES = ("connected", "rested")  # kinds of system lines that guests may hear of
ENDING = "rested"


def shown(*, notices: bool, ends: bool = False) -> QuerySet[Message]:
    """What a guest's client shows: what was said, and with `notices` that somebody joined or that it ended, with
    `ends` the latter only.

    Of those system lines only the kind and the ids are for guests, never a text.
    """
    lines = NOTICES if notices else (ENDING,) if ends else ()
    return Message.objects.told(lines)


def public_page(
    session: GuestSession, page_number: int = 1, page_size: int = 25, *, notices: bool = False, ends: bool = False
) -> tuple[list[Message], int]:
    """A page of what was said since the session started, and how many messages that is in all.

    Newest first: the mobile transport SDK turns each page round (`MessageStore.updateMessageHistory`).
    Past the end it is empty. What a guest cleared doesn't come back. `notices`: with the lines about agents who
    joined and about the end, whose text isn't for guests; `ends`: with the latter.
    """
    if session.address_id is None:
        return [], 0
    mine = shown(notices=notices, ends=ends).filter(
        conversation__address_id=session.address_id, created_at__gte=session.started_at
    )
    mine = mine.exclude(conversation__end_reason=Conversation.EndReason.CLEARED)
    first = (max(page_number, 1) - 1) * page_size
    messages = _told(mine).order_by("-created_at", "-id")[first : first + page_size]
    return list(messages), mine.count()


def missed(address_id: uuid.UUID, *, until: datetime, limit: int = 200) -> list[Message]:
    """The newest of what a guest's sockets are told of an address up to a time, newest first, notices included."""
    rows = shown(notices=True).filter(conversation__address_id=address_id, created_at__lte=until)
    return list(rows.select_related("author").order_by("-created_at")[:limit])


def _told(messages: QuerySet[Message]) -> QuerySet[Message]:
    """With all that a guest's frame tells."""
    return messages.select_related("author", "conversation").prefetch_related("attachments")
