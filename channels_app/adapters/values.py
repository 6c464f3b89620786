"""What providers say and what they are told, in our values. No database, no network, no Django.

Ids are the provider's own, as text. `at` is the provider's time, aware; None: it names none. `key` is what makes a
value the same when it comes twice; it is unique in a channel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, Literal


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, as the channel names them."""

    external_id: str
    kind: str = "user"
    name: str = ""
    locale: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that lies with the provider: `ref` is what the adapter's `fetch` needs to get it, JSON-able."""

    ref: Mapping[str, Any]
    filename: str = ""
    mime: str = ""
    size: int | None = None
    text: str = ""  # what stands below it


@dataclass(frozen=True, slots=True)
class Referral:
    """Where a customer comes from: an advertisement, a link, a code. What isn't known is left empty."""

    source: str = ""
    ref: str = ""
    url: str = ""
    title: str = ""


# --- in ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """Something a customer said. `key` is the provider's id of it; `content` is `channels_app.content`.

    `thread_key`: which of the sender's threads, where a channel has several. `in_reply_to`: ids of messages of either
    side, nearest first; the thread of the first that is known wins over `thread_key`. `attributes` describe the
    conversation, `metadata` the message.
    """

    key: str
    sender: Sender
    text: str = ""
    content: Sequence[dict[str, Any]] = ()
    thread_key: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[RemoteFile] = ()
    in_reply_to: Sequence[str] = ()
    referral: Referral | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Postback:
    """A customer pressed a button of ours: `payload` is what we put behind it, `text` what stood on it."""

    key: str
    sender: Sender
    payload: str
    text: str = ""
    message_id: str = ""
    thread_key: str = ""
    referral: Referral | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A customer said something that we can't show: encrypted, or a kind that nobody knows. It is seen as such."""

    key: str
    sender: Sender
    why: Literal["encrypted", "unknown", "unsupported"]
    thread_key: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Echo:
    """The company wrote to a customer elsewhere (the provider's own app). One of our own sends is recognised by its id,
    or by `idempotency_key` where the provider gives it back."""

    key: str
    to: Sender
    text: str = ""
    content: Sequence[dict[str, Any]] = ()
    files: Sequence[RemoteFile] = ()
    thread_key: str = ""
    idempotency_key: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """A customer changed what they had said."""

    message_id: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """A customer took back what they had said."""

    message_id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reacted:
    """A customer reacted to a message of either side; `emoji` "" takes it back."""

    key: str
    sender: Sender
    message_id: str
    emoji: str
    at: datetime | None = None


class ReceiptState(StrEnum):
    """What a provider says of a message of ours."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class InboundReceipt:
    """A status of one of our messages by the provider's id, or of all up to it (`watermark`).

    `code` and `error` say why it failed: a code of `errors`, and a sentence that the agent may read.
    """

    provider_id: str
    state: ReceiptState
    at: datetime | None = None
    watermark: bool = False
    code: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class InboundTyping:
    """The customer is typing."""

    sender: Sender
    thread_key: str = ""


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """A customer agreed to be written to (`purpose` "" means all), or forbade it. `proof`: what they did, in words."""

    sender: Sender
    given: bool
    purpose: str = ""
    proof: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """A customer began to follow the account, or stopped (blocked it, left): `following`."""

    key: str
    sender: Sender
    following: bool
    referral: Referral | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WindowOpened:
    """Until when a customer may be written to freely. It never shrinks."""

    sender: Sender
    until: datetime
    thread_key: str = ""


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Something about the account itself: a number's quality, a token that ends, a template's status.

    `healthy`: False is a fault that an admin must mend, True its end, None only news. `note` is for the admin.
    """

    note: str
    healthy: bool | None = None
    at: datetime | None = None


class IgnoredReason(StrEnum):
    """Why a value of a request changes nothing. Never for something that a customer wrote."""

    NOT_OURS = "not_ours"  # of another app, page or product
    OWN_MESSAGE = "own_message"  # an echo of what we sent
    NOT_USED = "not_used"  # a kind of event that this product has no use for
    TEST = "test"  # the provider's own test of the address
    BLOCKED = "blocked"  # of a customer whom the company has blocked


@dataclass(frozen=True, slots=True)
class Ignored:
    """A part of a request that changes nothing, because `reason`; `what` names it for those who look."""

    reason: IgnoredReason
    what: str = ""


Inbound = (
    InboundMessage
    | Postback
    | Unreadable
    | Echo
    | Edited
    | Removed
    | Reacted
    | InboundReceipt
    | InboundTyping
    | ConsentChanged
    | Followed
    | WindowOpened
    | AccountEvent
    | Ignored
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one value: the id of the message that it made or changed, or why it changed nothing."""

    value: Inbound
    message_id: str = ""
    ignored: IgnoredReason | None = None
    fault: str = ""


# --- out ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file of ours. `url`: where the provider may fetch it for some days; `open`: its bytes, for those who upload."""

    id: str
    url: str
    filename: str
    mime: str
    size: int
    open: Callable[[], BinaryIO] | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to a customer. `idempotency_key` is the same at every attempt.

    `in_reply_to`: the provider's ids of what was said before in the thread, the newest first. `files` are those that
    `content` names, by id.
    """

    idempotency_key: str
    to: str
    to_kind: str
    thread_key: str
    text: str
    content: Sequence[dict[str, Any]]
    agent_nickname: str = ""
    in_reply_to: Sequence[str] = ()
    files: Mapping[str, OutgoingFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One call at the provider: a message of ours takes one or several, each with an id of its own there.

    `body` is JSON: what golden files compare. `files` are the ids of files whose bytes the call needs.
    """

    body: Mapping[str, Any]
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took a part, under its own id."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """What isn't a message: typing, or that all up to `message_id` was read."""

    kind: Literal["typing", "read"]
    to: str
    to_kind: str
    thread_key: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a provider tells about a customer. Empty: it doesn't say."""

    name: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a channel works, as its provider says, and what an admin may read about it."""

    ok: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a channel got from its provider and must renew: kept encrypted, `values` never shown. `expires_at` None: it
    lasts."""

    values: Mapping[str, str]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll brought: values, the raw text that they were read from, and where the next poll begins (JSON)."""

    values: Sequence[Inbound]
    raw: bytes
    cursor: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` sends in `seconds`, counted under `key`: channels that give the same key share it."""

    key: str
    count: int
    seconds: float
