"""Where a conversation can be transferred to, with what one wants to know before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from agents.models import AgentLoad, User
from agents.presence import TAKES_WORK, RoutingStatus
from routing.models import Queue, QueueMember, RoutingPass

MOST = 50


@dataclass(frozen=True, slots=True)
class QueueTarget:
    """A queue: how many wait, and how many of its members take work now."""

    queue: Queue
    waiting: int
    on_queue: int


@dataclass(frozen=True, slots=True)
class AgentTarget:
    """A colleague: in which state, and with how many free slots for this medium (None: not known yet)."""

    agent: User
    status: str
    free: int | None

    @property
    def available(self) -> bool:
        return self.status in TAKES_WORK and self.free != 0


def queue_targets(search: str = "") -> list[QueueTarget]:
    """Active queues by name, at most 50."""
    waiting = RoutingPass.objects.filter(queue=OuterRef("pk"), state=RoutingPass.State.WAITING)
    serving = QueueMember.objects.filter(
        queue=OuterRef("pk"), active=True, user__is_active=True, user__state__status__in=TAKES_WORK
    )
    rows = (
        Queue.objects.filter(active=True, name__icontains=search)
        .annotate(waits=_count(waiting, "queue"), serving=_count(serving, "queue"))
        .order_by("name")[:MOST]
    )
    return [QueueTarget(row, row.waits, row.serving) for row in rows]


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)


def agent_targets(agent: User, medium: str, search: str = "") -> list[AgentTarget]:
    """Colleagues by name, those who can take it first, at most 50."""
    named = Q(name__icontains=search) | Q(alias__icontains=search)
    people = (
        User.objects.filter(named, is_active=True, state__isnull=False)
        .exclude(id=agent.id)
        .select_related("state", "team")
        .alias(off=Case(When(state__status=RoutingStatus.OFF_QUEUE, then=1), default=0))
        .order_by("off", "name")[:MOST]
    )
    found = list(people)
    loads = {load.user_id: load for load in AgentLoad.objects.filter(user__in=found, medium=medium)}
    targets = [_target(person, loads.get(person.id)) for person in found]
    return sorted(targets, key=lambda target: not target.available)


def _target(person: User, load: AgentLoad | None) -> AgentTarget:
    free = max(0, int(load.limit - load.in_use)) if load else None
    return AgentTarget(person, person.state.status, free)
