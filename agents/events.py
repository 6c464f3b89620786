"""Events of agents: presence and routing status."""

from __future__ import annotations

from dataclasses import dataclass

from contactcenter.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PresenceChanged(Event):
    """An agent chose another presence."""

    name = "presence.changed"
    previous: str
    presence: str


@dataclass(frozen=True, kw_only=True)
class RoutingStatusChanged(Event):
    """An agent's routing status changed, by themselves, by load or by the system."""

    name = "routing_status.changed"
    previous: str
    status: str
    reason: str = ""
