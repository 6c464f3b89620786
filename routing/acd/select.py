"""The ACD's choice: who of the candidates gets which of the waiting passes. Pure.

Passes are served in order; each goes to the best of those who may take it, by the rule of its queue: a *method* says
who isn't asked yet, an *evaluation* who of the others is the best. A pass that is kept for preferred agents is theirs
alone until their time is over. One run is exact: a slot given to an earlier pass is gone for the later ones, and
whoever got work goes to the end of the line.
Facts: Genesys Cloud "Evaluation and routing methods" (standard routing, all skills matching).

The sets are what make a run cheap: a skill, a queue or a free slot is a set of agent ids. Whether anybody can take a
pass is looked up from the few who have a slot; only a pass that is decided is weighed against everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from heapq import nsmallest
from typing import Any

from agents.presence import TAKES_WORK
from routing.acd.values import (
    MOST_CONSIDERED,
    Candidate,
    Considered,
    Decision,
    Membership,
    Need,
    PreferredAgent,
    QueueRule,
    Verdict,
    Waiting,
    from_json,
)

IdleKey = tuple[datetime, str]
#: (pass, everybody, those to be ranked, at most so many) → the best first
Rank = Callable[[Waiting, "Pool", Iterable[str], int], list[str]]
#: (pass, everybody) → members of its queue who aren't asked yet, each with the moment from which they are
Method = Callable[[Waiting, "Pool"], Mapping[str, datetime]]
Agents = AbstractSet[str]
Sorted = dict[Verdict, Agents]

# Verdicts that rest on a fact about the agent, not on a value that `Considered` carries.
_BY_FACT: frozenset[Verdict] = frozenset({"reserved_for_other", "not_in_queue", "not_yet", "not_available", "refused"})
# Who is listed after the eligible ones: near misses, nearest first.
_NEAR_MISSES: tuple[Verdict, ...] = ("full", "refused", "not_available", "not_yet", "lacks_skill")


def longest_idle(item: Waiting, pool: Pool, agents: Iterable[str], at_most: int) -> list[str]:
    """The agents who have waited longest for work, best first; equals by id, so that it never wavers."""
    return nsmallest(at_most, agents, key=pool.idle.__getitem__)


def everybody_at_once(item: Waiting, pool: Pool) -> Mapping[str, datetime]:
    """The standard method: all members are asked from the beginning."""
    return {}


EVALUATIONS: dict[str, Rank] = {"all_skills": longest_idle}
METHODS: dict[str, Method] = {"standard": everybody_at_once}
STANDARD = QueueRule()


def decide(
    waiting: Sequence[Waiting],
    candidates: Sequence[Candidate],
    now: datetime,
    queues: Mapping[str, QueueRule] | None = None,
    *,
    undecided: bool = False,
) -> list[Decision]:
    """Decisions in the order of the passes; with `undecided` also one for each pass that nobody gets.

    queues: the rules of queues that don't choose in the standard way, by id.

    Raises KeyError for an unknown method or evaluation, ValueError for an agent or a pass that occurs twice.
    """
    _refuse_doubles("pass", [item.pass_id for item in waiting])
    pool = Pool(candidates, now)
    decisions = []
    for item in sorted(waiting, key=lambda item: (item.order_at, item.pass_id)):
        choice = _Choice(item, pool, (queues or {}).get(item.queue_id, STANDARD))
        if not undecided and not choice.eligible():
            continue
        decision = choice.decide()
        if decision.agent_id is not None:
            pool.take_slot(decision.agent_id, item.medium)
        if undecided or decision.agent_id is not None:
            decisions.append(decision)
    return decisions


def rebuild(stored: Mapping[str, Any]) -> str | None:
    """Who must have been chosen, worked out again from a stored decision (`values.to_json`) alone.

    Skills, slots, preferences and idle times are weighed anew; `agent_id`, the order of the list and the difference
    between chosen and eligible aren't looked at.
    """
    decision = from_json(stored)
    item = Waiting(
        pass_id=decision.pass_id,
        conversation_id="",
        queue_id=decision.queue_id,
        medium=decision.medium,
        order_at=decision.waiting_since,
        waiting_since=decision.waiting_since,
        needs=decision.needs,
        preferred=decision.preferred,
    )
    able = [
        Candidate(
            agent_id=one.agent_id,
            idle_since=one.idle_since,
            status=min(TAKES_WORK),
            skills=one.skills,
            free={decision.medium: one.free},
            queues={decision.queue_id: Membership()},
        )
        for one in decision.considered
        if one.verdict not in _BY_FACT
    ]
    choice = _Choice(item, Pool(able, decision.decided_at), QueueRule(evaluation=decision.evaluation))
    return choice.decide().agent_id


def _meets(need: Need, skills: Mapping[str, float]) -> bool:
    return need.skill_id in skills and skills[need.skill_id] >= need.minimum


def _refuse_doubles(what: str, ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        raise ValueError(f"a {what} occurs twice: it would be given away twice")


class Pool:
    """The candidates during one run: what they can do stays, their slots and idle clocks move.

    agents: by id. idle: since when each waits for work. members: queue id → ids. `ready`: medium → ids of those who
    take work and have a slot for it.
    """

    def __init__(self, candidates: Sequence[Candidate], now: datetime) -> None:
        _refuse_doubles("candidate", [one.agent_id for one in candidates])
        self.now = now
        self.agents = {one.agent_id: one for one in candidates}
        self.idle: dict[str, IdleKey] = {one.agent_id: (one.idle_since, one.agent_id) for one in candidates}
        self.available = frozenset(one.agent_id for one in candidates if one.status in TAKES_WORK)
        self.slots = {(one.agent_id, medium): free for one in candidates for medium, free in one.free.items()}
        self.ready: dict[str, set[str]] = {}
        self.members: dict[str, set[str]] = {}
        for one in candidates:
            for queue_id in one.queues:
                self.members.setdefault(queue_id, set()).add(one.agent_id)
        for (agent_id, medium), free in self.slots.items():
            if free >= 1 and agent_id in self.available:
                self.ready.setdefault(medium, set()).add(agent_id)
        self._skilled: dict[Need, frozenset[str]] = {}

    def with_skill(self, need: Need) -> frozenset[str]:
        if need not in self._skilled:
            self._skilled[need] = frozenset(
                agent_id for agent_id, one in self.agents.items() if _meets(need, one.skills)
            )
        return self._skilled[need]

    def take_slot(self, agent_id: str, medium: str) -> None:
        self.slots[agent_id, medium] -= 1
        self.idle[agent_id] = (self.now, agent_id)
        if self.slots[agent_id, medium] < 1:
            self.ready[medium].discard(agent_id)


class _Choice:
    """One pass against everybody."""

    def __init__(self, item: Waiting, pool: Pool, rule: QueueRule) -> None:
        self.item, self.pool, self.rule = item, pool, rule
        self.method, self.rank = METHODS[rule.method], EVALUATIONS[rule.evaluation]
        self.preferred = {one.agent_id: one for one in item.preferred if one.until > pool.now}
        self.anyway = {agent_id for agent_id, one in self.preferred.items() if one.anyway}

    def eligible(self) -> Agents:
        """Who may take it, looked up from the few who have a slot."""
        item, pool = self.item, self.pool
        found: Agents = pool.ready.get(item.medium, set()) - item.refused_by
        if self.preferred:
            found = found & self.preferred.keys()
        members = pool.members.get(item.queue_id, set())
        able = {
            agent_id
            for agent_id in found & members
            if all(_meets(need, pool.agents[agent_id].skills) for need in item.needs)
        }
        return (able - self._not_yet().keys() if able else able) | (found & self.anyway)

    def _not_yet(self) -> Mapping[str, datetime]:
        """Whom it is kept for is asked at once, whatever the method says."""
        return {} if self.preferred else self.method(self.item, self.pool)

    def decide(self) -> Decision:
        """The best of all who may take it, with what stopped the others."""
        item, pool = self.item, self.pool
        not_yet = self._not_yet()
        verdicts = self._sort_out(not_yet)
        ranked = self._ranked(verdicts["eligible"])
        return Decision(
            pass_id=item.pass_id,
            queue_id=item.queue_id,
            medium=item.medium,
            waiting_since=item.waiting_since,
            agent_id=ranked[0] if ranked else None,
            method=self._kind(ranked) if self.preferred else self.rule.method,
            evaluation=self.rule.evaluation,
            needs=item.needs,
            preferred=tuple(self.preferred.values()),
            considered=self._considered(verdicts, ranked, not_yet),
            counts=_counts(verdicts),
            lacking=_lacking(item, pool, verdicts["lacks_skill"]),
            opens_at=min((not_yet[agent_id] for agent_id in verdicts["not_yet"]), default=None),
            decided_at=pool.now,
        )

    def _kind(self, ranked: Sequence[str]) -> str:
        asked: Iterable[PreferredAgent] = self.preferred.values()
        return self.preferred[ranked[0]].kind if ranked else max(asked, key=lambda one: one.score).kind

    def _sort_out(self, not_yet: Mapping[str, datetime]) -> Sorted:
        """Every candidate under exactly one verdict: the first thing that stops them, else eligible.

        From the lasting reasons to the passing ones, so that the explanation names what matters most.
        """
        item, pool = self.item, self.pool
        everybody: Agents = pool.agents.keys()
        meant = everybody & self.preferred.keys() if self.preferred else everybody
        members = pool.members.get(item.queue_id, set()) & meant | meant & self.anyway
        skilled: Agents = members
        for need in item.needs:
            skilled = skilled & pool.with_skill(need)
        skilled = skilled | members & self.anyway
        asked = skilled - not_yet.keys()
        available = asked & pool.available
        willing = available - item.refused_by
        eligible = willing & pool.ready.get(item.medium, set())
        return {
            "reserved_for_other": everybody - meant,
            "not_in_queue": meant - members,
            "lacks_skill": members - skilled,
            "not_yet": skilled - asked,
            "not_available": asked - available,
            "refused": available - willing,
            "full": willing - eligible,
            "eligible": eligible,
        }

    def _ranked(self, eligible: Agents) -> list[str]:
        """Preferred agents by their score first; Python's sort keeps the rank of equals."""
        if not self.preferred:
            return self.rank(self.item, self.pool, eligible, MOST_CONSIDERED)
        ranked = self.rank(self.item, self.pool, eligible, len(eligible))
        return sorted(ranked, key=lambda agent_id: -self.preferred[agent_id].score)[:MOST_CONSIDERED]

    def _considered(
        self, verdicts: Sorted, ranked: Sequence[str], not_yet: Mapping[str, datetime]
    ) -> tuple[Considered, ...]:
        item, pool = self.item, self.pool
        listed: list[tuple[str, Verdict]] = [(agent_id, "eligible") for agent_id in ranked]
        listed[:1] = [(agent_id, "chosen") for agent_id in ranked[:1]]
        # Agents it is kept for are listed whatever stops them; strangers to the queue otherwise never are.
        near = (*_NEAR_MISSES, "not_in_queue") if self.preferred else _NEAR_MISSES
        for verdict in near:
            room = MOST_CONSIDERED - len(listed)
            if room and verdicts[verdict]:
                listed += [(one, verdict) for one in longest_idle(item, pool, verdicts[verdict], room)]
        return tuple(
            Considered(
                agent_id=agent_id,
                verdict=verdict,
                idle_since=pool.idle[agent_id][0],
                skills={need.skill_id: has[need.skill_id] for need in item.needs if need.skill_id in has},
                free=pool.slots.get((agent_id, item.medium), 0.0),
                opens_at=not_yet.get(agent_id) if verdict == "not_yet" else None,
            )
            for agent_id, verdict in listed
            for has in [pool.agents[agent_id].skills]
        )


def _counts(verdicts: Sorted) -> dict[Verdict, int]:
    counts = {verdict: len(agents) for verdict, agents in verdicts.items()}
    if counts["eligible"]:
        counts["chosen"] = 1
        counts["eligible"] -= 1
    return {verdict: agents for verdict, agents in counts.items() if agents}


def _lacking(item: Waiting, pool: Pool, unskilled: Agents) -> dict[str, int]:
    if not unskilled:
        return {}
    missing = {need.skill_id: len(unskilled - pool.with_skill(need)) for need in item.needs}
    return {skill_id: agents for skill_id, agents in missing.items() if agents}
