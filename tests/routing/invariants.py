"""What must be true of routing after every step, read from the rows (DESIGN: States).

Each check takes the rows of one moment. `Before` is the moment before, for what a step may not do.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from agents.models import AgentLoad, AgentState, PresenceSpan, RoutingStatusSpan, UserSkill
from agents.presence import TAKES_WORK
from channels_app.models import Conversation
from contactcenter.kernel import clock
from routing.acd import select, snapshot
from routing.acd.values import Candidate, Waiting
from routing.models import Assignment, Decision, Offer, PassNeed, Queue, QueueMember, QueueVisit, RoutingPass

State = RoutingPass.State
_WAITS = (State.WAITING, State.OFFERED)
_HAS = (Assignment.State.CONNECTED, Assignment.State.PARKED)


@dataclass
class Rows:
    """Everything of this moment, each table read once."""

    conversations: list[Conversation] = field(default_factory=lambda: list(Conversation.objects.all()))
    passes: list[RoutingPass] = field(default_factory=lambda: list(RoutingPass.objects.all()))
    offers: list[Offer] = field(default_factory=lambda: list(Offer.objects.select_related("routing_pass__queue")))
    assignments: list[Assignment] = field(default_factory=lambda: list(Assignment.objects.all()))
    visits: list[QueueVisit] = field(default_factory=lambda: list(QueueVisit.objects.order_by("id")))
    loads: list[AgentLoad] = field(default_factory=lambda: list(AgentLoad.objects.all()))
    states: list[AgentState] = field(default_factory=lambda: list(AgentState.objects.all()))

    @cached_property
    def alerting(self) -> dict[uuid.UUID, list[Offer]]:
        found: dict[uuid.UUID, list[Offer]] = defaultdict(list)
        for offer in self.offers:
            if offer.state == Offer.State.ALERTING:
                found[offer.routing_pass_id].append(offer)
        return found

    @cached_property
    def owners(self) -> dict[uuid.UUID, list[Assignment]]:
        found: dict[uuid.UUID, list[Assignment]] = defaultdict(list)
        for one in self.assignments:
            if one.state in _HAS:
                found[one.routing_pass_id].append(one)
        return found

    @cached_property
    def in_use(self) -> dict[uuid.UUID, Decimal]:
        return {load.user_id: load.in_use for load in self.loads if load.medium == "message"}


def check_passes(rows: Rows) -> None:
    """A pass's state says what is open of it."""
    open_visits = defaultdict(list)
    for visit in rows.visits:
        if visit.left_at is None:
            open_visits[visit.routing_pass_id].append(visit)
    for one in rows.passes:
        kinds = {offer.kind for offer in rows.alerting[one.id]}
        holds = [owner.state for owner in rows.owners[one.id]]
        assert len(open_visits[one.id]) == (one.state in _WAITS), (one.state, open_visits[one.id])
        assert all(visit.queue_id == one.queue_id for visit in open_visits[one.id])
        if one.state == State.CLOSED:
            assert (kinds, holds) == (set(), [])
        elif one.state in _WAITS:
            assert holds in ([], [Assignment.State.PARKED])
            assert bool(kinds) == (one.state == State.OFFERED)
        else:
            assert holds == [one.state], (one.state, holds)
            assert kinds <= {Offer.Kind.TRANSFER}


def check_conversations(rows: Rows, *, settled: bool) -> None:
    """At most one live pass; none while it rests. `settled`: the engine has looked."""
    live = defaultdict(list)
    for one in rows.passes:
        if one.state != State.CLOSED:
            live[one.conversation_id].append(one)
    for conversation in rows.conversations:
        count = len(live[conversation.id])
        assert count <= 1
        assert count == 0 or conversation.state != Conversation.State.RESTING
        if settled:
            assert count == (conversation.state == Conversation.State.ACTIVE), conversation.state


def check_loads(rows: Rows) -> None:
    """In use is the sum of what alerts, is connected, parked by its weight, or owed."""
    behind: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for offers in rows.alerting.values():
        for offer in offers:
            behind[offer.agent_id] += 1
    for one in rows.assignments:
        behind[one.agent_id] += one.weight
        assert one.weight == 0 or one.state != Assignment.State.DONE
        assert one.weight == 1 or one.state != Assignment.State.CONNECTED
    for agent, in_use in rows.in_use.items():
        assert in_use == behind[agent], (in_use, behind[agent])
    assert set(behind) <= set(rows.in_use)


