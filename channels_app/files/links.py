"""Signed links: the permission is in the address, for a while, for one file."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from contactcenter.kernel import clock

if TYPE_CHECKING:
    from channels_app.models import Attachment

DOWNLOAD_FOR = timedelta(days=7)
UPLOAD_FOR = timedelta(hours=1)
_DAY = 86_400


def file_link(attachment: Attachment, now: datetime, *, thumb: bool = False, absolute: bool = False) -> str:
    """Where to fetch a file for the next seven days. The same all day long, so that browsers keep what they have."""
    path = _path(attachment.id, attachment.filename, now)
    return _address(path + ("?thumb=1" if thumb else ""), absolute=absolute)


def signed_url(attachment_id: uuid.UUID | str, filename: str) -> str:
    """The absolute link to a file of ours, from now. Only for an id that no outsider chose."""
    return _address(_path(attachment_id, filename, clock.now()), absolute=True)


def _path(attachment_id: uuid.UUID | str, filename: str, now: datetime) -> str:
    until = int((now + DOWNLOAD_FOR).timestamp()) // _DAY * _DAY + _DAY
    return reverse("channels_app:file", args=[attachment_id, _token("file", attachment_id, until), filename or "file"])


def upload_token(attachment_id: uuid.UUID, now: datetime) -> str:
    """The permission to bring the bytes of a file within the next hour, for the address of whoever takes them."""
    return _token("upload", attachment_id, int((now + UPLOAD_FOR).timestamp()))


def is_valid(purpose: str, attachment_id: uuid.UUID, token: str, now: datetime) -> bool:
    """Whether a token was made by us for this file and purpose ("file", "upload"), and isn't over."""
    until, _, signature = token.partition("-")
    try:
        _signer(purpose).unsign(f"{attachment_id}:{until}:{signature}")
        return now.timestamp() < int(until, 16)
    except (signing.BadSignature, ValueError):
        return False


def with_links(
    content: Sequence[dict[str, Any]], attachments: Iterable[Attachment], now: datetime, *, absolute: bool = False
) -> list[dict[str, Any]]:
    """A message's content with the addresses of its own files.

    Only files that belong to the message get one: an id in the content may come from outside.
    """
    mine = {str(attachment.id): attachment for attachment in attachments}
    return [_linked(item, mine, now, absolute=absolute) for item in content]


def _linked(item: dict[str, Any], mine: dict[str, Attachment], now: datetime, *, absolute: bool) -> dict[str, Any]:
    attachment = mine.get(item["id"]) if item.get("type") == "attachment" else None
    return item | {"url": file_link(attachment, now, absolute=absolute)} if attachment else item


def _token(purpose: str, attachment_id: uuid.UUID | str, until: int) -> str:
    return f"{until:x}-{_signer(purpose).signature(f'{attachment_id}:{until:x}')}"


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"channels_app.files.{purpose}")


def _address(path: str, *, absolute: bool) -> str:
    return settings.BASE_URL + path if absolute else path
