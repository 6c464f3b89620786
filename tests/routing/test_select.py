"""The ACD's choice, case by case in words. `test_select_any.py` tries any situation at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routing.acd.select import decide, rebuild
from routing.acd.values import Decision, Need, QueueRule, to_json
from tests.routing.situations import NOW, agent, ago, kept_for, serves, waits


def chosen(decisions: list[Decision]) -> list[tuple[str, str | None]]:
    return [(decision.pass_id, decision.agent_id) for decision in decisions]


def verdicts(decision: Decision) -> list[tuple[str, str]]:
    return [(one.agent_id, one.verdict) for one in decision.considered]


GERMAN_3 = (Need("german", 3),)


# --- who is eligible -----------------------------------------------------------------------------

ONE_TO_ONE: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("a free member without needs to meet", {}, {}, "chosen"),
    ("a stranger to the queue", {}, {"queues": serves("billing")}, "not_in_queue"),
    ("a member of this and another queue", {}, {"queues": serves("billing", "orders")}, "chosen"),
    ("skilled enough", {"needs": GERMAN_3}, {"skills": {"german": 3}}, "chosen"),
    ("skilled, but not enough", {"needs": GERMAN_3}, {"skills": {"german": 2.9}}, "lacks_skill"),
    ("without the skill", {"needs": GERMAN_3}, {"skills": {"french": 5}}, "lacks_skill"),
    (
        "a skill at nought when any level will do",
        {"needs": (Need("german"),)},
        {"skills": {"german": 0}},
        "chosen",
    ),
    ("no skill when any level will do", {"needs": (Need("german"),)}, {}, "lacks_skill"),
    (
        "one skill of two",
        {"needs": (Need("german", 1), Need("returns", 1))},
        {"skills": {"german": 5}},
        "lacks_skill",
    ),
    ("full", {}, {"free": {"message": 0}}, "full"),
    ("not a whole slot left", {}, {"free": {"message": 0.99}}, "full"),
    ("exactly one slot left", {}, {"free": {"message": 1.0}}, "chosen"),
    ("free for another medium only", {}, {"free": {"email": 4}}, "full"),
    ("busy with other work, a slot left", {}, {"status": "interacting"}, "chosen"),
    ("not responding", {}, {"status": "not_responding"}, "not_available"),
    ("off the queue", {}, {"status": "off_queue"}, "not_available"),
    ("declined it before", {"refused_by": frozenset({"ana"})}, {}, "refused"),
    ("somebody else declined it", {"refused_by": frozenset({"ben"})}, {}, "chosen"),
    ("the last agent", {"preferred": (kept_for("ana"),)}, {}, "chosen"),
    ("not the last agent", {"preferred": (kept_for("ben"),)}, {}, "reserved_for_other"),
    ("the last agent, full", {"preferred": (kept_for("ana"),)}, {"free": {"message": 0}}, "full"),
    ("the last agent, gone silent", {"preferred": (kept_for("ana"),)}, {"status": "not_responding"}, "not_available"),
    ("the last agent, declined", {"preferred": (kept_for("ana"),), "refused_by": frozenset({"ana"})}, {}, "refused"),
    ("the last agent, no member any more", {"preferred": (kept_for("ana"),)}, {"queues": {}}, "not_in_queue"),
    ("the last agent, unskilled", {"preferred": (kept_for("ana"),), "needs": GERMAN_3}, {}, "lacks_skill"),
    (
        "the last agent, no member and unskilled, and the queue says any",
        {"preferred": (kept_for("ana", anyway=True),), "needs": GERMAN_3},
        {"queues": {}},
        "chosen",
    ),
    (
        "any for another agent opens nothing",
        {"preferred": (kept_for("ana"), kept_for("ben", anyway=True)), "needs": GERMAN_3},
        {},
        "lacks_skill",
    ),
    ("not the last agent, whose time is over", {"preferred": (kept_for("ben", until=0),)}, {}, "chosen"),
    (
        "not the last agent, whose time is almost over",
        {"preferred": (kept_for("ben", until=0.01),)},
        {},
        "reserved_for_other",
    ),
    (
        "the last agent, no member, whose time is over",
        {"preferred": (kept_for("ana", until=0, anyway=True),)},
        {"queues": {}},
        "not_in_queue",
    ),
    (
        "the queue says any, but not for someone who is full",
        {"preferred": (kept_for("ana", anyway=True),)},
        {"free": {"message": 0}},
        "full",
    ),
]


@pytest.mark.parametrize(("wants", "has", "verdict"), [case[1:] for case in ONE_TO_ONE], ids=[c[0] for c in ONE_TO_ONE])
def test_one_agent_and_one_pass(wants: dict[str, Any], has: dict[str, Any], verdict: str) -> None:
    (decision,) = decide([waits(**wants)], [agent("ana", **has)], NOW, undecided=True)
    assert decision.counts == {verdict: 1}
    assert decision.agent_id == ("ana" if verdict == "chosen" else None)
    assert rebuild(to_json(decision)) == decision.agent_id


# --- who of several, and in which order ----------------------------------------------------------


def test_the_longest_idle_agent_is_chosen() -> None:
    assert chosen(decide([waits()], [agent("ana", idle=2), agent("ben", idle=9), agent("eva", idle=4)], NOW)) == [
        ("p1", "ben")
    ]


def test_a_longer_idle_agent_without_the_skill_is_passed_over() -> None:
    team = [agent("ana", idle=2, skills={"german": 3}), agent("ben", idle=9, skills={"german": 2})]
    assert chosen(decide([waits(needs=GERMAN_3)], team, NOW)) == [("p1", "ana")]


def test_a_higher_proficiency_does_not_beat_a_longer_idle_time() -> None:
    team = [agent("ana", idle=2, skills={"german": 5}), agent("ben", idle=9, skills={"german": 3})]
    assert chosen(decide([waits(needs=GERMAN_3)], team, NOW)) == [("p1", "ben")]


def test_equally_idle_agents_are_taken_by_id() -> None:
    assert chosen(decide([waits()], [agent("ben"), agent("ana")], NOW)) == [("p1", "ana")]


def test_whoever_was_given_work_goes_to_the_end_of_the_line() -> None:
    team = [agent("ana", idle=9, slots=3), agent("ben", idle=4, slots=3)]
    three = [waits("p1", since=9), waits("p2", since=8), waits("p3", since=7)]
    assert chosen(decide(three, team, NOW)) == [("p1", "ana"), ("p2", "ben"), ("p3", "ana")]


def test_slots_run_out_one_by_one_and_nobody_gets_more() -> None:
    two = decide([waits(f"p{n}", since=9 - n) for n in range(5)], [agent("ana", slots=2.7)], NOW)
    assert chosen(two) == [("p0", "ana"), ("p1", "ana")]


def test_a_slot_of_one_medium_leaves_the_others_alone() -> None:
    ana = agent("ana", free={"message": 1.0, "email": 1.0})
    both = [waits("p1", since=9), waits("p2", since=8, medium="email"), waits("p3", since=7)]
    assert chosen(decide(both, [ana], NOW)) == [("p1", "ana"), ("p2", "ana")]


def test_the_earlier_place_in_the_order_is_served_first_not_the_longer_wait() -> None:
    old = waits("old", order_at=ago(20), waiting_since=ago(20))
    urgent = waits("urgent", order_at=ago(35), waiting_since=ago(5), priority=30)
    assert chosen(decide([old, urgent], [agent("ana")], NOW)) == [("urgent", "ana")]


def test_passes_with_the_same_place_are_served_by_id() -> None:
    assert chosen(decide([waits("p2"), waits("p1")], [agent("ana")], NOW)) == [("p1", "ana")]


def test_an_agent_of_two_queues_goes_to_the_earlier_pass_of_either() -> None:
    both = agent("ana", queues=serves("orders", "billing"))
    line = [waits("p1", since=3), waits("p2", since=8, queue_id="billing")]
    assert chosen(decide(line, [both], NOW)) == [("p2", "ana")]


def test_a_pass_that_nobody_can_take_does_not_hold_up_the_next() -> None:
    line = [waits("p1", since=9, needs=GERMAN_3), waits("p2", since=1)]
    assert chosen(decide(line, [agent("ana")], NOW)) == [("p2", "ana")]


def test_a_pass_kept_for_its_last_agent_does_not_fall_to_others() -> None:
    line = [waits("p1", preferred=(kept_for("ben"),)), waits("p2", since=1)]
    assert chosen(decide(line, [agent("ana", idle=9), agent("ben", slots=0)], NOW)) == [("p2", "ana")]


def test_a_pass_kept_for_its_last_agent_reaches_them_past_longer_idle_ones() -> None:
    (decision,) = decide([waits(preferred=(kept_for("ben"),))], [agent("ana", idle=9), agent("ben")], NOW)
    assert (decision.agent_id, decision.method) == ("ben", "last")


# --- what a decision tells -----------------------------------------------------------------------


def test_a_decision_lists_the_chosen_the_other_eligible_and_then_who_came_close() -> None:
    german = {"german": 4.5}
    team = [
        agent("ana", idle=9, skills=german),
        agent("ben", idle=3, skills=german),
        agent("cem", idle=5, skills=german),
        agent("dora", idle=8, skills=german, slots=0),
        agent("eva", idle=7, skills=german | {"french": 2}, status="not_responding"),
        agent("finn", idle=6),
        agent("gil", idle=30, skills=german, queues={}),
    ]
    (decision,) = decide([waits(needs=GERMAN_3)], team, NOW)
    assert verdicts(decision) == [
        ("ana", "chosen"),
        ("cem", "eligible"),
        ("ben", "eligible"),
        ("dora", "full"),
        ("eva", "not_available"),
        ("finn", "lacks_skill"),
    ]
    assert decision.counts == {
        "chosen": 1,
        "eligible": 2,
        "full": 1,
        "not_available": 1,
        "lacks_skill": 1,
        "not_in_queue": 1,
    }
    assert decision.considered[4].skills == german, "only what the pass needs"
    assert (decision.method, decision.evaluation, decision.decided_at) == ("standard", "all_skills", NOW)


def test_a_decision_lists_ten_at_most_and_counts_all() -> None:
    (decision,) = decide([waits()], [agent(f"a{n:02}", idle=n) for n in range(40)], NOW)
    assert [one.agent_id for one in decision.considered] == [f"a{n:02}" for n in range(39, 29, -1)]
    assert decision.counts == {"chosen": 1, "eligible": 39}


def test_near_misses_share_the_ten_places_too() -> None:
    full = [agent(f"full-{n}", slots=0) for n in range(8)]
    silent = [agent(f"silent-{n}", status="not_responding") for n in range(8)]
    (decision,) = decide([waits()], [agent("ana"), *full, *silent], NOW)
    assert [verdict for _, verdict in verdicts(decision)] == ["chosen", *["full"] * 8, "not_available"]


def test_values_in_a_decision_are_those_before_the_slot_was_taken() -> None:
    first, second = decide([waits("p1", since=9), waits("p2")], [agent("ana", idle=7, slots=2)], NOW)
    assert (first.considered[0].free, first.considered[0].idle_since) == (2, ago(7))
    assert (second.considered[0].free, second.considered[0].idle_since) == (1, NOW)


def test_undecided_passes_are_left_out_unless_asked_for() -> None:
    line, team = [waits("p1", since=9, needs=GERMAN_3), waits("p2")], [agent("ana")]
    assert chosen(decide(line, team, NOW)) == [("p2", "ana")]
    assert chosen(decide(line, team, NOW, undecided=True)) == [("p1", None), ("p2", "ana")]


def test_an_undecided_pass_says_how_many_lack_which_skill() -> None:
    needs = (Need("german", 3), Need("returns", 1), Need("vip"))
    team = [
        agent("ana", skills={"german": 2, "vip": 1}),
        agent("ben", skills={"german": 5, "vip": 1}),
        agent("cem", skills={"german": 5, "returns": 2, "vip": 1}, slots=0),
    ]
    (decision,) = decide([waits(needs=needs)], team, NOW, undecided=True)
    assert decision.lacking == {"german": 1, "returns": 2}
    assert decision.counts == {"lacks_skill": 2, "full": 1}


def test_a_pass_held_for_someone_shows_what_stops_them_and_nobody_else() -> None:
    team = [agent("ana", queues={}), agent("ben")]
    (decision,) = decide([waits(preferred=(kept_for("ana"),))], team, NOW, undecided=True)
    assert verdicts(decision) == [("ana", "not_in_queue")]
    assert decision.counts == {"not_in_queue": 1, "reserved_for_other": 1}


def test_nothing_waiting_and_nobody_there_are_no_decisions() -> None:
    assert decide([], [agent("ana")], NOW) == decide([waits()], [], NOW) == []
    (decision,) = decide([waits()], [], NOW, undecided=True)
    assert (decision.agent_id, decision.considered, decision.counts) == (None, (), {})


@pytest.mark.parametrize("wrong", [{"method": "astrology"}, {"evaluation": "by_mood"}])
def test_an_unknown_method_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        decide([waits()], [agent("ana")], NOW, {"orders": QueueRule(**wrong)})


@pytest.mark.parametrize("wrong", [{"method": "astrology"}, {"evaluation": "by_mood"}])
def test_and_none_where_nothing_waits_by_it(wrong: dict[str, Any]) -> None:
    assert len(decide([waits()], [agent("ana")], NOW, {"billing": QueueRule(**wrong)})) == 1


def test_what_occurs_twice_is_an_error_rather_than_given_away_twice() -> None:
    with pytest.raises(ValueError, match="pass occurs twice"):
        decide([waits(), waits()], [agent("ana", slots=2)], NOW)
    with pytest.raises(ValueError, match="candidate occurs twice"):
        decide([waits()], [agent("ana"), agent("ana")], NOW)


# --- rebuilding ----------------------------------------------------------------------------------


def test_rebuilding_reads_the_values_and_not_the_answer() -> None:
    team = [agent("ana", idle=9, skills={"german": 3}), agent("ben", idle=4, skills={"german": 5})]
    (decision,) = decide([waits(needs=GERMAN_3)], team, NOW)
    stored = json.loads(json.dumps(to_json(decision)))
    stored["agent_id"] = "ben"
    stored["considered"].reverse()
    for one in stored["considered"]:
        one["verdict"] = "eligible"
    assert rebuild(stored) == "ana"


@pytest.mark.parametrize(
    "tampered",
    [{"idle_since": NOW.isoformat()}, {"skills": {"german": 2.5}}, {"skills": {}}, {"free": 0.5}],
)
def test_rebuilding_from_other_values_gives_another_agent(tampered: dict[str, Any]) -> None:
    team = [agent("ana", idle=9, skills={"german": 3}), agent("ben", idle=4, skills={"german": 5})]
    (decision,) = decide([waits(needs=GERMAN_3)], team, NOW)
    stored = to_json(decision)
    stored["considered"][0] |= tampered
    assert (decision.agent_id, rebuild(stored)) == ("ana", "ben")


def test_rebuilding_keeps_a_reserved_pass_for_its_agent() -> None:
    (decision,) = decide([waits()], [agent("ana", idle=9), agent("ben")], NOW)
    stored = to_json(decision)
    assert rebuild(stored) == "ana"
    preferred = {"agent_id": "ben", "until": ago(-1).isoformat(), "score": 0, "anyway": False, "kind": "last"}
    assert rebuild(stored | {"preferred": [preferred]}) == "ben"
