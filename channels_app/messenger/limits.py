"""Limits of the guest protocol: token buckets in memory on the message path, counted in Redis where a guest begins."""

from __future__ import annotations

import ipaddress
import math
import time
import uuid
import weakref
from dataclasses import dataclass, field

from django.conf import settings

from contactcenter.kernel.limits import check_rate


@dataclass(slots=True, weakref_slot=True)
class Bucket:
    """`rate` a second on average, `burst` at once. A rate of 0 is no limit."""

    rate: float
    burst: float
    level: float = field(init=False)
    at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.level = self.burst

    def take(self) -> int:
        """0: taken. Otherwise the whole seconds until one may be taken."""
        if not self.rate:
            return 0
        now = time.monotonic()
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0
        return math.ceil((1 - self.level) / self.rate)

    @property
    def low(self) -> bool:
        """Less than half is left: somebody is in a hurry."""
        return bool(self.rate) and self.level < self.burst / 2


def a_minute(number: int) -> Bucket:
    """So many a minute, all at once if need be."""
    return Bucket(number / 60, number)


WINDOW = 3  # seconds in which the messages of a hurried session are counted over all processes
_of_sessions: weakref.WeakValueDictionary[uuid.UUID, Bucket] = weakref.WeakValueDictionary()


def messages_of(session_id: uuid.UUID) -> Bucket:
    """The messages of a session, shared by its sockets of this process."""
    rate = settings.CC_GUEST_MESSAGES_PER_SECOND
    return _of_sessions.setdefault(session_id, Bucket(rate, rate))


def check_messages(session_id: uuid.UUID) -> None:
    """The same over all processes, counted in Redis; to be asked only of those in a hurry, so that it costs others
    nothing. What one process lets through by itself is never too much here.

    :raises TooFast: the session's sockets of several processes write too fast together.
    """
    most = math.ceil(settings.CC_GUEST_MESSAGES_PER_SECOND * (WINDOW + 0.5))
    check_rate("guest-messages", str(session_id), limit=most, seconds=WINDOW)


def check_connection(deployment_id: uuid.UUID, address: str) -> None:
    """:raises TooFast: too many connections of a deployment, or of a public address."""
    _check("guest-deployment", str(deployment_id), settings.CC_GUEST_CONNECTIONS_PER_MINUTE)
    if is_public(address):
        _check("guest-address", address, settings.CC_GUEST_ADDRESS_PER_MINUTE)


def check_configure(session_key: str) -> None:
    """:raises TooFast: a session is configured over and over."""
    _check("guest-configure", session_key, settings.CC_GUEST_CONFIGURES_PER_MINUTE)


def check_history(session_id: uuid.UUID) -> None:
    """:raises TooFast: too many pages of history."""
    _check("guest-history", str(session_id), settings.CC_GUEST_HISTORY_PER_MINUTE)


def check_token(address: str) -> None:
    """:raises TooFast: too many sign-ins, or tries of one, of a public address."""
    if is_public(address):
        _check("guest-token", address, settings.CC_GUEST_TOKENS_PER_MINUTE)


def _check(name: str, key: str, limit: int) -> None:
    if limit:
        check_rate(name, key, limit=limit, seconds=60)


def is_public(address: str) -> bool:
    """Others are proxies, offices and tests: many people behind one of them."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def client_address(peer: str, forwarded: str | None) -> str:
    """Who asks. Behind a proxy of ours the last entry that it added, else the peer."""
    if settings.CC_BEHIND_PROXY and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return peer
