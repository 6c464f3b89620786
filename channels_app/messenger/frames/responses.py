"""Guest frames out, but for messages: sessions, attachments and refusals as plain dicts.

`type` is "response" for the direct answer to a request and "message" for a push. Keep a frame below 16 KB:
some clients drop what arrives in parts; long histories go over REST. Source: the same as for requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from channels_app.messenger import errors
from channels_app.messenger.errors import FrameError

from .content_out import stamp
from .envelope import Wire, envelope
from .values import Echo, Limits, SessionState

# Sessions


def session_response(state: SessionState, limits: Limits, tracing_id: str | None = None) -> Wire:
    body = {
        "connected": state.connected,
        "newSession": state.new_session,
        "readOnly": state.read_only,
        **_media(limits),
        "clearedExistingSession": state.cleared_existing_session,
        **_timing(state.duration_seconds, state.expires_at),
    }
    if state.auto_started is not None:
        body["autoStarted"] = state.auto_started
    return envelope("response", "SessionResponse", body, tracing_id=tracing_id)


def configuration_response(
    limits: Limits,
    *,
    session_duration_seconds: int,
    message_routing_enabled: bool = True,
    tracing_id: str | None = None,
) -> Wire:
    body = {
        **_media(limits),
        "messageRoutingEnabled": message_routing_enabled,
        "sessionDurationSeconds": session_duration_seconds,
    }
    return envelope("response", "GetConfigurationResponse", body, tracing_id=tracing_id)


def _media(limits: Limits) -> Wire:
    file_types = [{"type": media_type} for media_type in limits.file_types]
    return {
        "maxCustomDataBytes": limits.custom_attributes_bytes,
        "allowedMedia": {"inbound": {"fileTypes": file_types, "maxFileSizeKB": limits.max_file_size_kb}},
        "blockedExtensions": list(limits.blocked_extensions),
    }


def _timing(duration_seconds: int | None, expires_at: datetime | None) -> dict[str, int]:
    """`expirationDate` is in epoch seconds."""
    timing = {}
    if duration_seconds is not None:
        timing["durationSeconds"] = duration_seconds
    if expires_at is not None:
        stamp(expires_at)  # refuses a naive time
        timing["expirationDate"] = int(expires_at.timestamp())
    return timing


def echo_response(
    echo: Echo, *, message_id: UUID, duration_seconds: int | None = None, expires_at: datetime | None = None
) -> Wire:
    """The answer to a health check; it refreshes the client's idea of when the session ends."""
    body: Wire = {"type": "Text", "text": echo.text, "direction": "Inbound", "id": message_id.hex}
    timing = {name: str(value) for name, value in _timing(duration_seconds, expires_at).items()}
    if metadata := {**echo.metadata, **timing}:
        body["metadata"] = metadata
    return envelope("response", "StructuredMessage", body, tracing_id=echo.tracing_id)


def jwt_response(jwt: str, *, expires_at: datetime, tracing_id: str | None = None) -> Wire:
    body = {"jwt": jwt, "exp": int(expires_at.timestamp())}
    return envelope("response", "JwtResponse", body, tracing_id=tracing_id)


def resume_token_response(token: str, *, expires_at: datetime, tracing_id: str | None = None) -> Wire:
    body = {"resumeToken": token, "exp": int(expires_at.timestamp())}
    return envelope("response", "ResumeTokenResponse", body, tracing_id=tracing_id)


def session_expired(tracing_id: str | None = None) -> Wire:
    return envelope("response", "SessionExpiredEvent", {}, tracing_id=tracing_id)


def session_cleared() -> Wire:
    return envelope("message", "SessionClearedEvent", {})


def connection_closed(reason: str = "") -> Wire:
    """To a socket that is about to be closed. Clients read `reason`, the schema names `reasonCode`."""
    body = {"reason": reason, "reasonCode": reason} if reason else {}
    return envelope("message", "ConnectionClosedEvent", body)


def logout() -> Wire:
    return envelope("message", "LogoutEvent", {})


# Attachments


def upload_url(
    attachment_id: str,
    url: str,
    *,
    headers: Mapping[str, str],
    file_name: str,
    file_type: str,
    file_size: int | None = None,
    tracing_id: str | None = None,
) -> Wire:
    """Where to PUT the file, with which headers. Clients take an answer with a size and without headers for a
    download, so the size is only there with headers. Put the permission into the url: some clients send
    nothing but `x-amz-tagging` and their own Content-Type."""
    body: Wire = {
        "attachmentId": attachment_id,
        "headers": dict(headers),
        "url": url,
        "fileName": file_name,
        "fileType": file_type,
    }
    if headers and file_size is not None:
        body["fileSize"] = file_size
    return envelope("response", "PresignedUrlResponse", body, tracing_id=tracing_id)


def download_url(
    attachment_id: str,
    url: str,
    *,
    file_name: str,
    file_type: str,
    file_size: int,
    tracing_id: str | None = None,
) -> Wire:
    """The answer to getAttachment: a fresh address, told from an upload by its empty headers."""
    body: Wire = {
        "attachmentId": attachment_id,
        "headers": {},
        "url": url,
        "fileName": file_name,
        "fileSize": file_size,
        "fileType": file_type,
    }
    return envelope("response", "PresignedUrlResponse", body, tracing_id=tracing_id)


def upload_success(attachment_id: str, download_url: str, *, time: datetime, tracing_id: str | None = None) -> Wire:
    body = {"attachmentId": attachment_id, "downloadUrl": download_url, "timestamp": stamp(time)}
    return envelope("message", "UploadSuccessEvent", body, tracing_id=tracing_id)


def upload_failure(
    attachment_id: str, code: int, message: str, *, time: datetime, tracing_id: str | None = None
) -> Wire:
    body = {
        "attachmentId": attachment_id,
        "errorCode": code,
        "errorMessage": message,
        "timestamp": stamp(time),
    }
    return envelope("message", "UploadFailureEvent", body, tracing_id=tracing_id)


def generate_url_error(attachment_id: str, code: int, message: str, tracing_id: str | None = None) -> Wire:
    body: Wire = {"attachmentId": attachment_id, "errorCode": code, "errorMessage": message}
    return envelope("message", "GenerateUrlError", body, tracing_id=tracing_id)


def attachment_deleted(attachment_id: str, tracing_id: str | None = None) -> Wire:
    body: Wire = {"attachmentId": attachment_id}
    return envelope("message", "AttachmentDeletedResponse", body, tracing_id=tracing_id)


# Refusals


def error(code: int, text: str, tracing_id: str | None = None) -> Wire:
    return envelope("response", "string", text, code=code, tracing_id=tracing_id)


def too_many_requests(retry_after: int, message: str = errors.RATE_MESSAGE, tracing_id: str | None = None) -> Wire:
    """`retry_after` in seconds."""
    body: dict[str, Any] = {
        "retryAfter": retry_after,
        "errorCode": errors.RATE_TOO_HIGH,
        "errorMessage": message,
    }
    name = "TooManyRequestsErrorMessage"
    return envelope("response", name, body, code=errors.TOO_MANY_REQUESTS, tracing_id=tracing_id)


def refusal(refused: FrameError) -> Wire:
    """The answer to a frame that `parse` refused, in the shape that its client asked for."""
    if refused.attachment_id:
        return generate_url_error(refused.attachment_id, refused.code, refused.message, refused.tracing_id)
    return error(refused.code, refused.message, refused.tracing_id)
