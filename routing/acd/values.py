"""What the ACD decides on and what it answers: plain values, no database rows.

`snapshot.py` turns rows into `Waiting` and `Candidate`, `select.decide` turns those into `Decision`, and
`to_json` turns a `Decision` into what is stored, so that the choice can be read and rebuilt later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["acd", "last", "preferred"]
Verdict = Literal[
    "chosen",
    "eligible",
    "reserved_for_other",
    "not_in_queue",
    "lacks_skill",
    "not_yet",
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
class PreferredAgent:
    """An agent for whom a pass is kept until a moment: before it, nobody who isn't preferred gets it.

    score: of several, the highest is asked first; equals by the queue's evaluation.
    anyway: neither membership nor skills are asked of this agent (the queue says any, or it is their own work).
    kind: why this agent, as the offer will say.
    """

    agent_id: str
    until: datetime
    score: float = 0.0
    anyway: bool = False
    kind: Kind = "preferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRule:
    """How a queue chooses. method: who may be asked now. evaluation: who of them is the best."""

    method: str = "standard"
    evaluation: str = "all_skills"


@dataclass(frozen=True, slots=True)
class Membership:
    """How an agent serves a queue. ring: how far from its centre (1), for methods that ask one ring after the other."""

    ring: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A pass that waits for a person.

    order_at: its place in the order; priority is already in it (1 point = 1 minute earlier).
    preferred: for whom it is kept; whose time is over counts no more.
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
    preferred: tuple[PreferredAgent, ...] = ()
    refused_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An agent who may get work.

    skills: skill id → proficiency (0–5). free: medium → free slots, possibly a fraction; a medium that isn't
    named has none. queues: the queues whose active member the agent is, by id.
    status: the routing status, see `agents.presence.RoutingStatus`.
    """

    agent_id: str
    idle_since: datetime
    status: str
    skills: Mapping[str, float] = field(default_factory=dict)
    free: Mapping[str, float] = field(default_factory=dict)
    queues: Mapping[str, Membership] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One agent as the decision saw them: before the slot was taken and the idle clock reset.

    skills: only those that the pass needs and the agent has. free: slots for the medium of the pass.
    opens_at: when the queue's method would ask this agent, if that isn't yet.
    """

    agent_id: str
    verdict: Verdict
    idle_since: datetime
    skills: Mapping[str, float]
    free: float
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who gets a pass (`agent_id` None: nobody yet), and everything that the choice rests on.

    method: the queue's routing method, or the kind of the preferred agents when these decided.
    preferred: those whose time wasn't over; empty: anybody could get it.
    considered: the chosen one, the other eligible ones by rank, then the longest idle of those who came close
    (members who were stopped by something else); at most 10.
    counts: verdict → agents; every candidate is in exactly one, verdicts without any are left out.
    lacking: skill id → agents of the queue who lack it; who lacks two is in both.
    opens_at: when the queue's method asks more agents, None: it doesn't.
    """

    pass_id: str
    queue_id: str
    medium: str
    waiting_since: datetime
    agent_id: str | None
    method: str
    evaluation: str
    needs: tuple[Need, ...]
    preferred: tuple[PreferredAgent, ...]
    considered: tuple[Considered, ...]
    counts: Mapping[Verdict, int]
    lacking: Mapping[str, int]
    opens_at: datetime | None
    decided_at: datetime

    @property
    def kind(self) -> Kind:
        """Why the chosen agent, as the offer says it."""
        return next((one.kind for one in self.preferred if one.agent_id == self.agent_id), "acd")


def to_json(decision: Decision) -> dict[str, Any]:
    """The decision in plain JSON types: lists, objects, numbers, strings; times in ISO 8601."""
    plain: dict[str, Any] = _with_times_as_text(asdict(decision))
    return plain


def _with_times_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_times_as_text(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_with_times_as_text(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def from_json(stored: Mapping[str, Any]) -> Decision:
    """The decision that `to_json` stored. Raises KeyError or TypeError for anything else."""
    return Decision(
        **{
            **_with_moments(stored, "waiting_since", "opens_at", "decided_at"),
            "needs": tuple(Need(**need) for need in stored["needs"]),
            "preferred": tuple(PreferredAgent(**_with_moments(one, "until")) for one in stored["preferred"]),
            "considered": tuple(
                Considered(**_with_moments(one, "idle_since", "opens_at")) for one in stored["considered"]
            ),
        }
    )


def _with_moments(stored: Mapping[str, Any], *names: str) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(stored[name]) for name in names if stored[name] is not None}
    return {**stored, **times}
