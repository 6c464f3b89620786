"""An agent goes from one open conversation to the next, with a million messages stored.

What the desk asks for each switch: the thread and the customer's panel, over HTTP. Every customer has a thousand
messages of earlier conversations. The limit beside it: two answers of the same server without a query.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings

from agents.models import User
from benchmarks import past, world
from benchmarks.figures import Aim, Figure, Outcome, spread
from channels_app.actions.inbound import do_receive
from channels_app.adapters.values import InboundMessage, Sender
from channels_app.models import Address, Channel, Conversation, Message
from routing.models import Assignment

HANDED_OUT = timedelta(seconds=60)


def run(*, pids: dict[str, int], stored: int = 1_000_000, conversations: int = 20, switches: int = 400) -> Outcome:
    made = world.deployment("Benchmark switch")
    addresses = past.make(made.channel, stored)[:conversations]
    assert len(addresses) == conversations, "too few customers for so many conversations"
    (agent,) = world.agents(1, made, limit=conversations)
    opened = _open(made.channel, addresses, agent)
    (cookie,) = world.logins([agent])
    with httpx.Client(base_url=settings.BASE_URL, headers={"Cookie": cookie, "HX-Request": "true"}) as desk:
        for conversation in opened:  # what each costs once
            _switch(desk, conversation)
        took = [_switch(desk, opened[n % len(opened)]) for n in range(switches)]
        beside = [_timed(desk, "/healthz", "/healthz") for _ in range(switches)]
    return Outcome(_figures(took, beside, conversations), {"ms": spread(took), "beside ms": spread(beside)})


def _open(channel: Channel, addresses: list[Address], agent: User) -> list[Conversation]:
    """Each customer writes again, and routing gives them to the agent."""
    for address in addresses:
        sender = Sender(address.external_id, kind=address.kind)
        do_receive(channel, InboundMessage(f"again-{address.id}", sender, text="Hello again, is there any news?"))
    deadline = time.monotonic() + HANDED_OUT.total_seconds()
    held = Assignment.objects.filter(agent=agent, state=Assignment.State.CONNECTED)
    while held.count() < len(addresses):
        assert time.monotonic() < deadline, f"routing handed out {held.count()} of {len(addresses)} conversations"
        time.sleep(0.2)
    return [one.conversation for one in held.select_related("conversation")]


def _switch(desk: httpx.Client, conversation: Conversation) -> float:
    path = f"/desk/conversations/{conversation.id}/"
    return _timed(desk, path, f"{path}panel/")


def _timed(desk: httpx.Client, *paths: str) -> float:
    """Seconds for these, one after the other, as the desk asks for them."""
    began = time.perf_counter()
    for path in paths:
        desk.get(path).raise_for_status()
    return time.perf_counter() - began


def _figures(took: list[float], beside: list[float], conversations: int) -> list[Figure]:
    ms, alone = spread(took), spread(beside)
    own: dict[str, Any] = {"benchmark": "switch of conversation", "unit": "ms", "limit_name": "two empty answers"}
    at = f"thread and panel, {conversations} open, {Message.objects.count():,} messages stored"
    return [
        Figure(name=f"{at}, p50", value=ms["p50"], limit=alone["p50"], **own),
        Figure(name=f"{at}, p95", value=ms["p95"], limit=alone["p95"], aim=Aim(100, at_least=False), **own),
    ]
