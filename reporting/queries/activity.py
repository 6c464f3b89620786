"""Queue activity now: what waits, who talks, who is there. From current rows; the cost doesn't grow with history.

* waiting: open visits, by the partial index `visit_one_open`;
* interacting, after-call work, parked: assignments that aren't done, by `assignment_open_agent`;
* agents: members with their state row; the last half hour: `reporting.queries.recent`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from agents.models import AgentLoad, Medium, User
from agents.presence import TAKES_WORK, RoutingStatus
from reporting.queries.recent import Recent, recent
from routing.models import Assignment, InboundRoute, Queue, QueueMember, QueueVisit

WARN_POINTS = 10  # percent points under the target that are still amber
BAD_TIMES = 3  # waiting so many times the queue's time is red


@dataclass(frozen=True, slots=True)
class Now:
    """One queue's present in one medium, or the sum of several."""

    waiting: int = 0
    longest_since: datetime | None = None
    interacting: int = 0
    wrapup: int = 0
    parked: int = 0
    recent: Recent = field(default_factory=Recent)

    def __add__(self, other: Now) -> Now:
        began = [since for since in (self.longest_since, other.longest_since) if since]
        return Now(
            self.waiting + other.waiting,
            min(began, default=None),
            self.interacting + other.interacting,
            self.wrapup + other.wrapup,
            self.parked + other.parked,
            self.recent + other.recent,
        )


@dataclass(frozen=True, slots=True)
class Agents:
    """Agents by routing status; `members` are all of them, on queue or not."""

    by_status: Mapping[str, int] = field(default_factory=dict)

    @property
    def members(self) -> int:
        return sum(self.by_status.values())

    @property
    def idle(self) -> int:
        return self.by_status.get(RoutingStatus.IDLE, 0)

    @property
    def interacting(self) -> int:
        return self.by_status.get(RoutingStatus.INTERACTING, 0)

    @property
    def not_responding(self) -> int:
        return self.by_status.get(RoutingStatus.NOT_RESPONDING, 0)

    @property
    def off_queue(self) -> int:
        return self.by_status.get(RoutingStatus.OFF_QUEUE, 0)

    @property
    def on_queue(self) -> int:
        return self.members - self.off_queue


def grade(level: float | None, target: Decimal | float) -> str:
    """ok, warn or bad for a service level against its target; "" without one."""
    if level is None:
        return ""
    short = float(target) - level
    return "ok" if short <= 0 else "warn" if short <= WARN_POINTS else "bad"


def wait_grade(since: datetime | None, within: timedelta, now: datetime) -> str:
    """ "" · warn past the queue's time · bad past three times that."""
    waited = now - since if since else timedelta(0)
    return "bad" if waited > BAD_TIMES * within else "warn" if waited > within else ""


@dataclass(frozen=True, slots=True)
class QueueActivity:
    """A row of the table. `media`: medium → its part, if there is more than one with something to show."""

    queue: Queue
    now: Now
    agents: Agents
    media: Mapping[str, Now]
    channels: tuple[str, ...]
    wait_grade: str

    @property
    def level_grade(self) -> str:
        return grade(self.now.recent.service_level, self.queue.service_level)

    @property
    def parts(self) -> list[tuple[str, Now]]:
        """The media by name, when there are several."""
        if len(self.media) < 2:
            return []
        return [(str(medium.label), self.media[medium.value]) for medium in Medium if medium.value in self.media]


@dataclass(frozen=True, slots=True)
class Activity:
    """All rows, the longest wait first, and the sums. `slots`: capacity of the agents who take work now."""

    rows: list[QueueActivity]
    now: Now
    agents: Agents
    slots: int
    slots_used: Decimal

    @property
    def target(self) -> float:
        """The rows' targets, each weighted by what it decided; their plain mean before there is anything."""
        decided = [(row.now.recent.decided, float(row.queue.service_level)) for row in self.rows]
        weights = sum(weight for weight, _ in decided)
        if weights:
            return sum(weight * target for weight, target in decided) / weights
        return sum(target for _, target in decided) / len(decided) if decided else 0.0

    @property
    def level_grade(self) -> str:
        return grade(self.now.recent.service_level, self.target)

    @property
    def queues_waiting(self) -> int:
        """In how many queues somebody waits."""
        return sum(1 for row in self.rows if row.now.waiting)

    @property
    def longest(self) -> QueueActivity | None:
        """The queue with the longest wait."""
        return self.rows[0] if self.rows and self.rows[0].now.longest_since else None


def activity(queues: Collection[Queue], now: datetime, medium: str = "") -> Activity:
    """The activity of these queues, in all media or one. Seven queries, however many queues."""
    found = list(queues)
    ids = [queue.id for queue in found]
    present = _present(ids, now, medium)
    staff, channels = _staff(ids), _channels(ids)
    rows = [_row(queue, present, staff, channels, now) for queue in found]
    slots, used = _slots(ids, medium)
    return Activity(
        sorted(rows, key=_urgency),
        reduce(Now.__add__, (row.now for row in rows), Now()),
        _people(ids),
        slots,
        used,
    )


