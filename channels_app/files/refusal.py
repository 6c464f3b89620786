"""The one error of files."""

from __future__ import annotations

from enum import StrEnum

from contactcenter.kernel.errors import Refused


class FileFault(StrEnum):
    """Why a file isn't taken. Who speaks another protocol has its own codes for these."""

    TYPE_REFUSED = "file_type"
    TOO_LARGE = "file_too_large"
    CONTENT_REFUSED = "file_content"
    NAME_INVALID = "file_name"
    NAME_TOO_LONG = "file_name_too_long"
    EMPTY = "file_empty"
    NOT_FOUND = "file_not_found"
    NOT_UPLOADED = "file_not_uploaded"
    ID_TAKEN = "file_id_taken"
    TOO_MANY = "too_many_files"
    MISSING = "file_missing"
    STORAGE_FAILED = "file_storage"


class FileRefused(Refused):
    """This file can't be taken."""

    def __init__(self, fault: FileFault, message: str, **values: object) -> None:
        super().__init__(message, code=fault.value, **values)
        self.fault = fault
