"""The one error of files."""

from __future__ import annotations

from contactcenter.kernel.errors import Refused


class FileRefused(Refused):
    """This file can't be taken."""

    def __init__(self, number: int, message: str, **values: object) -> None:
        """`number` is a code of `channels_app.messenger.errors`."""
        super().__init__(message, code=str(number), **values)
        self.number = number
