"""The ACD's choice in any situation at all, against a slow and simple oracle; and its size."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.acd.select import decide, rebuild
from routing.acd.values import Candidate, Need, PreferredAgent, Waiting, from_json, to_json
from tests.routing.situations import NOW, Situation, agent, serves, situations, waits


def preferred_now(item: Waiting) -> dict[str, PreferredAgent]:
    return {one.agent_id: one for one in item.preferred if one.until > NOW}


class Day:
    """The oracle: it knows who may take what, one agent and one pass at a time, and keeps its own score."""

    def __init__(self, situation: Situation) -> None:
        self.passes = {item.pass_id: item for item in situation[0]}
        self.agents = {one.agent_id: one for one in situation[1]}
        self.given: Counter[tuple[str, str]] = Counter()
        self.last_given: set[str] = set()

    def may_ever(self, item: Waiting, one: Candidate) -> bool:
        if one.status in ("off_queue", "not_responding") or one.agent_id in item.refused_by:
            return False
        if preferred := preferred_now(item):
            if one.agent_id not in preferred:
                return False
            if preferred[one.agent_id].anyway:
                return True
        for need in item.needs:
            if one.skills.get(need.skill_id, -1) < need.minimum:
                return False
        return item.queue_id in one.queues

    def left(self, agent_id: str, medium: str) -> float:
        return self.agents[agent_id].free.get(medium, 0) - self.given[agent_id, medium]

    def who_may(self, item: Waiting) -> list[str]:
        fit = [one.agent_id for one in self.agents.values() if self.may_ever(item, one)]
        return [agent_id for agent_id in fit if self.left(agent_id, item.medium) >= 1]

    def idle(self, agent_id: str) -> datetime:
        return NOW if agent_id in self.last_given else self.agents[agent_id].idle_since

    def give(self, item: Waiting, agent_id: str) -> None:
        self.given[agent_id, item.medium] += 1
        self.last_given.add(agent_id)


@given(situations())
def test_nobody_gets_what_they_may_not_take(situation: Situation) -> None:
    day = Day(situation)
    for decision in decide(*situation, NOW):
        assert decision.agent_id is not None
        assert day.may_ever(day.passes[decision.pass_id], day.agents[decision.agent_id])


@given(situations())
def test_nobody_gets_more_than_their_free_slots(situation: Situation) -> None:
    day = Day(situation)
    for decision in decide(*situation, NOW):
        assert decision.agent_id is not None
        day.give(day.passes[decision.pass_id], decision.agent_id)
    assert all(day.left(agent_id, medium) >= 0 for agent_id, medium in day.given)


@given(situations())
def test_every_pass_is_given_away_once_at_most_and_answered_once_when_asked(situation: Situation) -> None:
    decided = decide(*situation, NOW)
    answered = decide(*situation, NOW, undecided=True)
    assert len({decision.pass_id for decision in decided}) == len(decided)
    assert sorted(decision.pass_id for decision in answered) == sorted(item.pass_id for item in situation[0])
    assert [decision for decision in answered if decision.agent_id] == decided


@given(situations())
def test_at_every_step_it_is_the_longest_idle_of_those_who_may(situation: Situation) -> None:
    day = Day(situation)
    for decision in decide(*situation, NOW, undecided=True):
        item = day.passes[decision.pass_id]
        fit = day.who_may(item)
        if decision.agent_id is None:
            assert not fit
            continue
        if preferred := preferred_now(item):
            best = max(preferred[agent_id].score for agent_id in fit)
            fit = [agent_id for agent_id in fit if preferred[agent_id].score == best]
        longest = max(NOW - day.idle(agent_id) for agent_id in fit)
        assert decision.agent_id == min(a for a in fit if NOW - day.idle(a) == longest)
        day.give(item, decision.agent_id)


@given(situations())
def test_nothing_that_could_have_been_served_is_overtaken(situation: Situation) -> None:
    """Whoever got a later pass could not have taken an earlier one that is still waiting."""
    day = Day(situation)
    got = {decision.pass_id: decision.agent_id for decision in decide(*situation, NOW)}
    for late in (day.passes[pass_id] for pass_id in got):
        for early in (item for item in situation[0] if item.pass_id not in got and item.medium == late.medium):
            if (early.order_at, early.pass_id) < (late.order_at, late.pass_id):
                assert not day.may_ever(early, day.agents[got[late.pass_id] or ""])


@given(situations())
def test_of_two_equal_passes_the_earlier_is_never_the_one_that_waits(situation: Situation) -> None:
    got = {decision.pass_id for decision in decide(*situation, NOW)}
    line = sorted(situation[0], key=lambda item: (item.order_at, item.pass_id))
    seen_waiting: set[tuple[object, ...]] = set()
    for item in line:
        kind = (item.queue_id, item.medium, frozenset(item.needs), frozenset(item.preferred))
        likeness = (*kind, item.refused_by)
        assert not (item.pass_id in got and likeness in seen_waiting)
        if item.pass_id not in got:
            seen_waiting.add(likeness)


@given(situations())
def test_a_pass_kept_for_somebody_goes_to_nobody_else(situation: Situation) -> None:
    kept = {item.pass_id: preferred_now(item).keys() for item in situation[0] if preferred_now(item)}
    for decision in decide(*situation, NOW):
        assert decision.agent_id in kept.get(decision.pass_id, {decision.agent_id})


@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_makes_no_difference(situation: Situation, chance: Any) -> None:
    line, staff = list(situation[0]), list(situation[1])
    chance.shuffle(line)
    chance.shuffle(staff)
    assert decide(line, staff, NOW, undecided=True) == decide(*situation, NOW, undecided=True)


@given(situations())
def test_every_candidate_is_counted_under_one_verdict(situation: Situation) -> None:
    for decision in decide(*situation, NOW, undecided=True):
        assert sum(decision.counts.values()) == len(situation[1])
        assert decision.counts.get("chosen", 0) == (decision.agent_id is not None)
        listed = Counter(one.verdict for one in decision.considered)
        assert all(listed[verdict] <= decision.counts[verdict] for verdict in listed)
        assert len(decision.considered) <= 10


@given(situations())
def test_a_decision_survives_storing_and_is_rebuilt_from_it(situation: Situation) -> None:
    for decision in decide(*situation, NOW, undecided=True):
        stored = json.loads(json.dumps(to_json(decision)))
        assert stored == to_json(decision), "plain JSON types only"
        assert from_json(stored) == decision
        assert rebuild(stored) == decision.agent_id


# --- size ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("slots", [0, 1, 4])
def test_a_thousand_waiting_and_five_hundred_agents_are_decided_within_a_second(slots: int) -> None:
    """40 skills, 10 queues, two needs each. Processor time, so that what else runs here doesn't count."""
    skills = [f"skill-{n}" for n in range(40)]
    staff = [
        agent(
            f"agent-{n}",
            idle=n * 7 % 500,
            slots=slots,
            skills={skill: (n + at) % 6 for at, skill in enumerate(skills)},
            queues=serves(*(f"queue-{(n + step) % 10}" for step in range(5))),
        )
        for n in range(500)
    ]
    line = [
        waits(
            f"pass-{n}",
            since=n * 3 % 1000,
            queue_id=f"queue-{n % 10}",
            needs=(Need(skills[n % 40], n % 4), Need(skills[n * 3 % 40], n % 3)),
        )
        for n in range(1000)
    ]
    started = process_time()
    decisions = decide(line, staff, NOW, undecided=True)
    assert process_time() - started < 1
    assert len(decisions) == 1000
    assert len([one for one in decisions if one.agent_id]) <= 500 * slots
