"""Passes and agents for the tests of the ACD: by hand with sensible defaults, or any at all by Hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from routing.acd.values import Candidate, Membership, Need, PreferredAgent, Waiting

Situation = tuple[list[Waiting], list[Candidate]]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def serves(*queues: str, ring: int = 1) -> dict[str, Membership]:
    return dict.fromkeys(queues, Membership(ring))


def kept_for(agent_id: str, *, until: float = 1, **fields: Any) -> PreferredAgent:
    """`until`: in so many minutes."""
    return PreferredAgent(agent_id=agent_id, until=ago(-until), **({"kind": "last"} | fields))


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
        "queues": serves("orders"),
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
        queues=serves(*draw(st.frozensets(st.sampled_from(QUEUES)))),
    )


@st.composite
def preferred_agents(draw: st.DrawFn, agent_id: str) -> PreferredAgent:
    return kept_for(
        agent_id,
        until=draw(st.sampled_from((-1, 0, 1, 1))),
        score=draw(st.sampled_from((0.0, 0.0, 0.5, 1.0))),
        anyway=draw(st.booleans()),
        kind=draw(st.sampled_from(("last", "preferred"))),
    )


@st.composite
def passes_of(draw: st.DrawFn, pass_id: str) -> Waiting:
    needs = draw(st.dictionaries(st.sampled_from(SKILLS), LEVELS))
    preferred = draw(st.lists(st.sampled_from(AGENTS), max_size=2, unique=True)) if draw(st.booleans()) else []
    return waits(
        pass_id,
        since=draw(st.integers(0, 4)),
        queue_id=draw(st.sampled_from(QUEUES)),
        medium=draw(st.sampled_from(MEDIA)),
        needs=tuple(Need(skill, level) for skill, level in needs.items()),
        preferred=tuple(draw(preferred_agents(agent_id)) for agent_id in preferred),
        refused_by=draw(st.frozensets(st.sampled_from(AGENTS), max_size=2)),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Waiting], list[Candidate]]:
    staff = draw(st.lists(st.sampled_from(AGENTS), unique=True))
    line = draw(st.lists(st.sampled_from(PASSES), unique=True))
    return [draw(passes_of(pass_id)) for pass_id in line], [draw(agents_of(agent_id)) for agent_id in staff]
