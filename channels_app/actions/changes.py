"""What was said is changed or taken back by who said it: a note by its author, a message by its customer's channel."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import F

from agents.models import User
from channels_app.actions.outbound import Empty, locked
from channels_app.events import MessageChanged
from channels_app.models import Conversation, Mention, Message
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotAllowed, NotFound


class NotTheirs(NotAllowed):
    """Only who wrote a note changes it."""


@action
def do_edit_message(tx: Tx, message_id: uuid.UUID, *, text: str, author: User | None = None) -> Message:
    """Another text. `author`: the agent whose note it is; None: the customer's channel says so.

    :raises NotFound: it isn't there, or was removed. :raises NotTheirs: a colleague's, or sent to the customer.
    """
    message = _theirs(message_id, author)
    if not text.strip():
        raise Empty
    if text == message.text:
        return message
    return _change(tx, message, removed=False, text=text, edited_at=tx.now)


@action
def do_remove_message(tx: Tx, message_id: uuid.UUID, *, author: User | None = None) -> Message:
    """Taken back: the thread says that it was there, and shows nothing of it. Whom it mentions loses the mention.

    :raises NotFound: it isn't there, or was removed. :raises NotTheirs: a colleague's, or sent to the customer.
    """
    message = _theirs(message_id, author)
    Mention.objects.filter(message=message).delete()
    return _change(tx, message, removed=True, removed_at=tx.now)


def own_note(message_id: uuid.UUID, author: User) -> Message:
    """A note that its author may change. :raises NotFound: it isn't there, or was removed. :raises NotTheirs:"""
    found = Message.objects.filter(id=message_id, removed_at=None).first()
    if found is None:
        raise NotFound
    if not _is_own_note(found, author):
        raise NotTheirs
    return found


def _is_own_note(message: Message, author: User | None) -> bool:
    return author is not None and message.kind == Message.Kind.NOTE and message.author_id == author.id


def _theirs(message_id: uuid.UUID, author: User | None) -> Message:
    found = Message.objects.filter(id=message_id).values_list("conversation_id", flat=True).first()
    if found is None:
        raise NotFound
    locked(found)
    message = Message.objects.select_related("author", "delivery", "conversation").get(id=message_id)
    if message.removed_at is not None:
        raise NotFound
    of_customer = author is None and message.direction == Message.Direction.INBOUND
    if not (_is_own_note(message, author) or of_customer):
        raise NotTheirs
    return message


@action
def do_stamp(tx: Tx, message: Message, *, content: list[dict[str, Any]]) -> Message:
    """Another content, as what a message speaks of is known better now; the caller holds the conversation's lock."""
    return _change(tx, message, removed=False, content=content)


def _change(tx: Tx, message: Message, *, removed: bool, **fields: Any) -> Message:
    """Stamp the row with the conversation's next change, so that every thread hears of it."""
    conversation = Conversation.objects.filter(id=message.conversation_id)
    conversation.update(change_seq=F("change_seq") + 1)
    seq = conversation.values_list("change_seq", flat=True).get()
    Message.objects.filter(id=message.id).update(changed_seq=seq, **fields)
    for name, value in fields.items():
        setattr(message, name, value)
    tx.record(
        MessageChanged(
            conversation_id=message.conversation_id,
            agent_id=message.author_id,
            message_id=message.id,
            change_seq=seq,
            removed=removed,
        ),
        about=message,
    )
    return message
