"""Private storage under MEDIA_ROOT. A file is filled beside its place and moved there when its row says so."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from channels_app.files.names import clean_name
from channels_app.files.pictures import Picture, read_picture, readable
from channels_app.files.refusal import FileFault, FileRefused
from channels_app.files.sniffing import HEAD, allowed, sniff

_KEY = re.compile(r"[0-9a-f]{32}(-thumb)?\Z")
CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file turned out to be. `part` and `thumbnail` lie beside their places until they are kept."""

    part: Path
    filename: str
    mime: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    thumbnail: Path | None = None


def new_key() -> str:
    """A key that nobody can guess."""
    return secrets.token_hex(16)


def thumbnail_key(key: str) -> str:
    return f"{key}-thumb"


def path_of(key: str) -> Path:
    """Where a key's file lies. :raises ValueError: it isn't a key of ours."""
    if not _KEY.match(key):
        raise ValueError("not a storage key")
    return Path(settings.MEDIA_ROOT) / key[:2] / key


def examine(key: str, chunks: Iterable[bytes], *, filename: str, max_size: int, types: list[str]) -> Facts:
    """Write a file beside its place, find out what it is, and clean it.

    :raises FileRefused: nothing of the file is left then.
    """
    part = _part(key)
    try:
        written = _fill(part, chunks, max_size)
        with part.open("rb") as file:
            mime = sniff(file.read(HEAD))
        if not allowed(mime, types):
            raise FileRefused(FileFault.TYPE_REFUSED, "Files of this type aren't allowed.")
        picture = read_picture(part, mime) if readable(mime) else None
        if picture and picture.clean is not None:
            written = _fill(part, [picture.clean], None)
        facts = Facts(part, clean_name(filename), mime, *written)
        return _with_picture(facts, picture) if picture else facts
    except BaseException:  # a named edge: whatever stopped it, no part of the file stays
        discard(part)
        raise


def _with_picture(facts: Facts, picture: Picture) -> Facts:
    small = facts.part.with_name(f"{facts.part.name}-thumb")
    _fill(small, [picture.thumbnail], None)
    return replace(facts, width=picture.width, height=picture.height, thumbnail=small)


def _part(key: str) -> Path:
    """A place beside the key's that no other upload of it uses."""
    place = path_of(key)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place.with_name(f"{key}.{secrets.token_hex(4)}")


def _fill(path: Path, chunks: Iterable[bytes], max_size: int | None) -> tuple[int, str]:
    """Write chunks as they come; gives size and SHA-256 (hex). A cleaned file may be larger than it came."""
    digest = hashlib.sha256()
    size = 0
    with open(path, "wb", opener=_private) as file:
        for chunk in chunks:
            size += len(chunk)
            if max_size is not None and size > max_size:
                raise FileRefused(FileFault.TOO_LARGE, "The file is larger than %(size)d KB.", size=max_size // 1024)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def keep(key: str, facts: Facts) -> str:
    """Move an examined file to its place; gives the thumbnail's key, or an empty text."""
    facts.part.replace(path_of(key))
    if facts.thumbnail is None:
        return ""
    facts.thumbnail.replace(path_of(thumbnail_key(key)))
    return thumbnail_key(key)


def discard(part: Path) -> None:
    """Remove what an upload left beside its place."""
    part.unlink(missing_ok=True)
    part.with_name(f"{part.name}-thumb").unlink(missing_ok=True)


def delete(key: str) -> None:
    """Remove a key's file, its thumbnail, and what broken uploads left beside them."""
    place = path_of(key)
    for found in place.parent.glob(f"{key}*"):
        found.unlink(missing_ok=True)
