"""What a file is, by its content. Pure: bytes in, a MIME type out."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

import filetype

from channels_app.files.refusal import FileFault, FileRefused

MediaType = Literal["image", "video", "audio", "file"]
_MEDIA: dict[str, MediaType] = {"image": "image", "video": "video", "audio": "audio"}
HEAD = 65_536  # bytes that are looked at
UNKNOWN = "application/octet-stream"
#: images whose pixels we read and write again: whatever else was in the file is gone
REWRITTEN = frozenset({"image/jpeg", "image/png", "image/apng", "image/webp"})
#: what a browser may show in place
INLINE_IMAGES = REWRITTEN | {"image/gif"}

_PROGRAMS = (
    b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"#!", b"dex\n", b"\x00asm", b"L\x00\x00\x00\x01\x14\x02\x00",
)  # fmt: skip
_PROGRAM_TYPES = frozenset({
    "application/x-msdownload", "application/x-executable", "application/x-shockwave-flash",
    "application/x-google-chrome-extension", "application/x-deb", "application/x-rpm", "application/wasm",
})  # fmt: skip
_PROGRAM_ARCHIVES = (b"META-INF/MANIFEST.MF", b"AndroidManifest.xml", b"classes.dex")
_MARKUP = re.compile(r"\s*<(!doctype|!--|!\[|\?xml|\?php|[a-z][a-z0-9:_-]*[\s/>])", re.IGNORECASE)
_MARKUP_INSIDE = re.compile(rb"<(script|svg|html|iframe|body|object|embed|!doctype|\?php)[\s/>]", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def sniff(head: bytes) -> str:
    """The MIME type of a file that begins with `head` (up to HEAD bytes); unknown binaries are octet streams.

    :raises FileRefused: it is empty; it is a program, HTML, SVG or other markup.
    """
    if not head:
        raise FileRefused(FileFault.EMPTY, "The file is empty.")
    found = _guess(head)
    if _is_program(head, found) or (found is None and _is_markup(head)) or _hides_markup(head, found):
        raise FileRefused(FileFault.TYPE_REFUSED, "Files of this type aren't allowed.")
    return found or ("text/plain" if _is_text(head) else UNKNOWN)


def allowed(mime: str, patterns: Sequence[str]) -> bool:
    """Whether a type is among `image/png`, `image/*`, `*/*` …; no patterns: every type."""
    return not patterns or any(fnmatchcase(mime, pattern.lower()) for pattern in patterns)


def media_type(mime: str) -> MediaType:
    """The kind of attachment in our content for a MIME type."""
    return _MEDIA.get(mime.partition("/")[0], "file")


def _guess(head: bytes) -> str | None:
    """By the first bytes. Two letters make a Windows program, so a text that begins with them isn't one."""
    guessed: str | None = filetype.guess_mime(head)
    return None if guessed == "application/x-msdownload" and _is_text(head) else guessed


def _is_program(head: bytes, found: str | None) -> bool:
    if head.startswith(_PROGRAMS) or found in _PROGRAM_TYPES:
        return True
    return head.startswith(b"PK\x03\x04") and any(name in head for name in _PROGRAM_ARCHIVES)


def _is_markup(head: bytes) -> bool:
    text = _as_text(head)
    return text is not None and _MARKUP.match(text.lstrip("\ufeff")) is not None


def _hides_markup(head: bytes, found: str | None) -> bool:
    """A picture that is also a page. Those that are written again lose it on the way."""
    shown = found is not None and found.startswith("image/") and found not in REWRITTEN
    return shown and _MARKUP_INSIDE.search(head) is not None


def _is_text(head: bytes) -> bool:
    return _as_text(head) is not None


def _as_text(head: bytes) -> str | None:
    """The beginning as text, if it reads like one: UTF-8, UTF-16 with a mark, or an old 8-bit code page."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    if _CONTROL.search(head):
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("latin-1")
