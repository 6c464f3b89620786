"""One interaction in detail: facts, timeline, wrap-ups. The number of queries doesn't depend on its length."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.models import User
from channels_app.models import Conversation, Message
from channels_app.models.conversation import MessageQuerySet
from reporting import log
from reporting.queries.interactions import state_of, talked
from reporting.timeline import Lane, Segment, Timeline, draw, talk_and_parked
from routing import measures
from routing.models import Assignment, Offer, Queue, QueueVisit, RoutingPass

MOST_DOTS = 400  # messages that are drawn as dots
MOST_STRETCHES = 50


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one pass, each table read once."""

    work: RoutingPass
    visits: list[QueueVisit]
    offers: list[Offer]
    assignments: list[Assignment]
    parked: dict[uuid.UUID, list[tuple[datetime, datetime | None]]]
    messages: list[datetime] = field(default_factory=list)
    first_reply_at: datetime | None = None
    replied_by: str = ""


@dataclass(frozen=True, slots=True)
class DetailFacts:
    """The tiles. A time that isn't known is None."""

    started_at: datetime
    ended_at: datetime | None
    lasted: timedelta
    waits: list[timedelta]
    waited: timedelta | None
    waits_since: datetime | None
    first_reply: timedelta | None
    replied_by: str
    talked: timedelta | None
    after_call: timedelta | None
    agents: list[User]
    transfers: int
    messages: int

    @property
    def handled(self) -> timedelta | None:
        return None if self.talked is None else self.talked + (self.after_call or timedelta(0))


@dataclass(frozen=True, slots=True)
class Detail:
    """What the page shows beside the transcript."""

    work: RoutingPass
    state: str
    owner: Assignment | None
    alerting: Offer | None
    facts: DetailFacts
    timeline: Timeline | None
    names: dict[str, User | Queue]
    wrapped: list[Assignment]
    offers: list[Offer]


def stretches(conversation: Conversation) -> list[RoutingPass]:
    """The conversation's passes, the newest first, 50 at most."""
    rows = RoutingPass.objects.filter(conversation=conversation).select_related("queue")
    return list(rows.order_by("-id")[:MOST_STRETCHES])


def detail(conversation: Conversation, work: RoutingPass, now: datetime) -> Detail:
    """Everything of one pass. Seven queries."""
    rows = read(conversation, work)
    names: dict[str, User | Queue] = {f"queue:{visit.queue_id}": visit.queue for visit in rows.visits}
    names |= {f"agent:{offer.agent_id}": offer.agent for offer in rows.offers}
    names |= {f"agent:{one.agent_id}": one.agent for one in rows.assignments}
    owner = next((one for one in rows.assignments if one.state in ("connected", "parked")), None)
    alerting = next((one for one in rows.offers if one.state == Offer.State.ALERTING), None)
    return Detail(
        work,
        state_of(work, rows.assignments),
        owner,
        alerting,
        facts(rows, now),
        draw(lanes(rows), now),
        names,
        [one for one in rows.assignments if one.left_at],
        rows.offers,
    )


def read(conversation: Conversation, work: RoutingPass) -> Rows:
    """Read the rows of a pass."""
    offers = Offer.objects.filter(routing_pass=work).select_related("agent", "by", "decision").order_by("made_at")
    works = Assignment.objects.filter(routing_pass=work).select_related("agent", "queue", "wrapup__code")
    visits = QueueVisit.objects.filter(routing_pass=work).select_related("queue").order_by("entered_at")
    said = _said(conversation, work)
    inbound = said.filter(direction=Message.Direction.INBOUND).order_by("seq")
    answered = said.filter(author_kind=Message.Author.AGENT).select_related("author").order_by("seq").first()
    return Rows(
        work,
        list(visits),
        list(offers),
        list(works.order_by("connected_at")),
        _parked(conversation.id),
        list(inbound.values_list("created_at", flat=True)[:MOST_DOTS]),
        answered.created_at if answered else None,
        answered.author.nickname if answered and answered.author else "",
    )


