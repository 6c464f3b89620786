"""Rows to values: what waits, and who could take it. The only part of the ACD that reads the database."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from agents.models import AgentLoad, AgentState, UserSkill
from agents.presence import TAKES_WORK, RoutingStatus
from routing.acd.values import Candidate, Need, Waiting
from routing.models import Assignment, Offer, PassNeed, Queue, QueueMember, RoutingPass

#: Who declined a conversation, or just transferred it away, isn't offered it again for this long.
DECLINE_PAUSE = timedelta(minutes=2)
PAGE = 1_000
Place = tuple[datetime, str]


def candidates(user_ids: Collection[uuid.UUID] | None = None) -> list[Candidate]:
    """All agents on queue with what is free; full and unresponsive ones too, so that a decision can name them."""
    states = AgentState.objects.exclude(status=RoutingStatus.OFF_QUEUE).filter(user__is_active=True)
    if user_ids is not None:
        states = states.filter(user_id__in=user_ids)
    rows = list(states.values_list("user_id", "idle_since", "status"))
    ids = [row[0] for row in rows]
    free, skills, queues = _free(ids), _skills(ids), _queues(ids)
    return [
        Candidate(
            agent_id=str(user),
            idle_since=idle_since,
            status=status,
            skills=skills[user],
            free=free[user],
            queues=frozenset(queues[user]),
        )
        for user, idle_since, status in rows
    ]


def _free(ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, float]]:
    found: dict[uuid.UUID, dict[str, float]] = defaultdict(dict)
    rows = AgentLoad.objects.filter(user__in=ids).values_list("user_id", "medium", "in_use", "limit")
    for user, medium, in_use, limit in rows:
        found[user][medium] = max(0.0, float(limit - in_use))
    return found


def _skills(ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, float]]:
    found: dict[uuid.UUID, dict[str, float]] = defaultdict(dict)
    for user, skill, proficiency in UserSkill.objects.filter(user__in=ids).values_list(
        "user_id", "skill_id", "proficiency"
    ):
        found[user][str(skill)] = float(proficiency)
    return found


def _queues(ids: list[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    rows = QueueMember.objects.filter(user__in=ids, active=True, queue__active=True)
    for user, queue in rows.values_list("user_id", "queue_id"):
        found[user].add(str(queue))
    return found


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
    needs, refused, kept = _needs(ids), _refused(ids, now), _kept_for_owner(passes)
    return [_waiting(row, needs[row.id], refused[row.id], own=row.id in kept) for row in passes]


def _waiting(row: RoutingPass, needs: list[Need], refused_by: set[str], *, own: bool) -> Waiting:
    assert row.queue is not None, "a waiting pass has a queue (constraint)"
    assert row.order_at is not None
    assert row.waiting_since is not None
    only = str(row.only_agent_id) if row.only_agent_id else None
    return Waiting(
        pass_id=str(row.id),
        conversation_id=str(row.conversation_id),
        queue_id=str(row.queue_id),
        medium=row.medium,
        order_at=row.order_at,
        waiting_since=row.waiting_since,
        priority=row.priority,
        needs=tuple(sorted(needs, key=lambda need: need.skill_id)),
        only_agent=only,
        only_agent_any=only is not None and (own or row.queue.last_agent == Queue.LastAgent.ANY),
        refused_by=frozenset(refused_by),
        kind=row.only_kind or "last" if only else "acd",  # type: ignore[arg-type]
    )


def _needs(pass_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Need]]:
    found: dict[uuid.UUID, list[Need]] = defaultdict(list)
    for need in PassNeed.objects.filter(routing_pass__in=pass_ids):
        found[need.routing_pass_id].append(Need(str(need.skill_id), float(need.minimum)))
    return found


def _kept_for_owner(passes: list[RoutingPass]) -> set[uuid.UUID]:
    """Those that wait for the agent who parked them: their own work asks neither for membership nor for skills."""
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
