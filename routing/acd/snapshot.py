"""Rows to values: what waits, and who could take it. The only part of the ACD that reads the database."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, Q

from agents.models import AgentLoad, AgentState, UserSkill
from agents.presence import TAKES_WORK, RoutingStatus
from routing.acd.values import Candidate, Membership, Need, PreferredAgent, Waiting
from routing.models import Assignment, Offer, PassNeed, Queue, QueueMember, RoutingPass

#: Who declined a conversation, or just transferred it away, isn't offered it again for this long.
DECLINE_PAUSE = timedelta(minutes=2)
PAGE = 1_000
Place = tuple[datetime, str]
_MEMBER = Membership()


def candidates(
    user_ids: Collection[uuid.UUID] | None = None,
    *,
    queue_ids: Collection[uuid.UUID] | None = None,
    skill_ids: Collection[uuid.UUID] | None = None,
) -> list[Candidate]:
    """Agents on queue with what is free; full and unresponsive ones too, so that a decision can name them.

    user_ids: these. queue_ids: and the members of these queues; then no other memberships are read, and no skills
    but `skill_ids`. None of both: all agents.
    """
    states = AgentState.objects.exclude(status=RoutingStatus.OFF_QUEUE).filter(user__is_active=True)
    members = QueueMember.objects.filter(active=True, queue__active=True)
    skills = UserSkill.objects.all()
    if queue_ids is not None:
        members = members.filter(queue__in=queue_ids)
        states = states.filter(Q(user__in=members.values("user")) | Q(user__in=user_ids or ()))
    elif user_ids is not None:
        states = states.filter(user__in=user_ids)
    if skill_ids is not None:
        skills = skills.filter(skill__in=skill_ids)
    rows = list(states.values_list("user_id", "idle_since", "status"))
    ids = [row[0] for row in rows]
    free: dict[uuid.UUID, dict[str, float]] = defaultdict(dict)
    loads = AgentLoad.objects.filter(user__in=ids)
    for user, medium, in_use, limit in loads.values_list("user_id", "medium", "in_use", "limit"):
        free[user][medium] = max(0.0, float(limit - in_use))
    levels: dict[uuid.UUID, dict[str, float]] = defaultdict(dict)
    for user, skill, level in skills.filter(user__in=ids).values_list("user_id", "skill_id", "proficiency"):
        levels[user][str(skill)] = float(level)
    serves: dict[uuid.UUID, dict[str, Membership]] = defaultdict(dict)
    for user, queue in members.filter(user__in=ids).values_list("user_id", "queue_id"):
        serves[user][str(queue)] = _MEMBER
    return [
        Candidate(
            agent_id=str(user),
            idle_since=idle_since,
            status=status,
            skills=levels[user],
            free=free[user],
            queues=serves[user],
        )
        for user, idle_since, status in rows
    ]


def team() -> list[Candidate]:
    """Whom the next decisions are about: nobody if nothing waits that somebody could take now.

    Otherwise all who serve a queue where something waits and one of its members has a slot, and those for whom
    something is kept. What comes to another queue after this look has its own.
    """
    places = RoutingPass.objects.filter(state=RoutingPass.State.WAITING).order_by()
    waits = set(places.values_list("queue_id", "medium", "only_agent_id").distinct())
    if not waits:
        return []
    free = AgentLoad.objects.filter(in_use__lte=F("limit") - 1, medium__in={medium for _, medium, _ in waits})
    free = free.filter(user__state__status__in=TAKES_WORK)
    kept = set(free.filter(user__in={agent for _, _, agent in waits} - {None}).values_list("user_id", flat=True))
    queues = (
        QueueMember.objects.filter(
            active=True, queue__in={queue for queue, _, _ in waits}, user__in=free.values("user")
        )
        .values_list("queue_id", flat=True)
        .distinct()
    )
    open_queues = set(queues)
    if not open_queues and not kept:
        return []
    skills = PassNeed.objects.filter(routing_pass__state=RoutingPass.State.WAITING).values_list("skill_id", flat=True)
    return candidates(kept, queue_ids=open_queues, skill_ids=set(skills.distinct()))


def waiting(now: datetime, team: Collection[Candidate], *, after: Place | None = None) -> list[Waiting]:
    """A page of the passes that wait where one of `team` has a slot, in the order of service, after a place in it.

    Read it after the team: what became free in between is then not given to somebody who came later.
    """
    free = [one for one in team if one.status in TAKES_WORK and any(slots >= 1 for slots in one.free.values())]
    if not free:
        return []
    queues = {queue for one in free for queue in one.queues}
    rows = RoutingPass.objects.filter(
        Q(queue_id__in=queues) | Q(only_agent__in=[one.agent_id for one in free]), state=RoutingPass.State.WAITING
    )
    if after is not None:
        rows = rows.filter(Q(order_at__gt=after[0]) | Q(order_at=after[0], id__gt=after[1]))
    passes = list(rows.select_related("queue").order_by("order_at", "id")[:PAGE])
    ids = [row.id for row in passes]
    needs, refused, own = _needs(ids), _refused(ids, now), _owned(passes)
    return [_waiting(row, needs[row.id], refused[row.id], own=row.id in own) for row in passes]


def _waiting(row: RoutingPass, needs: list[Need], refused_by: set[str], *, own: bool) -> Waiting:
    assert row.queue is not None, "a waiting pass has a queue (constraint)"
    assert row.order_at is not None
    assert row.waiting_since is not None
    return Waiting(
        pass_id=str(row.id),
        conversation_id=str(row.conversation_id),
        queue_id=str(row.queue_id),
        medium=row.medium,
        order_at=row.order_at,
        waiting_since=row.waiting_since,
        priority=row.priority,
        needs=tuple(sorted(needs, key=lambda need: need.skill_id)),
        preferred=_preferred(row, row.queue, own=own),
        refused_by=frozenset(refused_by),
    )


def _preferred(row: RoutingPass, queue: Queue, *, own: bool) -> tuple[PreferredAgent, ...]:
    """For whom it is kept. `own`: the agent parked it; one's own work asks neither for membership nor for skills."""
    if row.only_agent_id is None or row.due_at is None:
        return ()
    anyway = own or queue.last_agent == Queue.LastAgent.ANY
    return (PreferredAgent(agent_id=str(row.only_agent_id), until=row.due_at, anyway=anyway, kind="last"),)