def _said(conversation: Conversation, work: RoutingPass) -> MessageQuerySet:
    """Public messages of this stretch; the one that opened it came a moment before its pass."""
    before = RoutingPass.objects.filter(conversation=conversation, id__lt=work.id).order_by("-id")
    last = before.values_list("closed_at", flat=True).first()
    found = Message.objects.public().filter(conversation=conversation).exclude(kind=Message.Kind.SYSTEM)
    if last is not None:
        found = found.filter(created_at__gt=last)
    return found.filter(created_at__lte=work.closed_at) if work.closed_at else found


def _parked(conversation_id: uuid.UUID) -> dict[uuid.UUID, list[tuple[datetime, datetime | None]]]:
    """Assignment → when it was parked and taken up again: the rows keep only the present, so from the log."""
    found: dict[uuid.UUID, list[tuple[datetime, datetime | None]]] = {}
    for event in log.events_of(conversation_id).filter(name__in=["assignment.parked", "assignment.resumed"]):
        spans = found.setdefault(uuid.UUID(event.data["assignment_id"]), [])
        if event.name == "assignment.parked":
            spans.append((event.occurred_at, None))
        elif spans and spans[-1][1] is None:
            spans[-1] = (spans[-1][0], event.occurred_at)
    return found


# --- facts -------------------------------------------------------------------------------------


def facts(rows: Rows, now: datetime) -> DetailFacts:
    """The tiles of these rows."""
    first = rows.assignments[0].connected_at if rows.assignments else None
    stays = [(visit.entered_at, visit.left_at) for visit in rows.visits]
    ends = [one.done_at or now for one in rows.assignments if one.left_at]
    return DetailFacts(
        started_at=rows.work.started_at,
        ended_at=rows.work.closed_at,
        lasted=max([rows.work.closed_at or now, *ends]) - rows.work.started_at,
        waits=[(left or now) - entered for entered, left in stays],
        waited=measures.waited(stays, now),
        waits_since=measures.waits_since(stays),
        first_reply=measures.first_reply(first, rows.first_reply_at),
        replied_by=rows.replied_by,
        talked=_sum(talked(one, now) for one in rows.assignments) if rows.assignments else None,
        after_call=_sum(measures.after_call(one.left_at, one.done_at, now) for one in rows.assignments) or None,
        agents=list({one.agent_id: one.agent for one in rows.assignments}.values()),
        transfers=max(0, len(rows.assignments) - 1),
        messages=len(rows.messages),
    )


def _sum(times: Iterable[timedelta]) -> timedelta:
    return sum(times, timedelta(0))


# --- lanes -------------------------------------------------------------------------------------


def lanes(rows: Rows) -> list[Lane]:
    """The customer with their messages, each queue with its visits, each agent with offers and work."""
    queues: dict[str, list[Segment]] = {}
    for visit in rows.visits:
        kept = queues.setdefault(str(visit.queue_id), [])
        kept.append(Segment("wait", visit.entered_at, visit.left_at, visit.get_outcome_display()))
    agents: dict[str, list[Segment]] = {}
    for offer in rows.offers:
        agents.setdefault(str(offer.agent_id), []).append(_alert(offer))
    for work in rows.assignments:
        agents.setdefault(str(work.agent_id), []).extend(_work(work, rows.parked.get(work.id, [])))
    return [
        Lane("customer", str(rows.work.conversation_id), [], rows.messages),
        *(Lane("queue", key, segments) for key, segments in queues.items()),
        *(Lane("agent", key, segments) for key, segments in agents.items()),
    ]


def _alert(offer: Offer) -> Segment:
    taken = offer.state in (Offer.State.ALERTING, Offer.State.ACCEPTED)
    return Segment("alert" if taken else "missed", offer.made_at, offer.closed_at, offer.get_state_display())


def _work(work: Assignment, parked: Sequence[tuple[datetime, datetime | None]]) -> list[Segment]:
    segments = talk_and_parked(work.connected_at, work.left_at, parked)
    if work.left_at:
        segments.append(Segment("wrapup", work.left_at, work.done_at))
    return segments


# --- the present -------------------------------------------------------------------------------


def live_of(conversation: Conversation) -> RoutingPass | None:
    """The pass that isn't closed."""
    rows = RoutingPass.objects.filter(conversation=conversation).exclude(state=RoutingPass.State.CLOSED)
    found = rows.select_related("queue").first()
    if found is not None:
        found.conversation = conversation
    return found
