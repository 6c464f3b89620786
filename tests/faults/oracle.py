"""The oracle of the fault tests: ledger of acknowledged sends = database = what each socket showed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Count, Max, Min, Sum

from agents.models import AgentLoad
from channels_app.messenger.models import GuestSession
from channels_app.models import Conversation, InboundKey, Message
from routing.models import Assignment, Offer, RoutingPass
from tests.faults.desk import Watcher
from tests.product import eventually


@dataclass
class Entries:
    """What demo_traffic wrote down."""

    messages: list[dict[str, Any]]
    received: list[dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Entries:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        return cls(
            [line for line in lines if line["kind"] == "message"],
            [line for line in lines if line["kind"] == "received"],
        )


def check(entries: Entries, watcher: Watcher) -> None:
    """All of it; each part says what is wrong."""
    ledger_equals_database(entries)
    customers_saw_what_was_said(entries)
    order_is_kept()
    desk_equals_database(watcher)
    routing_is_consistent()


def ledger_equals_database(entries: Entries) -> None:
    """Nothing that was acknowledged is missing or changed; nothing is there twice or from nowhere."""
    assert entries.messages, "the ledger is empty"
    unanswered = [one for one in entries.messages if not one["acknowledged"]]
    assert not unanswered, f"{len(unanswered)} messages were never acknowledged, e.g. {unanswered[0]}"
    said = {one["acknowledged"]: one["text"] for one in entries.messages}
    assert len(said) == len(entries.messages), "two sends were acknowledged with one id"
    stored = {message.id.hex: message.text for message in Message.objects.filter(direction="inbound")}
    assert stored == said
    assert InboundKey.objects.count() == len(said)


def customers_saw_what_was_said(entries: Entries) -> None:
    """Each answer that a customer was shown is one that was given, once; and none is missing of those given
    before the customer's last word, since they were connected after it."""
    shown = Counter((one["session"], one["id"]) for one in entries.received)
    assert not [pair for pair, times in shown.items() if times > 1]
    answers = {m.id.hex: m for m in Message.objects.public().filter(direction="outbound").exclude(kind="system")}
    assert {one["id"] for one in entries.received} <= set(answers)
    assert all(answers[one["id"]].text == one["text"] for one in entries.received)
    sessions = _sessions_by_address(entries)
    last_word = {
        row["conversation__address"]: row["last"]
        for row in Message.objects.filter(direction="inbound")
        .values("conversation__address")
        .annotate(last=Max("created_at"))
    }
    addresses = dict(Conversation.objects.values_list("id", "address_id"))
    for message in answers.values():
        address = addresses[message.conversation_id]
        if message.created_at < last_word[address]:
            assert (sessions[address], message.id.hex) in shown, f"not shown: {message.text} at {message.created_at}"


def _sessions_by_address(entries: Entries) -> dict[Any, str]:
    from channels_app.messenger.actions.sessions import token_hash

    deployments = set(GuestSession.objects.values_list("deployment_id", flat=True))
    hashes = dict(GuestSession.objects.values_list("token_hash", "address_id"))
    found = {}
    for session in {one["session"] for one in entries.messages}:
        for deployment in deployments:
            if address := hashes.get(token_hash(deployment, session)):
                found[address] = session
    return found


def order_is_kept() -> None:
    """Numbers without a gap, times that rise, in every conversation."""
    rows = Message.objects.values("conversation").annotate(n=Count("id"), first=Min("seq"), last=Max("seq"))
    assert all(row["first"] == 1 and row["last"] == row["n"] for row in rows)
    for conversation in Conversation.objects.all():
        times = list(conversation.messages.order_by("seq").values_list("created_at", flat=True))
        assert times == sorted(set(times))


def desk_equals_database(watcher: Watcher) -> None:
    """The watching desk shows all messages of all conversations."""
    ids = {str(pk) for pk in Conversation.objects.values_list("id", flat=True)}
    watcher.watch(ids)
    eventually(lambda: _behind(watcher) == set(), seconds=15, message="the desk never caught up")
    for conversation in ids:
        stored = {str(pk) for pk in Message.objects.filter(conversation=conversation).values_list("id", flat=True)}
        assert set(watcher.shown[conversation]) == stored


def _behind(watcher: Watcher) -> set[str]:
    heads = {str(pk): head for pk, head in Conversation.objects.values_list("id", "change_seq")}
    return {pk for pk, head in heads.items() if watcher.known.get(pk) != head}


def routing_is_consistent() -> None:
    """Every active conversation has its pass, and every load equals the rows behind it."""
    eventually(
        lambda: (
            not Conversation.objects.filter(state="active")
            .exclude(passes__state__in=["flow", "waiting", "offered", "connected", "parked"])
            .exists()
        ),
        seconds=10,
        message="an active conversation has no live pass",
    )
    for load in AgentLoad.objects.all():
        alerting = Offer.objects.filter(agent=load.user_id, medium=load.medium, state="alerting").count()
        live = Assignment.objects.filter(agent=load.user_id, medium=load.medium).exclude(state="done")
        assert load.in_use == alerting + (live.aggregate(sum=Sum("weight"))["sum"] or 0)
    assert (
        not RoutingPass.objects.values("conversation").exclude(state="closed").annotate(n=Count("id")).filter(n__gt=1)
    )
