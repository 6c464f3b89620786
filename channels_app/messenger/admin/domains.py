"""Allowed domains as people write them: one host on a line. Pure."""

from __future__ import annotations

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")


class BadHost(ValueError):
    """A line that isn't a host."""

    def __init__(self, line: int, text: str, *, is_address: bool) -> None:
        super().__init__(text)
        self.line, self.text, self.is_address = line, text, is_address


def parse(text: str) -> list[str]:
    """Hosts in lower case (international ones in their ASCII form), each once, in the order given.

    :raises BadHost: with the number of the line; `is_address`: a whole address was written.
    """
    found: dict[str, None] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        host = line.strip().lower()
        if host:
            found[_host(number, host)] = None
    return list(found)


def _host(number: int, host: str) -> str:
    if "/" in host:
        raise BadHost(number, host, is_address=True)
    try:
        plain = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise BadHost(number, host, is_address=False) from None
    if len(plain) > 253 or not _HOST.fullmatch(plain):
        raise BadHost(number, host, is_address=False)
    return plain
