"""The closed error tree of actions. The class's docstring is its default message, fit for people."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc


class ContactCentreError(Exception):
    """Something went wrong."""

    status = 500

    def __init__(self, message: str = "", *, code: str = "", **values: object) -> None:
        """`values` fill the message's `%(name)s`. The message is English: protocols and logs want it so."""
        self._text = message or cleandoc(type(self).__doc__ or "")
        self._values = values
        self.message = self._text % values if values else self._text
        self.code = code or type(self).__name__
        super().__init__(self.message)

    def said(self, gettext: Callable[[str], str]) -> str:
        """The message in the reader's language; the catalogues take in what errors of this tree say."""
        text = gettext(self._text)
        return text % self._values if self._values else text


class Refused(ContactCentreError):
    """This isn't possible now."""

    status = 422


class NotAllowed(ContactCentreError):
    """You don't have the permission for this."""

    status = 403


class NotFound(ContactCentreError):
    """This doesn't exist, or not any more."""

    status = 404


class AlreadyTaken(Refused):
    """Somebody else was faster."""

    status = 409


class LimitReached(Refused):
    """The limit is reached."""

    status = 409


class TooFast(Refused):
    """Too many requests. Try again in a moment."""

    status = 429

    def __init__(self, message: str = "", *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
