"""A queue's own rule, with a second method and a second evaluation beside the product's: rings that open one after the
other, and the best skilled first. They show that the signatures carry what such rules need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from routing.acd import select
from routing.acd.explain import sentence
from routing.acd.select import Pool, decide, rebuild
from routing.acd.values import Candidate, Decision, Need, QueueRule, Waiting, from_json, to_json
from tests.routing.situations import NOW, agent, ago, kept_for, serves, waits

RING = timedelta(minutes=2)
GERMAN = (Need("german"),)
NAMES = {"ana": "Ana", "ben": "Ben", "cem": "Cem"}


def rings(item: Waiting, pool: Pool) -> Mapping[str, datetime]:
    """Each ring of a queue is asked two minutes after the one before."""
    opens = {
        agent_id: item.waiting_since + (pool.agents[agent_id].queues[item.queue_id].ring - 1) * RING
        for agent_id in pool.members.get(item.queue_id, ())
    }
    return {agent_id: moment for agent_id, moment in opens.items() if moment > pool.now}


def best_skilled(item: Waiting, pool: Pool, agents: Iterable[str], at_most: int) -> list[str]:
    """By the mean proficiency in what the pass needs, then by idle time."""

    def level(agent_id: str) -> float:
        skills = pool.agents[agent_id].skills
        return sum(skills[need.skill_id] for need in item.needs) / max(1, len(item.needs))

    return sorted(agents, key=lambda agent_id: (-level(agent_id), pool.idle[agent_id]))[:at_most]


RULES = {"orders": QueueRule(method="rings"), "billing": QueueRule(evaluation="best"), "returns": QueueRule()}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(select.METHODS, "rings", rings)
    monkeypatch.setitem(select.EVALUATIONS, "best", best_skilled)


def member(agent_id: str, ring: int = 1, **fields: Any) -> Candidate:
    return agent(agent_id, queues=serves("orders", "billing", "returns", ring=ring), **fields)


def only(item: Waiting, *team: Candidate) -> Decision:
    (decision,) = decide([item], list(team), NOW, RULES, undecided=True)
    return decision


def why(decision: Decision) -> str:
    return str(sentence(to_json(decision), NAMES, {"german": "German"}))


CASES: list[tuple[str, dict[str, Any], list[Candidate], str | None]] = [
    ("the first ring is asked at once", {"since": 0}, [member("ana")], "ana"),
    ("the second isn't", {"since": 0}, [member("ana", 2)], None),
    ("not a moment before its time", {"since": 1.99}, [member("ana", 2)], None),
    ("the second is asked when its time has come", {"since": 2}, [member("ana", 2)], "ana"),
    ("the third later", {"since": 2}, [member("ana", 3)], None),
    ("a ring that is open is asked together with those inside", {"since": 2}, [member("ana"), member("ben", 2, idle=9)],
     "ben"),
    ("a full first ring doesn't open the second", {"since": 1}, [member("ana", slots=0), member("ben", 2)], None),
    ("whom it is kept for is asked in any ring", {"since": 0, "preferred": (kept_for("ben"),)}, [member("ben", 6)],
     "ben"),
    ("a queue with the standard rule asks everybody", {"since": 0, "queue_id": "returns"}, [member("ana", 6)], "ana"),
    ("by skill, the better one", {"queue_id": "billing", "needs": GERMAN},
     [member("ana", idle=9, skills={"german": 3}), member("ben", skills={"german": 4})], "ben"),
    ("by skill, the longer idle of equals", {"queue_id": "billing", "needs": GERMAN},
     [member("ana", idle=2, skills={"german": 4}), member("ben", idle=3, skills={"german": 4})], "ben"),
    ("in the standard way, the longer idle one", {"queue_id": "returns", "needs": GERMAN},
     [member("ana", idle=9, skills={"german": 3}), member("ben", skills={"german": 4})], "ana"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "team", "chosen"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_who_is_chosen_by_a_queues_rule(item: dict[str, Any], team: list[Candidate], chosen: str | None) -> None:
    decision = only(waits(**item), *team)
    assert decision.agent_id == chosen
    assert rebuild(to_json(decision)) == chosen
    assert from_json(to_json(decision)) == decision


def test_each_pass_is_decided_by_the_rule_of_its_own_queue() -> None:
    team = [member("ana", 2, idle=9, skills={"german": 3}), member("ben", skills={"german": 4}, slots=2)]
    line = [waits("p1", since=1, needs=GERMAN), waits("p2", since=0.5, queue_id="billing", needs=GERMAN)]
    decided = decide([*line, waits("p3", since=0, queue_id="returns")], team, NOW, RULES)
    assert [(one.pass_id, one.agent_id, one.method, one.evaluation) for one in decided] == [
        ("p1", "ben", "rings", "all_skills"),
        ("p2", "ben", "standard", "best"),
        ("p3", "ana", "standard", "all_skills"),
    ]


def test_a_decision_says_who_is_asked_later_and_when() -> None:
    decision = only(waits(since=1.5), member("ana", slots=0), member("ben", 2), member("cem", 3))
    assert decision.counts == {"full": 1, "not_yet": 2}
    assert decision.opens_at == ago(-0.5)
    assert [(one.agent_id, one.opens_at) for one in decision.considered] == [
        ("ana", None),
        ("ben", ago(-0.5)),
        ("cem", ago(-2.5)),
    ]
    assert why(decision) == "Nobody yet: 1 is full, 2 are asked, the first in 30 s."


def test_one_who_is_asked_later_is_told_with_the_time() -> None:
    assert why(only(waits(since=0), member("ben", 2))) == "Nobody yet: 1 is asked in 2 min."


def test_a_choice_tells_who_was_not_asked_yet() -> None:
    decision = only(waits(since=0), member("ana"), member("ben", 2))
    assert (decision.opens_at, why(decision)) == (
        ago(-2),
        "Ana: idle 1 min, the only one eligible; 1 wasn't asked yet.",
    )


def test_where_everybody_was_asked_nothing_opens() -> None:
    assert only(waits(since=9), member("ana"), member("ben", 2)).opens_at is None


def test_the_sentence_speaks_of_the_longest_idle_only_where_that_decided() -> None:
    team = [member("ana", idle=9, skills={"german": 3}), member("ben", skills={"german": 4})]
    by_skill = only(waits(queue_id="billing", needs=GERMAN), *team)
    by_idle = only(waits(queue_id="returns", needs=GERMAN), *team)
    assert why(by_skill) == "Ben: German 4, idle 1 min, first of 2 eligible."
    assert why(by_idle) == "Ana: German 3, idle 9 min, longest of 2 eligible."


def test_of_several_preferred_the_highest_score_is_asked_first_and_the_next_if_that_one_is_full() -> None:
    preferred = (kept_for("ana", score=0.2, kind="preferred"), kept_for("ben", score=0.9, until=5))
    item = waits(queue_id="returns", preferred=preferred)
    assert (only(item, member("ana", idle=9), member("ben"), member("cem", idle=20)).agent_id) == "ben"
    second = only(item, member("ana", idle=9), member("ben", slots=0), member("cem", idle=20))
    assert (second.agent_id, second.kind, second.method) == ("ana", "preferred", "preferred")


def test_each_preferred_agent_has_an_end_of_their_own() -> None:
    item = waits(queue_id="returns", preferred=(kept_for("ana", until=0), kept_for("ben", until=5)))
    assert only(item, member("ana", idle=9), member("ben")).agent_id == "ben"
    over = waits(queue_id="returns", preferred=(kept_for("ana", until=0), kept_for("ben", until=-1)))
    decision = only(over, member("ana"), member("cem", idle=9))
    assert (decision.agent_id, decision.kind, decision.preferred) == ("cem", "acd", ())
