"""The ACD's choice: who of the candidates gets which of the waiting passes. Pure.

Passes are served in order; each goes to the longest idle of those who may take it. One run is exact: a slot
given to an earlier pass is gone for the later ones, and whoever got work goes to the end of the line.
Facts: Genesys Cloud "Evaluation and routing methods" (standard routing, all skills matching).

The sets are what make a run cheap: a skill, a queue or a free slot is a set of agent ids, and a pass is
answered by a few intersections instead of a walk over every agent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from typing import Any

from agents.presence import TAKES_WORK
from routing.acd.values import (
    MOST_CONSIDERED,
    Candidate,
    Considered,
    Decision,
    Need,
    Verdict,
    Waiting,
    from_json,
)

IdleKey = tuple[datetime, str]
Rank = Callable[[Iterable[str], Mapping[str, IdleKey], int], list[str]]
Agents = AbstractSet[str]
Sorted = dict[Verdict, Agents]

# Verdicts that rest on a fact about the agent, not on a value that `Considered` carries.
_BY_FACT: frozenset[Verdict] = frozenset({"reserved_for_other", "not_in_queue", "not_available", "refused"})
# Who is listed after the eligible ones: near misses, nearest first.
_NEAR_MISSES: tuple[Verdict, ...] = ("full", "refused", "not_available", "lacks_skill")


def longest_idle(agents: Iterable[str], idle: Mapping[str, IdleKey], at_most: int) -> list[str]:
    """The agents who have waited longest for work, best first; equals by id, so that it never wavers."""
    return nsmallest(at_most, agents, key=idle.__getitem__)


EVALUATIONS: Mapping[str, Rank] = {"all_skills": longest_idle}


def decide(
    waiting: Sequence[Waiting],
    candidates: Sequence[Candidate],
    now: datetime,
    *,
    method: str = "standard",
    evaluation: str = "all_skills",
    undecided: bool = False,
) -> list[Decision]:
    """Decisions in the order of the passes; with `undecided` also one for each pass that nobody gets.

    Raises KeyError for an unknown method or evaluation, ValueError for an agent or a pass that occurs twice.
    """
    choose, rule = METHODS[method], _Rule(method, evaluation, EVALUATIONS[evaluation])
    _refuse_doubles("pass", [item.pass_id for item in waiting])
    pool = _Pool(candidates, now)
    decisions = []
    for item in sorted(waiting, key=lambda item: (item.order_at, item.pass_id)):
        if not undecided and pool.is_exhausted(item):
            continue
        decision = choose(item, pool, rule)
        if decision.agent_id is not None:
            pool.take_slot(decision.agent_id, item.medium)
        if undecided or decision.agent_id is not None:
            decisions.append(decision)
    return decisions


def rebuild(stored: Mapping[str, Any]) -> str | None:
    """Who must have been chosen, worked out again from a stored decision (`values.to_json`) alone.

    Skills, slots, reservation and idle times are weighed anew; `agent_id`, the order of the list and the
    difference between chosen and eligible aren't looked at.
    """
    decision = from_json(stored)
    idle = {one.agent_id: (one.idle_since, one.agent_id) for one in decision.considered if _may_take(one, decision)}
    first = EVALUATIONS[decision.evaluation](idle, idle, 1)
    return first[0] if first else None


def _may_take(one: Considered, decision: Decision) -> bool:
    if one.verdict in _BY_FACT or one.free < 1 or decision.only_agent not in (None, one.agent_id):
        return False
    return decision.only_agent_any or all(_meets(need, one.skills) for need in decision.needs)


def _meets(need: Need, skills: Mapping[str, float]) -> bool:
    return need.skill_id in skills and skills[need.skill_id] >= need.minimum


def _refuse_doubles(what: str, ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        raise ValueError(f"a {what} occurs twice: it would be given away twice")


@dataclass(frozen=True, slots=True)
class _Rule:
    method: str
    evaluation: str
    rank: Rank


class _Pool:
    """The candidates during one run: what they can do stays, their slots and idle clocks move."""

    def __init__(self, candidates: Sequence[Candidate], now: datetime) -> None:
        _refuse_doubles("candidate", [one.agent_id for one in candidates])
        self.now = now
        self.agents = {one.agent_id: one for one in candidates}
        self.idle: dict[str, IdleKey] = {one.agent_id: (one.idle_since, one.agent_id) for one in candidates}
        self.available = frozenset(one.agent_id for one in candidates if one.status in TAKES_WORK)
        self.slots = {(one.agent_id, medium): free for one in candidates for medium, free in one.free.items()}
        self.open: dict[str, set[str]] = {}
        self.members: dict[str, set[str]] = {}
        for one in candidates:
            for queue_id in one.queues:
                self.members.setdefault(queue_id, set()).add(one.agent_id)
        for (agent_id, medium), free in self.slots.items():
            if free >= 1:
                self.open.setdefault(medium, set()).add(agent_id)
        self._skilled: dict[Need, frozenset[str]] = {}

    def with_skill(self, need: Need) -> frozenset[str]:
        if need not in self._skilled:
            self._skilled[need] = frozenset(
                agent_id for agent_id, one in self.agents.items() if _meets(need, one.skills)
            )
        return self._skilled[need]

    def is_exhausted(self, item: Waiting) -> bool:
        """True if nobody who could be meant has a slot left: the short way out of a long queue."""
        with_slot = self.open.get(item.medium, set())
        if item.only_agent is not None:
            return item.only_agent not in with_slot
        return with_slot.isdisjoint(self.members.get(item.queue_id, set()))

    def take_slot(self, agent_id: str, medium: str) -> None:
        self.slots[agent_id, medium] -= 1
        self.idle[agent_id] = (self.now, agent_id)
        if self.slots[agent_id, medium] < 1:
            self.open[medium].discard(agent_id)


def _standard(item: Waiting, pool: _Pool, rule: _Rule) -> Decision:
    """Everyone who may take it, the best of them by the rule."""
    verdicts = _sort_out(item, pool)
    ranked = rule.rank(verdicts["eligible"], pool.idle, MOST_CONSIDERED)
    return Decision(
        pass_id=item.pass_id,
        agent_id=ranked[0] if ranked else None,
        method=rule.method if item.kind == "acd" else item.kind,
        evaluation=rule.evaluation,
        needs=item.needs,
        only_agent=item.only_agent,
        only_agent_any=_takes_anyone(item),
        considered=_considered(item, pool, verdicts, ranked),
        counts=_counts(verdicts),
        lacking=_lacking(item, pool, verdicts["lacks_skill"]),
        decided_at=pool.now,
    )


# Bullseye, preferred and conditional group routing join here; `choose` is given one pass at a time.
METHODS: Mapping[str, Callable[[Waiting, _Pool, _Rule], Decision]] = {"standard": _standard}


def _takes_anyone(item: Waiting) -> bool:
    return item.only_agent is not None and item.only_agent_any


def _sort_out(item: Waiting, pool: _Pool) -> Sorted:
    """Every candidate under exactly one verdict: the first thing that stops them, else eligible.

    From the lasting reasons to the passing ones, so that the explanation names what matters most.
    """
    meant: Agents = pool.agents.keys()
    if item.only_agent is not None:
        meant = meant & {item.only_agent}
    members = skilled = meant
    if not _takes_anyone(item):
        members = skilled = pool.members.get(item.queue_id, set()) & meant
        for need in item.needs:
            skilled = skilled & pool.with_skill(need)
    available = skilled & pool.available
    willing = available - item.refused_by
    eligible = willing & pool.open.get(item.medium, set())
    return {
        "reserved_for_other": pool.agents.keys() - meant,
        "not_in_queue": meant - members,
        "lacks_skill": members - skilled,
        "not_available": skilled - available,
        "refused": available - willing,
        "full": willing - eligible,
        "eligible": eligible,
    }


def _counts(verdicts: Sorted) -> dict[Verdict, int]:
    counts = {verdict: len(agents) for verdict, agents in verdicts.items()}
    if counts["eligible"]:
        counts["chosen"] = 1
        counts["eligible"] -= 1
    return {verdict: agents for verdict, agents in counts.items() if agents}


def _lacking(item: Waiting, pool: _Pool, unskilled: Agents) -> dict[str, int]:
    if not unskilled:
        return {}
    missing = {need.skill_id: len(unskilled - pool.with_skill(need)) for need in item.needs}
    return {skill_id: agents for skill_id, agents in missing.items() if agents}


def _considered(item: Waiting, pool: _Pool, verdicts: Sorted, ranked: Sequence[str]) -> tuple[Considered, ...]:
    listed: list[tuple[str, Verdict]] = [(agent_id, "eligible") for agent_id in ranked]
    listed[:1] = [(agent_id, "chosen") for agent_id in ranked[:1]]
    # The agent it is kept for is listed whatever stops them; strangers to the queue otherwise never are.
    near = _NEAR_MISSES if item.only_agent is None else (*_NEAR_MISSES, "not_in_queue")
    for verdict in near:
        room = MOST_CONSIDERED - len(listed)
        if room and verdicts[verdict]:
            listed += [(agent_id, verdict) for agent_id in longest_idle(verdicts[verdict], pool.idle, room)]
    return tuple(_as_seen(item, pool, agent_id, verdict) for agent_id, verdict in listed)


def _as_seen(item: Waiting, pool: _Pool, agent_id: str, verdict: Verdict) -> Considered:
    skills = pool.agents[agent_id].skills
    return Considered(
        agent_id=agent_id,
        verdict=verdict,
        idle_since=pool.idle[agent_id][0],
        skills={need.skill_id: skills[need.skill_id] for need in item.needs if need.skill_id in skills},
        free=pool.slots.get((agent_id, item.medium), 0.0),
    )
