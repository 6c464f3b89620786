"""What a supervisor reads about a decision, from the stored form alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from routing.acd.explain import Sentence, duration, sentence
from routing.acd.select import decide
from routing.acd.values import Candidate, Need, Waiting, to_json
from tests.routing.situations import NOW, Situation, agent, kept_for, situations, waits

NAMES = {"ana": "Ana", "ben": "Ben", "cem": "Cem", "dora": "Dora", "eva": "Eva", "finn": "Finn"}
SKILLS = {"german": "German", "returns": "Returns"}
NEEDS = (Need("german", 3), Need("returns"))
BOTH = {"german": 4.5, "returns": 3.0}


def explain(item: Waiting, team: list[Candidate], **translated: Any) -> Sentence:
    (decision,) = decide([item], team, NOW, undecided=True)
    return sentence(json.loads(json.dumps(to_json(decision))), NAMES, SKILLS, **translated)


REFUSED_BY_ANA: dict[str, Any] = {"refused_by": frozenset({"ana"})}
KEPT: dict[str, Any] = {"preferred": (kept_for("ana"),)}

CASES: list[tuple[Waiting, list[Candidate], str]] = [
    (
        waits(needs=NEEDS),
        [
            agent("ana", idle=4, skills=BOTH),
            agent("ben", idle=3, skills=BOTH),
            agent("cem", idle=2, skills=BOTH),
            agent("dora", idle=9),
            agent("eva", idle=9, skills={"german": 2.0}),
            agent("finn", idle=9, skills=BOTH, slots=0),
        ],
        "Ana: German 4.5, Returns 3, idle 4 min, longest of 3 eligible; 2 lacked a skill, 1 was full.",
    ),
    (waits(), [agent("ana", idle=0.5)], "Ana: idle 30 s, the only one eligible."),
    (waits(), [agent("ana"), agent("ben", queues={})], "Ana: idle 1 min, the only one eligible."),
    (
        waits(refused_by=frozenset({"ben"})),
        [agent("ana"), agent("ben"), agent("cem", status="not_responding"), agent("dora", slots=0.5)],
        "Ana: idle 1 min, the only one eligible; 1 was full, 1 declined or missed it, 1 wasn't available.",
    ),
    (
        waits(),
        [agent("ana"), agent("ben", slots=0), agent("cem", slots=0)],
        "Ana: idle 1 min, the only one eligible; 2 were full.",
    ),
    (
        waits(needs=NEEDS, **KEPT),
        [agent("ana", skills=BOTH)],
        "Ana: last agent, German 4.5, Returns 3, idle 1 min.",
    ),
    (waits(**KEPT), [agent("ana"), agent("ben", idle=9)], "Ana: last agent, idle 1 min."),
    (waits(preferred=(kept_for("ana", kind="preferred"),)), [agent("ana")], "Ana: preferred agent, idle 1 min."),
    (
        waits(preferred=(kept_for("ana"), kept_for("ben", score=1, kind="preferred"))),
        [agent("ana", idle=9), agent("ben")],
        "Ben: preferred agent, idle 1 min.",
    ),
    (
        waits(preferred=(kept_for("ana"), kept_for("ben"))),
        [agent("ana", slots=0), agent("ben", status="not_responding"), agent("cem")],
        "Nobody yet: kept for Ana, Ben: 1 is full, 1 isn't available.",
    ),
    (
        waits(preferred=(kept_for("ana"), kept_for("ben"))),
        [agent("cem")],
        "Nobody yet: kept for Ana, Ben: none of them is at work.",
    ),
    (waits(), [agent("gone")], "An unknown agent: idle 1 min, the only one eligible."),
    (
        waits(needs=(Need("old"),)),
        [agent("ana", skills={"old": 2})],
        "Ana: an unknown skill 2, idle 1 min, the only one eligible.",
    ),
    (
        waits(needs=(Need("german"),), **REFUSED_BY_ANA),
        [
            agent("ana", skills=BOTH),
            agent("ben"),
            agent("cem"),
            *(agent(f"full-{n}", skills=BOTH, slots=0) for n in range(3)),
        ],
        "Nobody yet: 2 lack German, 3 are full, 1 declined or missed it.",
    ),
    (
        waits(needs=NEEDS),
        [agent("ana", skills={"german": 2.0}), agent("ben", skills={"german": 5.0})],
        "Nobody yet: 1 lacks German 3+, 2 lack Returns.",
    ),
    (waits(), [agent("ana", slots=0)], "Nobody yet: 1 is full."),
    (
        waits(),
        [agent("ana", status="off_queue"), agent("ben", status="not_responding")],
        "Nobody yet: 2 aren't available.",
    ),
    (waits(), [], "Nobody yet: no member of the queue is at work."),
    (waits(), [agent("ana", queues={})], "Nobody yet: no member of the queue is at work."),
    (waits(**KEPT), [agent("ana", slots=0), agent("ben")], "Nobody yet: kept for Ana, who is full."),
    (
        waits(**KEPT),
        [agent("ana", status="not_responding")],
        "Nobody yet: kept for Ana, who isn't available.",
    ),
    (waits(**KEPT), [agent("ben")], "Nobody yet: kept for Ana, who isn't available."),
    (waits(**KEPT, **REFUSED_BY_ANA), [agent("ana")], "Nobody yet: kept for Ana, who declined or missed it."),
    (waits(needs=NEEDS, **KEPT), [agent("ana")], "Nobody yet: kept for Ana, who lacks a skill."),
    (
        waits(**KEPT),
        [agent("ana", queues={})],
        "Nobody yet: kept for Ana, who isn't a member of the queue.",
    ),
]


@pytest.mark.parametrize(("item", "team", "text"), CASES, ids=[case[2][:60] for case in CASES])
def test_the_sentence_says_why(item: Waiting, team: list[Candidate], text: str) -> None:
    assert str(explain(item, team)) == text


def test_the_facts_of_a_choice_come_along_as_values() -> None:
    told = explain(waits(needs=NEEDS), [agent("ana", idle=4, skills=BOTH), agent("ben"), agent("cem", skills=BOTH)])
    assert told.key == "acd.chosen"
    assert told.params == {
        "agent": "ana",
        "method": "standard",
        "counts": {"chosen": 1, "eligible": 1, "lacks_skill": 1},
        "lacking": {"german": 1, "returns": 1},
        "idle_seconds": 240,
        "eligible": 2,
    }


def test_the_facts_of_a_pass_without_anyone_come_along_too() -> None:
    assert explain(waits(), [agent("ana", slots=0)]).key == "acd.nobody"
    held = explain(waits(**KEPT), [agent("ana", slots=0)])
    assert (held.key, held.params["agent"], held.params["verdict"]) == ("acd.nobody_held", "ana", "full")


GERMAN = {
    "idle %(time)s": "frei seit %(time)s",
    "%(minutes)s min": "%(minutes)s Min.",
    "longest of %(count)s eligible": "am längsten von %(count)s",
    "%(count)s was full": "%(count)s war voll",
    "%(count)s were full": "%(count)s waren voll",
}


def test_every_part_is_translated() -> None:
    team = [agent("ana", idle=4), agent("ben", idle=3), agent("cem", slots=0), agent("dora", slots=0)]
    told = explain(
        waits(),
        team,
        gettext=lambda text: GERMAN.get(text, "unübersetzt"),
        ngettext=lambda one, many, number: GERMAN.get(one if number == 1 else many, "unübersetzt"),
    )
    assert str(told) == "Ana: frei seit 4 Min., am längsten von 2; 2 waren voll."


LENGTHS = [
    (-5, "0 s"),
    (0, "0 s"),
    (59.9, "59 s"),
    (60, "1 min"),
    (3599, "59 min"),
    (3600, "1 h 0 min"),
    (7500, "2 h 5 min"),
    (86399, "23 h 59 min"),
    (86400, "1 d 0 h"),
    (273600, "3 d 4 h"),
]


@pytest.mark.parametrize(("seconds", "text"), LENGTHS)
def test_a_length_of_time_is_cut_to_its_largest_units(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


@given(situations())
def test_every_decision_has_its_sentence(situation: Situation) -> None:
    names = {one.agent_id: f"Agent {one.agent_id}" for one in situation[1]}
    for decision in decide(*situation, NOW, undecided=True):
        told = sentence(to_json(decision), names, SKILLS)
        nobody = str(told).startswith("Nobody yet: ")
        assert nobody == (decision.agent_id is None)
        assert nobody or str(told).startswith(f"Agent {decision.agent_id}: ")
        assert str(told).endswith(".")
        assert "%(" not in str(told)
        assert json.loads(json.dumps(told.params)) == told.params
