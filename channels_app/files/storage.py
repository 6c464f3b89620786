"""Private files in Django's default storage: a folder, or S3.

A file is filled and examined in a folder of this machine, `incoming` beside the media folder, and put into the storage
whole, under a name of its own, before its row says so. So nobody ever sees half of one, and two uploads for one place
don't meet. A key is the place (32 hex digits) and, once there is a file, its name in that place.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from channels_app.files.names import clean_name
from channels_app.files.pictures import Picture, read_picture, readable
from channels_app.files.refusal import FileFault, FileRefused
from channels_app.files.sniffing import HEAD, allowed, sniff
from contactcenter.kernel import clock

log = structlog.get_logger(__name__)
_KEY = re.compile(r"[0-9a-f]{32}(/[0-9a-f]{8}(-thumb)?)?\Z")
CHUNK = 65_536
LEFT_OVER = 86_400  # seconds after which a part in `incoming` is nobody's


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file turned out to be. `part` and `thumbnail` lie in `incoming` until they are discarded."""

    part: Path
    filename: str
    mime: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    thumbnail: Path | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The keys of a file in the storage and of its small picture (empty: it has none)."""

    key: str
    thumbnail: str


def new_key() -> str:
    """A place that nobody can guess."""
    return secrets.token_hex(16)


def name_of(key: str) -> str:
    """A key's name in the storage. :raises ValueError: it isn't a key of ours."""
    if not _KEY.match(key):
        raise ValueError("not a storage key")
    return f"{key[:2]}/{key}"


# --- here, before it is kept ---------------------------------------------------------------------


def examine(chunks: Iterable[bytes], *, filename: str, max_size: int, types: list[str]) -> Facts:
    """Write a file into `incoming`, find out what it is, and clean it.

    :raises FileRefused: nothing of the file is left then.
    """
    part = _incoming() / secrets.token_hex(16)
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
    small = _thumbnail_of(facts.part)
    _fill(small, [picture.thumbnail], None)
    return replace(facts, width=picture.width, height=picture.height, thumbnail=small)


def _thumbnail_of(part: Path) -> Path:
    return part.with_name(f"{part.name}-thumb")


def _incoming() -> Path:
    """The folder of parts, without those of processes that were killed."""
    folder = Path(settings.MEDIA_ROOT).with_name("incoming")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    oldest = clock.now().timestamp() - LEFT_OVER
    for part in folder.iterdir():
        with suppress(FileNotFoundError):  # somebody else was faster
            if part.stat().st_mtime < oldest:
                part.unlink()
    return folder


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


def discard(part: Path) -> None:
    """Remove what is left of a file in `incoming`."""
    part.unlink(missing_ok=True)
    _thumbnail_of(part).unlink(missing_ok=True)


# --- in the storage ------------------------------------------------------------------------------


class _Part(File):
    """A part that a storage on the same disk moves instead of copying it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def keep(place: str, facts: Facts) -> Kept:
    """Put an examined file into the storage, whole or not at all. :raises FileRefused: the storage failed."""
    key = f"{place}/{secrets.token_hex(4)}"
    kept = Kept(key, f"{key}-thumb" if facts.thumbnail else "")
    try:
        if facts.thumbnail:
            _put(kept.thumbnail, facts.thumbnail)
        _put(kept.key, facts.part)
    except FileRefused:
        forget(kept)
        raise
    return kept


def _put(key: str, path: Path) -> None:
    with _failing_as_refusal("kept"), _Part(path) as part:
        default_storage.save(name_of(key), part)


def read(key: str, first: int = 0, last: int | None = None) -> bytes:
    """The bytes from `first` to and with `last`.

    :raises FileNotFoundError: it isn't there. :raises FileRefused: the storage failed.
    """
    name = name_of(key)
    with _failing_as_refusal("read"):
        storage: Any = default_storage
        if hasattr(storage, "read_range"):
            return bytes(storage.read_range(name, first, last))
        with storage.open(name) as file:
            file.seek(first)
            return bytes(file.read() if last is None else file.read(last - first + 1))


def opener(key: str) -> Callable[[], BinaryIO]:
    """What opens a key's file for reading, later and on any thread."""
    return lambda: default_storage.open(name_of(key))  # type: ignore[no-any-return]


def size_of(key: str) -> int:
    """In bytes. :raises FileNotFoundError: it isn't there. :raises FileRefused: the storage failed."""
    with _failing_as_refusal("read"):
        return default_storage.size(name_of(key))


def forget(kept: Kept) -> None:
    """Remove one file and its small picture again, as far as that goes: what stays is deleted with its place."""
    try:
        for key in filter(None, (kept.key, kept.thumbnail)):
            default_storage.delete(name_of(key))
    except Exception:  # a named edge: whatever the storage raises, what led here is to be told
        log.exception("file not removed", step="forget")


def delete(key: str) -> None:
    """Remove everything at a key's place, also what broken uploads left there. What isn't there is no error."""
    place = name_of(key.partition("/")[0])
    try:
        _, files = default_storage.listdir(place)
    except FileNotFoundError:
        return
    for file in files:
        default_storage.delete(f"{place}/{file}")
    default_storage.delete(place)  # in a file system the folder


@contextmanager
def _failing_as_refusal(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:  # a named edge: a network, rights or a full disk, by a library that isn't always there
        log.exception("file storage failed", step=what)
        raise FileRefused(FileFault.STORAGE_FAILED, "The file storage can't be reached. Please try again.") from error
