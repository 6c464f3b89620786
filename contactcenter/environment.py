"""Settings from environment variables, as checked as a form: a wrong value fails at the start, by its name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

_NO = ("false", "off", "no", "n", "0", "")
N = TypeVar("N", int, float)


class Environment(environ.Env):
    """django-environ's reader; its `int`, `float` and `bool` name no variable, or guess, so these stand for them."""

    def whole(self, name: str, default: int, *, least: int = 1) -> int:
        """A whole number from `least` on. :raises ImproperlyConfigured: it is something else."""
        return self._number(int, name, default, least, "a whole number")

    def rate(self, name: str, default: int) -> int:
        """So many in a time; 0 is no limit. :raises ImproperlyConfigured: it is no such number."""
        return self.whole(name, default, least=0)

    def decimal(self, name: str, default: float, *, least: float = 0) -> float:
        """A number from `least` on. :raises ImproperlyConfigured: it is something else."""
        return self._number(float, name, default, least, "a number")

    def switch(self, name: str, *, default: bool = False) -> bool:
        """On or off. :raises ImproperlyConfigured: it is neither, which django-environ would read as off."""
        text = self.str(name, default=str(default)).strip().lower()
        if text in self.BOOLEAN_TRUE_STRINGS:
            return True
        if text in _NO:
            return False
        raise ImproperlyConfigured(f"{name} must be on or off, not {text!r}.")

    def token(self, name: str, *, least: int = 16) -> str:
        """A secret that others send us, or none. :raises ImproperlyConfigured: it is short enough to be guessed."""
        found = self.str(name, default="")
        if found and len(found) < least:
            raise ImproperlyConfigured(f"{name} must be at least {least} characters long, or empty.")
        return found

    def _number(self, cast: Callable[[str], N], name: str, default: N, least: N, what: str) -> N:
        text = self.str(name, default=str(default))
        try:
            found = cast(text)
        except ValueError:
            found = cast("-1")
        if found < least or not math.isfinite(found):
            raise ImproperlyConfigured(f"{name} must be {what}, at least {least}, not {text!r}.")
        return found