def check_limits(rows: Rows, before: Rows) -> None:
    """Nobody over the limit got more; a lowered limit alone is no fault."""
    for load in rows.loads:
        if load.medium == "message" and load.in_use > load.limit:
            assert load.in_use <= before.in_use.get(load.user_id, Decimal(0)), "work was added past the limit"


def check_status(rows: Rows) -> None:
    """One open span per agent that agrees with the state; on queue the load says which; nothing alerts off queue."""
    for spans, kind in ((RoutingStatusSpan, "status"), (PresenceSpan, "presence")):
        history = defaultdict(list)
        for span in spans.objects.order_by("id"):
            history[span.user_id].append(span)
        for state in rows.states:
            mine = history[state.user_id]
            assert not mine or (mine[-1].ended_at, mine[-1].status) == (None, getattr(state, kind))
            assert all(one.ended_at == after.started_at for one, after in pairwise(mine))
    alerts_at = {offer.agent_id for offers in rows.alerting.values() for offer in offers}
    for state in rows.states:
        if state.status in TAKES_WORK:
            assert state.status == ("interacting" if rows.in_use[state.user_id] else "idle")
        assert state.status != "off_queue" or state.user_id not in alerts_at


def check_new_offers(rows: Rows, before: Rows) -> None:
    """Whoever the ACD chose is a member and has the skills, unless the queue says any or it is their own work."""
    known = {offer.id for offer in before.offers}
    for offer in rows.offers:
        if offer.id in known or offer.kind not in (Offer.Kind.ACD, Offer.Kind.LAST):
            continue
        queue = offer.routing_pass.queue
        assert queue is not None
        had = {one.agent_id for one in rows.assignments if one.routing_pass_id == offer.routing_pass_id}
        if offer.kind == Offer.Kind.LAST and (queue.last_agent == Queue.LastAgent.ANY or offer.agent_id in had):
            continue
        assert _is_member(offer.agent_id, queue)
        assert _is_skilled(offer.agent_id, offer.routing_pass_id)


def check_decisions(rows: Rows, before: Rows) -> None:
    """What is stored leads to the same choice again."""
    known = {offer.id for offer in before.offers}
    for decision in Decision.objects.exclude(offer__in=known):
        assert select.rebuild(decision.data) == str(decision.chosen_id)


def check_order(rows: Rows, before: Rows) -> None:
    """After a run nobody waits whom somebody could take, and nobody was overtaken by a later one."""
    now, team = clock.now(), snapshot.candidates()
    waiting = snapshot.waiting(now, _with_a_slot(team))
    assert not select.decide(snapshot.waiting(now, team), team, now)
    known = {offer.id for offer in before.offers}
    fresh = [one for one in rows.offers if one.id not in known and one.kind == Offer.Kind.ACD]
    agents = {one.agent_id: one for one in team}
    for offer in fresh:
        winner = agents[str(offer.agent_id)]
        for item in waiting:
            order_at = offer.routing_pass.order_at
            assert order_at is not None
            assert item.order_at >= order_at or not _may_take(winner, item), "overtaken"


def _with_a_slot(team: list[Candidate]) -> list[Candidate]:
    """The same agents as before the run gave their slots away: whom the passes left could have had."""
    return [
        Candidate(
            agent_id=one.agent_id,
            idle_since=one.idle_since,
            status="idle",
            skills=one.skills,
            free={"message": 1.0},
            queues=one.queues,
        )
        for one in team
    ]


def _may_take(agent: Candidate, item: Waiting) -> bool:
    preferred = {one.agent_id: one for one in item.preferred if one.until > clock.now()}
    if agent.agent_id in item.refused_by or (preferred and agent.agent_id not in preferred):
        return False
    skilled = all(agent.skills.get(need.skill_id, -1) >= need.minimum for need in item.needs)
    anyway = bool(preferred) and preferred[agent.agent_id].anyway
    return anyway or (skilled and item.queue_id in agent.queues)


def _is_member(agent: uuid.UUID, queue: Queue) -> bool:
    return QueueMember.objects.filter(user=agent, queue=queue, active=True).exists()


def _is_skilled(agent: uuid.UUID, routing_pass: uuid.UUID) -> bool:
    has = dict(UserSkill.objects.filter(user=agent).values_list("skill", "proficiency"))
    needs = PassNeed.objects.filter(routing_pass=routing_pass)
    return all(has.get(need.skill_id, Decimal(-1)) >= need.minimum for need in needs)
