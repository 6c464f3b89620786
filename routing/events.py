"""Events of routing: passes, visits, offers, assignments."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from contactcenter.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PassOpened(Event):
    """Work on a conversation began."""

    name = "pass.opened"
    pass_id: uuid.UUID
    medium: str
    priority: int
    only_agent_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PassClosed(Event):
    """Work on a conversation ended, by whom and with what outcome."""

    name = "pass.closed"
    pass_id: uuid.UUID
    outcome: str
    closed_by: str
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class VisitEntered(Event):
    """A conversation entered a queue."""

    name = "visit.entered"
    pass_id: uuid.UUID
    visit_id: uuid.UUID
    medium: str


@dataclass(frozen=True, kw_only=True)
class VisitLeft(Event):
    """A conversation left a queue."""

    name = "visit.left"
    pass_id: uuid.UUID
    visit_id: uuid.UUID
    medium: str
    outcome: str
    waited_s: float


@dataclass(frozen=True, kw_only=True)
class OfferMade(Event):
    """A conversation alerts at an agent."""

    name = "offer.made"
    pass_id: uuid.UUID
    offer_id: uuid.UUID
    kind: str
    medium: str


@dataclass(frozen=True, kw_only=True)
class OfferClosed(Event):
    """It was accepted, declined, expired or withdrawn."""

    name = "offer.closed"
    pass_id: uuid.UUID
    offer_id: uuid.UUID
    kind: str
    medium: str
    state: str
    alerted_s: float
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AssignmentStarted(Event):
    """An agent is connected."""

    name = "assignment.started"
    pass_id: uuid.UUID
    assignment_id: uuid.UUID
    role: str
    medium: str


@dataclass(frozen=True, kw_only=True)
class AssignmentParked(Event):
    """The agent put it aside, until a time or a reply."""

    name = "assignment.parked"
    pass_id: uuid.UUID
    assignment_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class AssignmentResumed(Event):
    """Parked work is connected again."""

    name = "assignment.resumed"
    pass_id: uuid.UUID
    assignment_id: uuid.UUID
    parked_s: float


@dataclass(frozen=True, kw_only=True)
class AssignmentLeft(Event):
    """The agent's talking part ended: closed, transferred, taken away."""

    name = "assignment.left"
    pass_id: uuid.UUID
    assignment_id: uuid.UUID
    medium: str
    reason: str
    connected_s: float


@dataclass(frozen=True, kw_only=True)
class WrapUpDone(Event):
    """The wrap-up is over: a code, skipped, or the time-out code."""

    name = "wrapup.done"
    pass_id: uuid.UUID
    assignment_id: uuid.UUID
    medium: str
    code_id: uuid.UUID | None
    skipped: bool
    timed_out: bool
    wrapup_s: float


@dataclass(frozen=True, kw_only=True)
class TransferMade(Event):
    """A conversation went to another queue or agent."""

    name = "transfer.made"
    pass_id: uuid.UUID
    kind: str
    to_queue_id: uuid.UUID | None = None
    to_agent_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class SupervisionAssigned(Event):
    """A supervisor gave a conversation to an agent, perhaps past the agent's limit."""

    name = "supervision.assigned"
    pass_id: uuid.UUID
    by_id: uuid.UUID
    from_agent_id: uuid.UUID | None
    past_limit: bool


@dataclass(frozen=True, kw_only=True)
class SupervisionReturned(Event):
    """A supervisor took a conversation back to its queue."""

    name = "supervision.returned"
    pass_id: uuid.UUID
    by_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class SupervisionStatusChanged(Event):
    """A supervisor set an agent's presence or took them off the queue; the values after it."""

    name = "supervision.status_changed"
    by_id: uuid.UUID
    status: str
    presence: str
