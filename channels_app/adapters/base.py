"""The contract of a channel adapter: values in, values out, no database.

An adapter is one small folder. It verifies and parses what its provider sends into the values below,
sends our messages, says what it can carry, and names what must not reach a log. One webhook view and
one sender serve all of them. `docs/channels.md` has the checklist for a new one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from channels_app.content.limits import Limits


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, as the channel names them."""

    external_id: str
    kind: str = "user"
    name: str = ""
    locale: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """Something a customer said. `key` is the provider's unique id of it; `content` is `channels_app.content`."""

    key: str
    sender: Sender
    text: str = ""
    content: Sequence[dict[str, Any]] = ()
    thread_key: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


class ReceiptState(StrEnum):
    """What a provider says of a message of ours."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class InboundReceipt:
    """A status of one of our messages by the provider's id, or of all up to it (`watermark`)."""

    provider_id: str
    state: ReceiptState
    at: datetime | None = None
    watermark: bool = False
    error: SendError | None = None


@dataclass(frozen=True, slots=True)
class InboundTyping:
    """The customer is typing."""

    sender: Sender
    thread_key: str = ""


Inbound = InboundMessage | InboundReceipt | InboundTyping


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A provider's HTTP request as values. Header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """What the provider gets when the adapter answers itself (a challenge)."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain"


class BadSignature(Exception):
    """The request isn't signed by this channel's provider."""


class BadPayload(Exception):
    """The request is signed, but can't be read."""


class SendError(Exception):
    """A send failed. The subclasses are the closed vocabulary: what happens next is written on them."""

    code: ClassVar[str] = "unknown"
    retry: ClassVar[bool] = False
    #: whose fault: "provider", "message", "recipient", "configuration"
    fault: ClassVar[str] = "provider"
    #: what the agent may read
    agent_text: ClassVar[str] = "The provider didn't accept the message."

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail or self.agent_text)
        self.detail = detail
        self.retry_after = retry_after


class Unavailable(SendError):
    """The provider is down or slow before it took the message."""

    code, retry, agent_text = "unavailable", True, "The provider can't be reached. We keep trying."


class RateLimited(SendError):
    """Too many sends; try again after `retry_after` seconds."""

    code, retry, agent_text = "rate_limited", True, "The provider asks us to slow down. We keep trying."


class OutcomeUnknown(SendError):
    """The connection broke after the message was handed over: it is never repeated silently."""

    code, agent_text = "outcome_unknown", "It isn't known whether this arrived. Ask before you send it again."


class NotAccepted(SendError):
    """The message's content is refused."""

    code, fault, agent_text = "not_accepted", "message", "The channel doesn't accept this content."


class RecipientUnreachable(SendError):
    """The customer can't be reached on this address any more."""

    code, fault, agent_text = "unreachable", "recipient", "The customer can't be reached on this channel."


class WindowClosed(SendError):
    """The provider allows no free message now."""

    code, fault = "window_closed", "recipient"
    agent_text = "The channel allows a free message only soon after the customer wrote."


class NotAuthorised(SendError):
    """Our credentials are refused: the channel fails until an admin repairs it."""

    code, fault, agent_text = "not_authorised", "configuration", "The channel's access is broken. Tell an admin."


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to a customer. `idempotency_key` is the same at every attempt."""

    idempotency_key: str
    to: str
    to_kind: str
    thread_key: str
    text: str
    content: Sequence[dict[str, Any]]
    agent_nickname: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it, under its own id."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry. `client_fetches`: a stored message counts as sent, the client fetches it.

    `sessions`: the customer's client is ours and holds a session of their own: no provider carries it, who they are may
    be unknown, and they are told of the end and of a block.
    `idempotent`: the provider knows our idempotency key, so a send whose outcome is unknown is simply repeated.
    `markdown`: texts to the customer are shown as `content.markdown` draws them. `limits`: of rich content.
    """

    content: frozenset[str] = frozenset({"attachment"})
    text_limit: int = 4000
    client_fetches: bool = False
    sessions: bool = False
    idempotent: bool = False
    markdown: bool = False
    limits: Limits = field(default_factory=Limits)


class Adapter(ABC):
    """One provider."""

    kind: ClassVar[str]
    label: ClassVar[str]
    medium: ClassVar[str] = "message"
    #: class of its colour, and the picture of the sprite (`static/design`) that stands for it
    color: ClassVar[str] = "open"
    icon: ClassVar[str] = "plug"
    capabilities: ClassVar[Capabilities] = Capabilities()
    #: names of the channel's secrets, for the admin's form and for redaction in logs
    secrets: ClassVar[tuple[str, ...]] = ()

    def challenge(self, request: WebhookRequest, secrets: Mapping[str, str]) -> WebhookReply | None:
        """Answer a provider's set-up request, or None to go on."""
        return None

    @abstractmethod
    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> None:
        """:raises BadSignature: unless the raw body is signed with this channel's secret, in constant time."""

    @abstractmethod
    def parse(self, request: WebhookRequest) -> Sequence[Inbound]:
        """What the request says, in our values. :raises BadPayload: it can't be read."""

    @abstractmethod
    def send(self, message: Outgoing, secrets: Mapping[str, str]) -> Sent:
        """Hand a message over. :raises SendError: one of the closed vocabulary."""
