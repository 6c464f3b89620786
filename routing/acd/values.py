"""What the ACD decides on and what it answers: plain values, no database rows.

`snapshot.py` turns rows into `Waiting` and `Candidate`, `select.decide` turns those into `Decision`, and
`to_json` turns a `Decision` into what is stored, so that the choice can be read and rebuilt later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["acd", "last", "preferred", "transfer"]
Verdict = Literal[
    "chosen",
    "eligible",
    "reserved_for_other",
    "not_in_queue",
    "lacks_skill",
    "not_available",
    "refused",
    "full",
]
MOST_CONSIDERED = 10


@dataclass(frozen=True, slots=True)
class Need:
    """A skill asked for, with the least proficiency (0–5) that will do; 0 asks only for having the skill."""

    skill_id: str
    minimum: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A pass that waits for a person.

    order_at: its place in the order; priority is already in it (1 point = 1 minute earlier).
    only_agent: nobody else may get it; who lifts that, and when, is the caller's business.
    only_agent_any: that agent needs neither membership nor skills (the queue says any).
    refused_by: agents who declined it or let it expire within this visit; they don't get it again.
    """

    pass_id: str
    conversation_id: str
    queue_id: str
    medium: str
    order_at: datetime
    waiting_since: datetime
    priority: int = 0
    needs: tuple[Need, ...] = ()
    only_agent: str | None = None
    only_agent_any: bool = False
    refused_by: frozenset[str] = frozenset()
    kind: Kind = "acd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An agent who may get work.

    skills: skill id → proficiency (0–5). free: medium → free slots, possibly a fraction; a medium that isn't
    named has none. queues: the ids of the queues whose active member the agent is.
    status: the routing status, see `agents.presence.RoutingStatus`.
    """

    agent_id: str
    idle_since: datetime
    status: str
    skills: Mapping[str, float] = field(default_factory=dict)
    free: Mapping[str, float] = field(default_factory=dict)
    queues: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One agent as the decision saw them: before the slot was taken and the idle clock reset.

    skills: only those that the pass needs and the agent has. free: slots for the medium of the pass.
    """

    agent_id: str
    verdict: Verdict
    idle_since: datetime
    skills: Mapping[str, float]
    free: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who gets a pass (`agent_id` None: nobody yet), and everything that the choice rests on.

    method: the routing method, or the kind of the pass when that decided (`last`, `preferred`, `transfer`).
    considered: the chosen one, the other eligible ones by rank, then the longest idle of those who came close
    (members who were stopped by something else); at most 10.
    counts: verdict → agents; every candidate is in exactly one, verdicts without any are left out.
    lacking: skill id → agents of the queue who lack it; who lacks two is in both.
    """

    pass_id: str
    agent_id: str | None
    method: str
    evaluation: str
    needs: tuple[Need, ...]
    only_agent: str | None
    only_agent_any: bool
    considered: tuple[Considered, ...]
    counts: Mapping[Verdict, int]
    lacking: Mapping[str, int]
    decided_at: datetime


def to_json(decision: Decision) -> dict[str, Any]:
    """The decision in plain JSON types: lists, objects, numbers, strings; times in ISO 8601."""
    stored = asdict(decision)
    stored["needs"] = [asdict(need) for need in decision.needs]
    stored["considered"] = [_considered_to_json(one) for one in decision.considered]
    stored["decided_at"] = decision.decided_at.isoformat()
    return stored


def from_json(stored: Mapping[str, Any]) -> Decision:
    """The decision that `to_json` stored. Raises KeyError or TypeError for anything else."""
    return Decision(
        **{
            **stored,
            "needs": tuple(Need(**need) for need in stored["needs"]),
            "considered": tuple(_considered_from_json(one) for one in stored["considered"]),
            "decided_at": datetime.fromisoformat(stored["decided_at"]),
        }
    )


def _considered_to_json(one: Considered) -> dict[str, Any]:
    return {**asdict(one), "idle_since": one.idle_since.isoformat()}


def _considered_from_json(stored: Mapping[str, Any]) -> Considered:
    return Considered(**{**stored, "idle_since": datetime.fromisoformat(stored["idle_since"])})
