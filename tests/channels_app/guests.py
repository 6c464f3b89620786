"""A guest's uploads, as tests make them."""

from __future__ import annotations

from typing import Any

from channels_app.actions.files import do_request_upload, receive_upload
from channels_app.messenger.models import GuestSession
from channels_app.models import Attachment
from tests.channels_app import pictures


def requested(session: GuestSession, name: str = "photo.png", **fields: Any) -> Attachment:
    return do_request_upload(name, guest=session.id, **fields)


def uploaded(session: GuestSession, name: str = "photo.png", content: bytes | None = None) -> Attachment:
    return receive_upload(requested(session, name), [pictures.picture("PNG") if content is None else content])
