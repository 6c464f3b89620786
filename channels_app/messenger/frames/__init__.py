"""The Genesys Web Messaging guest protocol as pure functions: `parse` in, builders and `encode` out.

No Django, no clock, no network: times, ids and limits are handed in. Frames that the protocol doesn't know
(receipts) are for sockets that asked for them.
"""

from __future__ import annotations

from channels_app.messenger.errors import FrameError

from .envelope import encode, envelope
from .messages import (
    PresenceType,
    anonymous,
    message_body,
    presence_event,
    receipt,
    structured_message,
    typing_event,
    without_names,
)
from .requests import DEFAULT_LIMITS, parse
from .responses import (
    attachment_deleted,
    configuration_response,
    connection_closed,
    download_url,
    echo_response,
    error,
    generate_url_error,
    jwt_response,
    logout,
    refusal,
    resume_token_response,
    session_cleared,
    session_expired,
    session_response,
    too_many_requests,
    upload_failure,
    upload_success,
    upload_url,
)
from .rest import DeploymentConfig, config_json, domains_json, history_page
from .values import (
    CloseSession,
    ConfigureAuthenticatedSession,
    ConfigureSession,
    DeleteAttachment,
    DisconnectCustomer,
    Echo,
    GetAttachment,
    GetConfiguration,
    GetJwt,
    GuestMessage,
    JourneyContext,
    Limits,
    OnAttachment,
    OnMessage,
    Receipt,
    ReceiptStatus,
    Request,
    ResumeToken,
    SessionRequest,
    SessionState,
)

__all__ = [
    "DEFAULT_LIMITS", "CloseSession", "ConfigureAuthenticatedSession",
    "ConfigureSession", "DeleteAttachment", "DeploymentConfig", "DisconnectCustomer", "Echo", "FrameError",
    "GetAttachment", "GetConfiguration", "GetJwt", "GuestMessage", "JourneyContext", "Limits",
    "OnAttachment", "OnMessage", "PresenceType", "Receipt", "ReceiptStatus", "Request",
    "ResumeToken", "SessionRequest", "SessionState",
    "anonymous", "attachment_deleted", "config_json", "configuration_response", "connection_closed", "domains_json",
    "download_url", "echo_response", "encode", "envelope", "error", "generate_url_error", "history_page",
    "jwt_response", "logout", "message_body", "parse", "presence_event", "receipt", "refusal",
    "resume_token_response", "session_cleared", "session_expired", "session_response",
    "structured_message", "too_many_requests", "typing_event", "upload_failure", "upload_success",
    "upload_url", "without_names",
]  # fmt: skip
