"""Canned responses for a conversation, ready to insert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Value, When

from agents.models import User
from channels_app.models import Conversation
from routing import placeholders
from routing.models import Assignment, CannedResponse, Queue, RoutingPass

MOST = 50


@dataclass(frozen=True, slots=True)
class Response:
    """A row of the list: `text` has its placeholders filled in."""

    id: int
    name: str
    library: str
    language: str
    text: str


def responses_for(agent: User, conversation: Conversation, search: str = "") -> list[Response]:
    """Those of the conversation's queue and of all queues whose name or text has every word, at most 50.

    Names that begin with the search first, then those in the customer's language, those for all, the others.
    Three queries. Whether `agent` may see the conversation is for the caller to check.
    """
    queue = _queue_of(agent, conversation)
    contact = conversation.address.contact
    rows = CannedResponse.objects.filter(active=True, library__active=True).select_related("library")
    offered = Q(library__queues=None) | Q(library__queues=queue) if queue else Q(library__queues=None)
    rows = rows.filter(offered)
    for word in search.split():
        rows = rows.filter(Q(name__icontains=word) | Q(text__icontains=word))
    ordered = rows.order_by(_begins(search), _spoken(contact.locale), "name", "library__name", "id")
    values = values_of(agent, conversation, queue)
    return [_response(row, values) for row in ordered[:MOST]]


def _response(row: CannedResponse, values: Mapping[str, str]) -> Response:
    return Response(row.pk, row.name, row.library.name, row.language, placeholders.filled(row.text, values))


def values_of(agent: User, conversation: Conversation, queue: Queue | None) -> dict[str, str]:
    """What the placeholders stand for; "" where nothing is known."""
    return {
        "customer.name": conversation.address.contact.name,
        "agent.name": agent.nickname,
        "conversation.channel": conversation.channel.name,
        "conversation.queue": queue.name if queue else "",
    }


def _queue_of(agent: User, conversation: Conversation) -> Queue | None:
    """Of the agent's own work on it, else where it waits or is worked on."""
    own = Assignment.objects.filter(conversation=conversation, agent=agent).exclude(state=Assignment.State.DONE)
    work = own.select_related("queue").order_by("-connected_at").first()
    if work is not None:
        return work.queue
    live = RoutingPass.objects.filter(conversation=conversation).exclude(state=RoutingPass.State.CLOSED)
    found = live.select_related("queue").first()
    return found.queue if found else None


def _begins(search: str) -> Case:
    first = When(name__istartswith=search, then=Value(0)) if search else When(pk__isnull=False, then=Value(0))
    return Case(first, default=Value(1), output_field=IntegerField())


def _spoken(locale: str) -> Case:
    """Order by language: exactly the customer's, its base, for all, another."""
    tag = locale.replace("_", "-")
    base = tag.partition("-")[0]
    known = [When(language__iexact=tag, then=Value(0)), When(language__iexact=base, then=Value(1))] if base else []
    return Case(*known, When(language="", then=Value(2)), default=Value(3), output_field=IntegerField())
