"""Events of routing: passes, visits, offers, assignments.

Those of passes, visits and assignments carry channel and medium, so that no fact has to be joined to its beginning.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from contactcenter.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class OfPass(Event):
    """What they share. (No name: no event by itself.)"""

    pass_id: uuid.UUID
    channel_id: uuid.UUID
    medium: str


@dataclass(frozen=True, kw_only=True)
class PassOpened(OfPass):
    """Work on a conversation began."""

    name = "pass.opened"
    priority: int


@dataclass(frozen=True, kw_only=True)
class PassClosed(OfPass):
    """Work on a conversation ended, by whom and with what outcome."""

    name = "pass.closed"
    outcome: str
    closed_by: str
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class VisitEntered(OfPass):
    """A conversation entered a queue."""

    name = "visit.entered"
    visit_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class VisitLeft(OfPass):
    """A conversation left a queue."""

    name = "visit.left"
    visit_id: uuid.UUID
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
class AssignmentStarted(OfPass):
    """An agent is connected."""

    name = "assignment.started"
    assignment_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class AssignmentParked(OfPass):
    """The agent put it aside, until a time or a reply."""

    name = "assignment.parked"
    assignment_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class AssignmentResumed(OfPass):
    """Parked work is connected again."""

    name = "assignment.resumed"
    assignment_id: uuid.UUID
    parked_s: float


@dataclass(frozen=True, kw_only=True)
class AssignmentLeft(OfPass):
    """The agent's talking part ended: closed, transferred, taken away; `while_parked`: they had put it aside then."""

    name = "assignment.left"
    assignment_id: uuid.UUID
    reason: str
    while_parked: bool
    talked_s: float
    parked_s: float


@dataclass(frozen=True, kw_only=True)
class WrapUpDone(OfPass):
    """The wrap-up is over: a code, skipped, or the time-out code."""

    name = "wrapup.done"
    assignment_id: uuid.UUID
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