def _needs(pass_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Need]]:
    found: dict[uuid.UUID, list[Need]] = defaultdict(list)
    for need in PassNeed.objects.filter(routing_pass__in=pass_ids):
        found[need.routing_pass_id].append(Need(str(need.skill_id), float(need.minimum)))
    return found


def _owned(passes: list[RoutingPass]) -> set[uuid.UUID]:
    """Those that wait for the agent who parked them."""
    kept = {row.id: row.only_agent_id for row in passes if row.only_agent_id}
    owners = Assignment.objects.filter(routing_pass__in=kept, state=Assignment.State.PARKED) if kept else ()
    return {owner.routing_pass_id for owner in owners if owner.agent_id == kept[owner.routing_pass_id]}


def _refused(pass_ids: list[uuid.UUID], now: datetime) -> dict[uuid.UUID, set[str]]:
    """Who declined or transferred away a moment ago. Who let it expire is Not Responding, which excludes them."""
    since = now - DECLINE_PAUSE
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    declined = Offer.objects.filter(
        routing_pass__in=pass_ids, state=Offer.State.DECLINED, closed_at__gt=since
    ).values_list("routing_pass_id", "agent_id")
    left = Assignment.objects.filter(routing_pass__in=pass_ids, end_reason="transfer", left_at__gt=since).values_list(
        "routing_pass_id", "agent_id"
    )
    for pass_id, agent in [*declined, *left]:
        found[pass_id].add(str(agent))
    return found
