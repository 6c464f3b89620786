"""Events of guest sessions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from contactcenter.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SessionAuthenticated(Event):
    """A guest session turned out to be a known customer's. `merged`: two conversations became one."""

    name = "session.authenticated"
    session_id: uuid.UUID
    address_id: uuid.UUID
    merged: bool


@dataclass(frozen=True, kw_only=True)
class SessionRevoked(Event):
    """A known customer signed out: the session is over."""

    name = "session.revoked"
    session_id: uuid.UUID
