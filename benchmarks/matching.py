"""Routing looks who could take what waits: 1,000 waiting, and more and more agents, nearly all of them full.

Each agent serves two of twenty queues and has three of ten skills; each waiting conversation asks for one of them.
The product's own routing worker stands still meanwhile, so that nobody else holds the lock of the matcher.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from signal import SIGCONT, SIGSTOP
from typing import Any

from django.db import connection

from agents.models import AgentLoad, AgentState, Medium, Skill, User, UserSkill
from agents.presence import RoutingStatus
from benchmarks import past
from benchmarks.figures import Figure, Outcome, percentile
from channels_app.models import Channel, Conversation
from contactcenter.kernel import clock
from routing.actions import engine
from routing.models import Offer, PassNeed, Queue, QueueMember, QueueVisit, RoutingPass

QUEUES, SKILLS, WAITING, LIMIT = 20, 10, 1_000, 4
ROUNDS = 5


def run(*, pids: dict[str, int], agents: tuple[int, ...] = (500, 2_000, 5_000), active: int = 20_000) -> Outcome:
    rng = random.Random(6)
    channel = Channel.objects.create(kind="webmessaging", name="Benchmark matching")
    queues = Queue.objects.bulk_create(Queue(name=f"Queue {n}", last_agent="disabled") for n in range(QUEUES))
    skills = Skill.objects.bulk_create(Skill(name=f"Skill {n}") for n in range(SKILLS))
    figures: list[Figure] = []
    with _standing_still(pids["worker-routing"]):
        _wait(_conversations(channel, WAITING, "waits"), queues, skills, rng)
        team: list[User] = []
        for number in agents:
            team += _hire(number - len(team), len(team), queues, skills, rng)
            figures += _looks(number, team)
        figures += _active(_conversations(channel, active, "talks"), queues[0])
        Offer.objects.all().delete()
        RoutingPass.objects.all().delete()
    return Outcome(figures)


@contextmanager
def _standing_still(group: int) -> Iterator[None]:
    os.killpg(group, SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, SIGCONT)


# --- rows --------------------------------------------------------------------------------------


def _conversations(channel: Channel, number: int, name: str) -> list[Conversation]:
    now = clock.now()
    addresses = past.people(channel, number, name)
    return Conversation.objects.bulk_create(
        (
            Conversation(channel=channel, address=one, last_time=now, created_at=now, active_since=now, last_seq=1)
            for one in addresses
        ),
        batch_size=2_000,
    )


def _wait(conversations: list[Conversation], queues: list[Queue], skills: list[Skill], rng: random.Random) -> None:
    now = clock.now()
    passes = [
        RoutingPass(
            conversation=one,
            state=RoutingPass.State.WAITING,
            queue=rng.choice(queues),
            started_at=now,
            waiting_since=now,
            order_at=now + timedelta(seconds=place),
        )
        for place, one in enumerate(conversations)
    ]
    RoutingPass.objects.bulk_create(passes)
    QueueVisit.objects.bulk_create(QueueVisit(routing_pass=one, queue=one.queue, entered_at=now) for one in passes)
    PassNeed.objects.bulk_create(PassNeed(routing_pass=one, skill=rng.choice(skills), minimum=1) for one in passes)


def _hire(number: int, known: int, queues: list[Queue], skills: list[Skill], rng: random.Random) -> list[User]:
    """On queue and full."""
    now = clock.now()
    team = User.objects.bulk_create(
        User(email=f"matching{n}@bench.example", name=f"Agent {n}") for n in range(known, known + number)
    )
    states = {"status": RoutingStatus.INTERACTING, "status_since": now, "seen_at": now + timedelta(days=1)}
    AgentState.objects.bulk_create(AgentState(user=one, idle_since=now, **states) for one in team)
    AgentLoad.objects.bulk_create(
        AgentLoad(user=one, medium=medium, limit=LIMIT, in_use=LIMIT) for one in team for medium in Medium
    )
    QueueMember.objects.bulk_create(QueueMember(user=one, queue=q) for one in team for q in rng.sample(queues, 2))
    UserSkill.objects.bulk_create(
        UserSkill(user=one, skill=skill, proficiency=Decimal(rng.randint(1, 5)))
        for one in team
        for skill in rng.sample(skills, 3)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return team


# --- looks -------------------------------------------------------------------------------------


def _looks(number: int, team: list[User]) -> list[Figure]:
    at = f"{number:,} agents, {WAITING:,} waiting"
    full = _measured(f"{at}, nobody free", engine.match)
    loads = AgentLoad.objects.filter(user=team[number // 2], medium=Medium.MESSAGE)

    def one_comes_free() -> None:
        loads.update(in_use=LIMIT - 1)

    def is_offered() -> None:
        before = Offer.objects.count()
        engine.match()
        assert Offer.objects.count() == before + 1, "somebody was free, and nothing was offered"

    return [full, _measured(f"{at}, one comes free and gets an offer", is_offered, before=one_comes_free)]


def _active(conversations: list[Conversation], queue: Queue) -> list[Figure]:
    """Connected work is nothing to look at."""
    now = clock.now()
    state = RoutingPass.State.CONNECTED
    RoutingPass.objects.bulk_create(
        (RoutingPass(conversation=one, state=state, queue=queue, started_at=now) for one in conversations),
        batch_size=2_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    at = f"{len(conversations):,} active conversations"
    return [_measured(f"{at}, new work looked for", _new_work)]


def _new_work() -> None:
    for step in engine.CHANGED:
        engine.run(step)


def _measured(name: str, look: Callable[[], object], *, before: Callable[[], object] = lambda: None) -> Figure:
    before()
    look()  # what it costs once
    took = []
    for _ in range(ROUNDS):
        before()
        began = time.perf_counter()
        look()
        took.append(1_000 * (time.perf_counter() - began))
    own: dict[str, Any] = {"benchmark": "matching", "unit": "ms", "limit_name": "ten queries without a row"}
    return Figure(name=name, value=percentile(took, 50), limit=_empty_queries(), **own)


def _empty_queries() -> float:
    with connection.cursor() as cursor:
        began = time.perf_counter()
        for _ in range(10):
            cursor.execute("SELECT 1 WHERE false")
            cursor.fetchall()
    return 1_000 * (time.perf_counter() - began)
