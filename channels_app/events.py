"""Events of conversations and messages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from contactcenter.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ConversationStarted(Event):
    """A first message opened a conversation."""

    name = "conversation.started"
    channel_id: uuid.UUID
    channel_kind: str
    contact_id: uuid.UUID
    new_contact: bool


@dataclass(frozen=True, kw_only=True)
class ConversationWoken(Event):
    """A message made a resting conversation active."""

    name = "conversation.woken"


@dataclass(frozen=True, kw_only=True)
class ConversationRested(Event):
    """Its pass closed; it waits for the customer until its window ends."""

    name = "conversation.rested"
    window_s: float


@dataclass(frozen=True, kw_only=True)
class ConversationEnded(Event):
    """It ended for good: by its window, cleared, erased or merged."""

    name = "conversation.ended"
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageAdded(Event):
    """A message was added. `about` is the Message, with `conversation` at hand."""

    name = "message.added"
    message_id: uuid.UUID
    seq: int
    change_seq: int
    direction: str
    audience: str
    kind: str
    author_kind: str
    channel_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class MessageChanged(Event):
    """A message got another text, or was removed."""

    name = "message.changed"
    message_id: uuid.UUID
    change_seq: int
    removed: bool


@dataclass(frozen=True, kw_only=True)
class ColleaguesMentioned(Event):
    """A note names colleagues."""

    name = "colleagues.mentioned"
    message_id: uuid.UUID
    user_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, kw_only=True)
class DeliveryChanged(Event):
    """Messages to the customer were sent, delivered, read, or failed; `about` lists the messages."""

    name = "delivery.changed"
    recorded = False
    state: str
    change_seq: int
    message_ids: tuple[uuid.UUID, ...]
    error_code: str = ""


@dataclass(frozen=True, kw_only=True)
class StaffReceipt(Event):
    """The company's side received or read up to a message."""

    name = "conversation.acknowledged"
    recorded = False
    state: str
    seq: int
    change_seq: int


@dataclass(frozen=True, kw_only=True)
class ContactChanged(Event):
    """Somebody changed a contact's fields."""

    name = "contact.changed"
    contact_id: uuid.UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AttachmentUploaded(Event):
    """A file arrived and was found good. `about` is the Attachment."""

    name = "attachment.uploaded"
    recorded = False
    attachment_id: uuid.UUID
    session_id: uuid.UUID | None = None
    size: int


@dataclass(frozen=True, kw_only=True)
class AttachmentRejected(Event):
    """A file was refused, by a code of the guest protocol. `about` is the Attachment, its `reason` a sentence."""

    name = "attachment.rejected"
    recorded = False
    attachment_id: uuid.UUID
    session_id: uuid.UUID | None = None
    code: int


@dataclass(frozen=True, kw_only=True)
class SessionAuthenticated(Event):
    """A guest session turned out to be a known customer's. `merged`: two conversations became one."""

    name = "session.authenticated"
    session_id: uuid.UUID
    address_id: uuid.UUID
    merged: bool


@dataclass(frozen=True, kw_only=True)
class SessionRevoked(Event):
    """A known customer signed out: the session is over."""

    name = "session.revoked"
    session_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class GuestBlocked(Event):
    """An agent blocked a visitor."""

    name = "guest.blocked"
    address_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class GuestUnblocked(Event):
    """Somebody let a blocked visitor write again."""

    name = "guest.unblocked"
    address_id: uuid.UUID
