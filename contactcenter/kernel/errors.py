"""The closed error tree of actions. The class's docstring is its default message, fit for people."""

from __future__ import annotations

from inspect import cleandoc


class ContactCentreError(Exception):
    """Something went wrong."""

    status = 500

    def __init__(self, message: str = "", *, code: str = "") -> None:
        self.message = message or cleandoc(type(self).__doc__ or "")
        self.code = code or type(self).__name__
        super().__init__(self.message)


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
