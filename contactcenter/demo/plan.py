"""What a run of live customers is, and against which servers it may be played."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from contactcenter.kernel.errors import Refused


class NotHere(Refused):
    """Customers are only played against a server on this machine (a loopback address)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: `rate` messages a second over all customers, for so many seconds (0: until it is stopped)."""

    base_url: str
    deployments: list[str]
    rate: float
    seconds: float
    customers: int


def check_loopback(url: str) -> None:
    """:raises NotHere: for any address but this machine's own."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise NotHere