def _urgency(row: QueueActivity) -> tuple[float, str]:
    return (row.now.longest_since.timestamp() if row.now.longest_since else float("inf"), row.queue.name)


def _row(
    queue: Queue,
    present: Mapping[tuple[uuid.UUID, str], Now],
    staff: Mapping[uuid.UUID, Agents],
    channels: Mapping[uuid.UUID, tuple[str, ...]],
    now: datetime,
) -> QueueActivity:
    media = {medium.value: present[queue.id, medium.value] for medium in Medium if (queue.id, medium.value) in present}
    total = reduce(Now.__add__, media.values(), Now())
    grade_of_wait = wait_grade(total.longest_since, queue.service_level_within, now)
    return QueueActivity(queue, total, staff.get(queue.id, Agents()), media, channels.get(queue.id, ()), grade_of_wait)


def _present(ids: Collection[uuid.UUID], now: datetime, medium: str) -> dict[tuple[uuid.UUID, str], Now]:
    found: dict[tuple[uuid.UUID, str], Now] = {}
    for (queue, kind), part in (*_waiting(), *_working(), *_recently(ids, now)):
        if queue in ids and medium in ("", kind):
            found[queue, kind] = found.get((queue, kind), Now()) + part
    return found


Part = tuple[tuple[uuid.UUID, str], Now]


def _waiting() -> Iterable[Part]:
    """Of all queues: named ones would lead the planner to the index by queue, and so through all history."""
    rows = (
        QueueVisit.objects.filter(left_at=None)
        .values_list("queue_id", "routing_pass__medium")
        .annotate(Count("id"), Min("entered_at"))
        .order_by()
    )
    return [((queue, medium), Now(waiting=count, longest_since=since)) for queue, medium, count, since in rows]


def _working() -> Iterable[Part]:
    states = Assignment.State
    rows = (
        open_work()
        .values_list("queue_id", "medium")
        .annotate(
            talk=Count("id", filter=Q(state=states.CONNECTED)),
            after=Count("id", filter=Q(state=states.WRAPUP)),
            aside=Count("id", filter=Q(state=states.PARKED)),
        )
        .order_by()
    )
    return [
        ((queue, medium), Now(interacting=talk, wrapup=after, parked=aside))
        for queue, medium, talk, after, aside in rows
    ]


def open_work() -> QuerySet[Assignment]:
    """Assignments that aren't done."""
    return Assignment.objects.exclude(state=Assignment.State.DONE)


def _recently(ids: Collection[uuid.UUID], now: datetime) -> Iterable[Part]:
    return [(key, Now(recent=part)) for key, part in recent(ids, now).items()]


def _members(ids: Collection[uuid.UUID]) -> dict[str, Any]:
    return {"queue__in": ids, "active": True, "user__is_active": True}


def _staff(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Agents]:
    rows = (
        QueueMember.objects.filter(**_members(ids)).values_list("queue_id", "user__state__status").annotate(Count("id"))
    )
    found: dict[uuid.UUID, dict[str, int]] = {}
    for queue, status, count in rows.order_by():
        _add(found.setdefault(queue, {}), status, count)
    return {queue: Agents(counts) for queue, counts in found.items()}


def _people(ids: Collection[uuid.UUID]) -> Agents:
    """Everybody once, also who serves several queues."""
    rows = User.objects.filter(id__in=_serving(ids)).values_list("state__status").annotate(Count("id")).order_by()
    found: dict[str, int] = {}
    for status, count in rows:
        _add(found, status, count)
    return Agents(found)


def _serving(ids: Collection[uuid.UUID]) -> QuerySet[Any]:
    return QueueMember.objects.filter(**_members(ids)).values("user")


def _add(counts: dict[str, int], status: str | None, count: int) -> None:
    """Who never worked has no state row: off queue."""
    key = status or RoutingStatus.OFF_QUEUE.value
    counts[key] = counts.get(key, 0) + count


def _slots(ids: Collection[uuid.UUID], medium: str) -> tuple[int, Decimal]:
    rows = AgentLoad.objects.filter(user__in=_serving(ids), user__state__status__in=TAKES_WORK)
    rows = rows.filter(medium=medium or Medium.MESSAGE)
    sums = rows.aggregate(limit=Sum(F("limit")), used=Sum("in_use"))
    return sums["limit"] or 0, sums["used"] or Decimal(0)


def _channels(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """The kinds of channel that lead to each queue now: a route that is off leads nowhere."""
    routes = InboundRoute.objects.filter(queue__in=ids, active=True)
    rows = routes.order_by("channel__kind").values_list("queue_id", "channel__kind")
    found: dict[uuid.UUID, tuple[str, ...]] = {}
    for queue, kind in rows.distinct():
        found[queue] = (*found.get(queue, ()), kind)
    return found
