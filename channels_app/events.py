"""Events of conversations and messages, and the rows that sinks of this process get with them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from channels_app.files.refusal import FileFault
from contactcenter.kernel.events import Event

if TYPE_CHECKING:
    from channels_app.models import Delivery, Message


@dataclass(frozen=True, slots=True)
class Added:
    """A message at its place, with its customer's address, and for one that goes to the customer its delivery."""

    message: Message
    address_id: uuid.UUID
    delivery: Delivery | None = None


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
    """Its pass closed; it waits for the customer until its window ends. `about` is the Conversation."""

    name = "conversation.rested"
    window_s: float


@dataclass(frozen=True, kw_only=True)
class ConversationEnded(Event):
    """It ended for good: by its window, cleared, erased or merged."""

    name = "conversation.ended"
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageAdded(Event):
    """A message was added. `about` is an `Added`."""

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
    guest_id: uuid.UUID | None = None  # the guest session's that it belongs to
    size: int


@dataclass(frozen=True, kw_only=True)
class AttachmentRejected(Event):
    """A file was refused. `about` is the Attachment, its `reason` a sentence."""

    name = "attachment.rejected"
    recorded = False
    attachment_id: uuid.UUID
    guest_id: uuid.UUID | None = None  # the guest session's that it belongs to
    fault: FileFault


@dataclass(frozen=True, kw_only=True)
class AddressBlocked(Event):
    """An agent blocked a customer's address."""

    name = "address.blocked"
    address_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class AddressUnblocked(Event):
    """Somebody let a blocked customer write again."""

    name = "address.unblocked"
    address_id: uuid.UUID
