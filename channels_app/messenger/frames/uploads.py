"""A guest's wish to upload a file: its name, type and size are checked before an address is given out.

The bytes themselves are checked when they arrive; what a client says about them proves nothing.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from channels_app.messenger import errors
from channels_app.messenger.errors import FrameError

from .reader import Fields, read_token
from .values import Limits, OnAttachment, Request

# Folders, control characters, and marks that turn the writing direction and so disguise an extension.
_UNSAFE_NAME = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def read_upload(frame: Fields, tracing_id: str | None, limits: Limits) -> Request:
    attachment_id = frame.text("attachmentId") or None
    errors_as_json = frame.flag("errorsAsJson")
    try:
        return OnAttachment(
            tracing_id=tracing_id,
            token=read_token(frame),
            attachment_id=attachment_id,
            errors_as_json=errors_as_json,
            file_name=_file_name(frame, limits),
            file_type=_file_type(frame, limits),
            file_size=_file_size(frame, limits),
            file_md5=frame.text("fileMd5"),
        )
    except FrameError as error:
        error.attachment_id = attachment_id if errors_as_json else None
        raise


def _file_name(frame: Fields, limits: Limits) -> str:
    name = frame.text("fileName", None)
    if not name:
        raise frame.missing("fileName")
    if len(name) >= limits.file_name_length:
        raise FrameError(
            errors.FILE_NAME_TOO_LONG, f"File name length {len(name)} isn't below {limits.file_name_length}"
        )
    extension = PurePosixPath(name).suffix.lower().rstrip()
    if len(extension) < 2 or _UNSAFE_NAME.search(name):
        raise FrameError(errors.FILE_NAME_INVALID, "File name is invalid or has no extension")
    if extension in limits.blocked_extensions:
        raise FrameError(errors.FILE_TYPE_INVALID, f"File type {extension[:32]} is not allowed")
    return name


def _file_type(frame: Fields, limits: Limits) -> str:
    file_type = (frame.text("fileType") or "application/octet-stream").lower()
    essence = file_type.partition(";")[0].strip()
    if not any(fnmatchcase(essence, allowed.lower()) for allowed in limits.file_types):
        raise FrameError(errors.FILE_TYPE_INVALID, f"File type {essence} is not allowed")
    return file_type


def _file_size(frame: Fields, limits: Limits) -> int | None:
    size = frame.whole("fileSize")
    if size == 0:
        raise FrameError(errors.FILE_EMPTY, "File is empty")
    if size is not None and size > limits.max_file_size_kb * 1024:
        raise FrameError(errors.FILE_TOO_LARGE, f"File is larger than {limits.max_file_size_kb} KB")
    return size
