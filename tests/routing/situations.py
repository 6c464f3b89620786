"""Passes and agents for the tests of the ACD: by hand with sensible defaults, or any at all by Hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from routing.acd.values import Candidate, Need, Waiting

Situation = tuple[list[Waiting], list[Candidate]]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def waits(pass_id: str = "p1", *, since: float = 5, **fields: Any) -> Waiting:
    given_fields: dict[str, Any] = {
        "conversation_id": f"conversation-{pass_id}",
        "queue_id": "orders",
        "medium": "message",
        "order_at": ago(since),
        "waiting_since": ago(since),
    }
    return Waiting(pass_id=pass_id, **(given_fields | fields))


def agent(agent_id: str, *, idle: float = 1, slots: float = 1, **fields: Any) -> Candidate:
    given_fields: dict[str, Any] = {
        "idle_since": ago(idle),
        "status": "idle",
        "free": {"message": slots},
        "queues": frozenset({"orders"}),
    }
    return Candidate(agent_id=agent_id, **(given_fields | fields))


SKILLS, QUEUES, MEDIA = ("german", "returns"), ("orders", "billing"), ("message", "email")
AGENTS, PASSES = tuple("abcdef"), tuple(f"p{n}" for n in range(9))
STATUSES = ("idle", "idle", "interacting", "not_responding", "off_queue")
LEVELS = st.sampled_from((0.0, 1.0, 2.5, 4.0, 5.0))


@st.composite
def agents_of(draw: st.DrawFn, agent_id: str) -> Candidate:
    return agent(
        agent_id,
        idle=draw(st.integers(0, 4)),
        status=draw(st.sampled_from(STATUSES)),
        skills=draw(st.dictionaries(st.sampled_from(SKILLS), LEVELS)),
        free=draw(st.dictionaries(st.sampled_from(MEDIA), st.sampled_from((0.0, 0.5, 1.0, 1.9, 2.0, 3.0)))),
        queues=draw(st.frozensets(st.sampled_from(QUEUES))),
    )


@st.composite
def passes_of(draw: st.DrawFn, pass_id: str) -> Waiting:
    needs = draw(st.dictionaries(st.sampled_from(SKILLS), LEVELS))
    only = draw(st.sampled_from((None, None, None, *AGENTS)))
    return waits(
        pass_id,
        since=draw(st.integers(0, 4)),
        queue_id=draw(st.sampled_from(QUEUES)),
        medium=draw(st.sampled_from(MEDIA)),
        needs=tuple(Need(skill, level) for skill, level in needs.items()),
        only_agent=only,
        only_agent_any=draw(st.booleans()),
        refused_by=draw(st.frozensets(st.sampled_from(AGENTS), max_size=2)),
        kind="last" if only else "acd",
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Waiting], list[Candidate]]:
    staff = draw(st.lists(st.sampled_from(AGENTS), unique=True))
    line = draw(st.lists(st.sampled_from(PASSES), unique=True))
    return [draw(passes_of(pass_id)) for pass_id in line], [draw(agents_of(agent_id)) for agent_id in staff]
