"""The values that guest frames are read into and written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from channels_app.content import ContentItem
from channels_app.files.limits import UploadLimits

MessageKind = Literal["message", "typing_on", "typing_off", "join", "clear", "disconnect", "receipt", "unknown_event"]
ReceiptStatus = Literal["delivered", "read"]


@dataclass(frozen=True)
class Limits(UploadLimits):
    """What a deployment accepts. The defaults are those of the Genesys limits page, where it names one."""

    frame_bytes: int = 1_048_576
    text_bytes: int = 4096
    custom_attributes_bytes: int = 2048
    metadata_bytes: int = 4096
    content_items: int = 30
    file_name_length: int = 1024  # a name must be shorter


@dataclass(frozen=True, kw_only=True)
class JourneyContext:
    customer_id: str = ""
    customer_id_type: str = ""
    session_id: str = ""
    session_type: str = ""
    action_id: str = ""
    action_map_id: str = ""
    action_map_version: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """`tracing_id` comes back on the answer, unchanged: clients match by it."""

    tracing_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class SessionRequest(Request):
    """A request of one guest session, named by its token."""

    token: str


@dataclass(frozen=True, kw_only=True)
class Echo(Request):
    """A health check. Some clients send it without a token; some know the answer by their own `metadata` in it."""

    token: str | None = None
    text: str = "ping"
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ConfigureSession(SessionRequest):
    deployment_id: str
    start_new: bool = False
    journey: JourneyContext | None = None
    resume_token: str | None = None
    challenge: str | None = None  # the answer to a challenge of the site's own, in `data.challenge`


@dataclass(frozen=True, kw_only=True)
class ConfigureAuthenticatedSession(ConfigureSession):
    code: str


@dataclass(frozen=True, kw_only=True)
class GetConfiguration(SessionRequest):
    deployment_id: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """Everything up to the message `message_id` was delivered to, or read on, the guest's screen."""

    status: ReceiptStatus
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class OnMessage(SessionRequest):
    """A message or an event of the guest.

    `content` never holds attachments: a client names an upload by id only, in `attachment_ids`. `ignored` lists
    content and event types that were left out because this protocol doesn't let a guest send them.
    """

    kind: MessageKind = "message"
    text: str = ""
    content: tuple[ContentItem, ...] = ()
    attachment_ids: tuple[str, ...] = ()
    custom_attributes: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    custom_message_id: str | None = None
    time: str | None = None
    receipt: Receipt | None = None
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OnAttachment(SessionRequest):
    """A wish to upload. `file_size` in bytes; `errors_as_json` chooses the shape of a refusal."""

    file_name: str
    file_type: str = "application/octet-stream"
    attachment_id: str | None = None
    file_size: int | None = None
    file_md5: str | None = None
    errors_as_json: bool = False


@dataclass(frozen=True, kw_only=True)
class GetAttachment(SessionRequest):
    attachment_id: str


@dataclass(frozen=True, kw_only=True)
class DeleteAttachment(SessionRequest):
    attachment_id: str


@dataclass(frozen=True, kw_only=True)
class GetJwt(SessionRequest):
    pass


@dataclass(frozen=True, kw_only=True)
class CloseSession(SessionRequest):
    close_all_connections: bool = False


@dataclass(frozen=True, kw_only=True)
class DisconnectCustomer(SessionRequest):
    pass


@dataclass(frozen=True, kw_only=True)
class ResumeToken(SessionRequest):
    pass


@dataclass(frozen=True, kw_only=True)
class SessionState:
    """What a client learns when its session is configured. `expires_at` is aware."""

    connected: bool = True
    new_session: bool = False
    read_only: bool = False
    cleared_existing_session: bool = False
    auto_started: bool | None = None
    duration_seconds: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class GuestMessage:
    """One message as a guest's client sees it.

    `time` is aware, and unique and rising within the session: clients order and de-duplicate by it.
    Attachments carry the absolute, signed `url` that this guest may fetch. `message_id` is for inbound ones
    only. `nickname` and `image` show who wrote an outbound message; leave both out to stay anonymous.
    """

    id: UUID
    direction: Literal["inbound", "outbound"]
    time: datetime
    text: str = ""
    content: tuple[ContentItem, ...] = ()
    message_id: UUID | None = None
    author_kind: Literal["customer", "agent", "bot", "system"] = "agent"
    nickname: str = ""
    image: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    custom_attributes: Mapping[str, str] = field(default_factory=dict)
    originating_message_id: str | None = None
