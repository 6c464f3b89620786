"""The list of interactions: one row for each stretch of work (a routing pass), the newest first.

Paged by key: ids tell the start, so order, time range and page all are a range of the primary key.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from agents.models import User
from contactcenter.kernel import ids
from routing import measures
from routing.models import Assignment, QueueVisit, RoutingPass

PAGE = 50
_State = RoutingPass.State
STATES = ("open", "waiting", "connected", "parked", "after_call", "handled", "abandoned", "flow_out")
OPEN_STATES = frozenset({"open", "waiting", "connected", "parked", "after_call"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionFilter:
    """What is asked for. `since`, `until`: when the work began; `kind`: kind of channel, the message type."""

    since: datetime | None = None
    until: datetime | None = None
    search: str = ""
    medium: str = ""
    kind: str = ""
    channel: uuid.UUID | None = None
    queue: uuid.UUID | None = None
    agent: uuid.UUID | None = None
    state: str = ""
    code: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """A row. `waited` sums all stays in queues so far, `handled` talk and after-call work of all agents."""

    work: RoutingPass
    agents: list[User]
    codes: list[str]
    waited: timedelta | None
    waits_since: datetime | None
    handled: timedelta | None
    state: str
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class InteractionPage:
    """Rows, the newest first, and the keys of the pages beside it; None: there is none."""

    rows: list[Interaction] = field(default_factory=list)
    older: uuid.UUID | None = None
    newer: uuid.UUID | None = None


def page(
    wanted: InteractionFilter, now: datetime, *, before: uuid.UUID | None = None, after: uuid.UUID | None = None
) -> InteractionPage:
    """The newest page, the one older than the key `before`, or the one newer than `after`. Three queries."""
    found = matching(wanted)
    if after is not None:
        nearest = list(_with_all(found.filter(id__gt=after).order_by("id"))[: PAGE + 1])
        more_newer, passes = len(nearest) > PAGE, nearest[:PAGE][::-1]
        return InteractionPage(
            rows_of(passes, now), passes[-1].id if passes else None, _first(passes) if more_newer else None
        )
    rows = _with_all(found.filter(id__lt=before) if before else found).order_by("-id")
    nearest = list(rows[: PAGE + 1])
    passes = nearest[:PAGE]
    older = passes[-1].id if len(nearest) > PAGE else None
    return InteractionPage(rows_of(passes, now), older, _first(passes) if before else None)


def _first(passes: Sequence[RoutingPass]) -> uuid.UUID | None:
    return passes[0].id if passes else None


def matching(wanted: InteractionFilter) -> QuerySet[RoutingPass]:
    """All that is asked for."""
    found = RoutingPass.objects.all()
    if wanted.since is not None:
        found = found.filter(id__gte=ids.floor(wanted.since))
    if wanted.until is not None:
        found = found.filter(id__lt=ids.floor(wanted.until))
    plain: dict[str, Any] = {
        "medium": wanted.medium,
        "conversation__channel__kind": wanted.kind,
        "conversation__channel_id": wanted.channel,
        "conversation__address__contact__name__icontains": wanted.search,
    }
    found = found.filter(**{name: value for name, value in plain.items() if value})
    return _in_state(_by_people(found, wanted), wanted.state)


def _by_people(found: QuerySet[RoutingPass], wanted: InteractionFilter) -> QuerySet[RoutingPass]:
    works = Assignment.objects.filter(routing_pass=OuterRef("pk"))
    if wanted.queue is not None:
        visits = QueueVisit.objects.filter(routing_pass=OuterRef("pk"), queue_id=wanted.queue)
        found = found.filter(Q(Exists(visits)) | Q(queue_id=wanted.queue))
    if wanted.agent is not None:
        found = found.filter(Exists(works.filter(agent_id=wanted.agent)))
    if wanted.code is not None:
        found = found.filter(Exists(works.filter(wrapup__code_id=wanted.code)))
    return found


def _in_state(found: QuerySet[RoutingPass], state: str) -> QuerySet[RoutingPass]:
    after = Assignment.objects.filter(routing_pass=OuterRef("pk"), state=Assignment.State.WRAPUP)
    conditions: dict[str, Q] = {
        "open": ~Q(state=_State.CLOSED),
        "waiting": Q(state__in=[_State.WAITING, _State.OFFERED]),
        "connected": Q(state=_State.CONNECTED),
        "parked": Q(state=_State.PARKED),
        "after_call": Q(Exists(after)),
        "handled": Q(state=_State.CLOSED, outcome=RoutingPass.Outcome.HANDLED),
        "abandoned": Q(outcome=RoutingPass.Outcome.ABANDONED),
        "flow_out": Q(outcome=RoutingPass.Outcome.FLOW_OUT),
    }
    return found.filter(conditions[state]) if state in conditions else found


def _with_all(found: QuerySet[RoutingPass]) -> QuerySet[RoutingPass]:
    return found.select_related("conversation__address__contact", "conversation__channel", "queue")


def rows_of(passes: Collection[RoutingPass], now: datetime) -> list[Interaction]:
    """The rows of these passes. Two queries."""
    keys = [one.id for one in passes]
    works: dict[uuid.UUID, list[Assignment]] = {}
    rows = Assignment.objects.filter(routing_pass__in=keys).select_related("agent", "wrapup__code")
    for work in rows.order_by("connected_at"):
        works.setdefault(work.routing_pass_id, []).append(work)
    visits: dict[uuid.UUID, list[QueueVisit]] = {}
    for visit in QueueVisit.objects.filter(routing_pass__in=keys).order_by("entered_at"):
        visits.setdefault(visit.routing_pass_id, []).append(visit)
    return [_row(one, works.get(one.id, []), visits.get(one.id, []), now) for one in passes]


def _row(one: RoutingPass, works: Sequence[Assignment], visits: Sequence[QueueVisit], now: datetime) -> Interaction:
    stays = [(visit.entered_at, visit.left_at) for visit in visits]
    wraps = [work.wrapup for work in works if hasattr(work, "wrapup")]
    return Interaction(
        one,
        list({work.agent_id: work.agent for work in works}.values()),
        [wrap.code.name for wrap in wraps if wrap.code and not wrap.timed_out],
        measures.waited(stays, now),
        measures.waits_since(stays),
        sum((_handled(work, now) for work in works), timedelta(0)) if works else None,
        state_of(one, works),
        any(wrap.timed_out for wrap in wraps),
    )


def talked(work: Assignment, now: datetime) -> timedelta:
    """An agent's talk with it, without what was parked."""
    parked_at = work.parked_at if work.state == Assignment.State.PARKED else None
    return measures.talked(work.connected_at, work.left_at, now, parked=work.parked_for, parked_at=parked_at)


def _handled(work: Assignment, now: datetime) -> timedelta:
    return talked(work, now) + measures.after_call(work.left_at, work.done_at, now)


def state_of(one: RoutingPass, works: Sequence[Assignment]) -> str:
    """One of `STATES` but `open`; "closed" for what neither had an agent nor a queue."""
    if one.state == _State.CLOSED:
        owed = any(work.state == Assignment.State.WRAPUP for work in works)
        return "after_call" if owed else one.outcome or "closed"
    return "waiting" if one.state in (_State.WAITING, _State.OFFERED) else one.state
