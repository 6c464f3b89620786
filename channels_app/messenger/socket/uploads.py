"""A guest's files over the socket: where to put one, where to fetch it, taking it back."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from channels_app.actions import files
from channels_app.files.links import file_link, upload_token
from channels_app.files.refusal import FileRefused
from channels_app.messenger import errors, frames
from channels_app.messenger.models import GuestSession
from channels_app.models import Attachment
from contactcenter.kernel import clock

#: clients take an answer without headers for a download; the permission itself is in the address
UPLOAD_HEADERS = {"x-amz-tagging": "source=guest"}
LOOKED_FOR = timedelta(minutes=10)  # so long a socket looks what became of an upload, if nobody tells it


def request(session: GuestSession, wanted: frames.OnAttachment, limits: frames.Limits) -> dict[str, Any]:
    """Where to PUT a file. :raises FrameError: what of it can be refused before a byte is sent."""
    try:
        made = files.do_request_upload(
            wanted.file_name,
            guest=session.id,
            attachment_id=attachment_id(wanted.attachment_id, wanted.tracing_id) if wanted.attachment_id else None,
            declared_type=wanted.file_type,
            size=wanted.file_size,
            limits=limits,
        )
    except FileRefused as refused:
        about = wanted.attachment_id if wanted.errors_as_json else None
        raise frames.FrameError(errors.FILE_CODES[refused.fault], refused.message, wanted.tracing_id, about) from None
    return frames.upload_url(
        wanted.attachment_id or str(made.id),
        settings.BASE_URL + upload_path(made.id, clock.now()),
        headers=UPLOAD_HEADERS,
        file_name=made.filename,
        file_type=wanted.file_type,
        file_size=wanted.file_size,
        tracing_id=wanted.tracing_id,
    )


def upload_path(attachment_id: uuid.UUID, now: datetime) -> str:
    """Where to PUT a file within the next hour."""
    return reverse("messenger:upload", args=[attachment_id, upload_token(attachment_id, now)])


def link(session: GuestSession, wanted: frames.GetAttachment) -> dict[str, Any]:
    """A fresh address of an uploaded file of this session. :raises FrameError: 4009, 4010."""
    own = attachment_id(wanted.attachment_id, wanted.tracing_id)
    try:
        found = files.access_uploads([own], guest=session.id)[0]
    except FileRefused as refused:
        raise frames.FrameError(errors.FILE_CODES[refused.fault], refused.message, wanted.tracing_id) from None
    return frames.download_url(
        wanted.attachment_id,
        file_link(found, clock.now(), absolute=True),
        file_name=found.filename,
        file_type=found.mime,
        file_size=found.size,
        tracing_id=wanted.tracing_id,
    )


def delete(session: GuestSession, wanted: frames.DeleteAttachment) -> dict[str, Any]:
    """Take back a file that no message carries yet. :raises FrameError: 4009."""
    own = attachment_id(wanted.attachment_id, wanted.tracing_id)
    try:
        files.do_delete_upload(own, guest=session.id)
    except FileRefused as refused:
        raise frames.FrameError(errors.FILE_CODES[refused.fault], refused.message, wanted.tracing_id) from None
    return frames.attachment_deleted(wanted.attachment_id, wanted.tracing_id)


def outcome(attachment: Attachment, code: int | None) -> dict[str, Any]:
    """The push to the session's sockets when the bytes came: a link, or why not."""
    now = clock.now()
    if code is None:
        return frames.upload_success(str(attachment.id), file_link(attachment, now, absolute=True), time=now)
    return frames.upload_failure(str(attachment.id), code, attachment.reason, time=now)


def ended(attachment_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The same for those that are done, by id: what a lost push said. Why one was refused is kept as text only."""
    rows = Attachment.objects.filter(id__in=attachment_ids).exclude(state=Attachment.State.PENDING)
    refused = Attachment.State.REJECTED
    codes = ((one, errors.FILE_CONTENT_INVALID if one.state == refused else None) for one in rows)
    return {str(one.id): outcome(one, code) for one, code in codes}


def attachment_id(text: str, tracing_id: str | None) -> uuid.UUID:
    """Ids are UUIDs here; a client's other names lead nowhere. :raises FrameError: 4009."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise frames.FrameError(errors.ATTACHMENT_NOT_FOUND, "This attachment doesn't exist.", tracing_id) from None
