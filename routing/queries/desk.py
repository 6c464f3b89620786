"""The lists beside an agent's threads. The number of queries doesn't depend on the number of rows."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from agents.models import AgentLoad, AgentState, Medium, PresenceSpan, RoutingStatusSpan, User
from agents.presence import TAKES_WORK, RoutingStatus
from channels_app.models import Conversation, Message
from routing.models import Assignment, Offer, RoutingPass

MOST_MINE = 25  # an agent's limit is 25 at most
WAITING_PAGE = 25


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: the work, its conversation, and what was said last.

    unanswered_since: when the customer began to wait for an answer, None: nobody waits.
    """

    conversation: Conversation
    work: Assignment | RoutingPass
    last: Message | None
    unread: int
    unanswered_since: datetime | None


@dataclass(frozen=True, slots=True)
class Slots:
    """What an agent has of a medium. `filled` are whole slots, for drawing."""

    medium: str
    label: str
    in_use: Decimal
    limit: int

    @property
    def filled(self) -> int:
        return min(int(self.in_use.to_integral_value(rounding="ROUND_CEILING")), self.limit)

    @property
    def drawn(self) -> list[bool]:
        return [number < self.filled for number in range(self.limit)]

    @property
    def shown(self) -> str:
        return f"{self.in_use.normalize():f}"


@dataclass(frozen=True, slots=True)
class Status:
    """What the presence button shows. `since`: in this presence, or on queue."""

    state: AgentState
    on_queue: bool
    responding: bool
    since: datetime
    slots: list[Slots] = field(default_factory=list)


def status_of(agent: User, now: datetime) -> Status:
    """Presence, routing status and capacity of an agent; fresh ones for somebody who never worked."""
    state = AgentState.objects.filter(user=agent).first() or AgentState(user=agent, status_since=now, idle_since=now)
    on_queue = state.status != RoutingStatus.OFF_QUEUE
    loads = {load.medium: load for load in AgentLoad.objects.filter(user=agent)}
    slots = [
        Slots(medium.value, str(medium.label), loads[medium].in_use, loads[medium].limit)
        for medium in Medium
        if medium in loads
    ]
    since = _on_queue_since(agent) if on_queue else _present_since(agent)
    return Status(state, on_queue, state.status in TAKES_WORK, since or state.status_since, slots)


def _on_queue_since(agent: User) -> datetime | None:
    off = RoutingStatusSpan.objects.filter(user=agent, status=RoutingStatus.OFF_QUEUE).order_by("-started_at").first()
    if off is not None:
        return off.ended_at
    first = RoutingStatusSpan.objects.filter(user=agent).order_by("started_at").first()
    return first.started_at if first else None


def _present_since(agent: User) -> datetime | None:
    return PresenceSpan.objects.filter(user=agent, ended_at=None).values_list("started_at", flat=True).first()


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers on the tabs."""

    mine: int
    wrapup: int
    parked: int
    waiting: int


def counts_of(agent: User) -> Counts:
    """How much of each there is."""
    states = Assignment.State
    work = _open(agent).aggregate(
        mine=Count("id", filter=Q(state=states.CONNECTED)),
        wrapup=Count("id", filter=Q(state=states.WRAPUP)),
        parked=Count("id", filter=Q(state=states.PARKED)),
    )
    return Counts(**work, waiting=_waiting(agent).count())


def mine(agent: User) -> list[Line]:
    """Connected work, the one whose customer waits longest first, then the quiet ones by their last message."""
    work = _open(agent).filter(state=Assignment.State.CONNECTED).order_by("connected_at")[:MOST_MINE]
    return sorted(_lines(work), key=_urgency)


def _urgency(line: Line) -> tuple[bool, float]:
    waits = line.unanswered_since
    return (waits is None, waits.timestamp() if waits else -line.conversation.last_time.timestamp())


def after_call(agent: User) -> list[Assignment]:
    """Owed wrap-ups, the next to run out first."""
    owed = _open(agent).filter(state=Assignment.State.WRAPUP)
    return list(owed.order_by(F("wrapup_due_at").asc(nulls_last=True), "left_at")[:MOST_MINE])


def parked(agent: User) -> list[Line]:
    """Work put aside, the next to come back first."""
    work = _open(agent).filter(state=Assignment.State.PARKED)
    return _lines(work.order_by(F("resume_at").asc(nulls_last=True), "parked_at")[:100])


def waiting(agent: User, page: int) -> tuple[list[Line], bool]:
    """A page (from 1) of what waits in the agent's queues, in the order of service; and whether more follows."""
    start = (page - 1) * WAITING_PAGE
    rows = (
        _waiting(agent)
        .select_related("conversation__address__contact", "conversation__channel", "queue")
        .order_by("order_at", "id")[start : start + WAITING_PAGE + 1]
    )
    lines = _lines(rows)
    return lines[:WAITING_PAGE], len(lines) > WAITING_PAGE


def _open(agent: User) -> QuerySet[Assignment]:
    return (
        Assignment.objects.filter(agent=agent)
        .exclude(state=Assignment.State.DONE)
        .select_related("conversation__address__contact", "conversation__channel", "queue")
    )


def _waiting(agent: User) -> QuerySet[RoutingPass]:
    return RoutingPass.objects.filter(
        state=RoutingPass.State.WAITING, queue__memberships__user=agent, queue__memberships__active=True
    )


def _lines(works: Iterable[Assignment] | Iterable[RoutingPass]) -> list[Line]:
    rows: Sequence[Assignment | RoutingPass] = list(works)
    said = _said([row.conversation_id for row in rows])
    last = Message.objects.select_related("author", "delivery").in_bulk([one[0] for one in said.values() if one[0]])
    lines = []
    for row in rows:
        message_id, unread, since = said.get(row.conversation_id, (None, 0, None))
        message = last.get(message_id) if message_id else None
        lines.append(Line(row.conversation, row, message, unread, since))
    return lines


def _said(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[uuid.UUID | None, int, datetime | None]]:
    """Conversation → id of its last message, unread messages, since when an answer is owed."""
    messages = Message.objects.filter(conversation=OuterRef("pk")).exclude(kind=Message.Kind.SYSTEM)
    answered = messages.public().filter(direction="outbound").order_by("-seq").values("seq")[:1]
    inbound = messages.public().filter(direction="inbound")
    unread = inbound.filter(seq__gt=OuterRef("read_seq")).order_by().values("conversation").annotate(n=Count("pk"))
    rows = (
        Conversation.objects.filter(id__in=ids)
        .annotate(answered=Coalesce(Subquery(answered), 0, output_field=IntegerField()))
        .annotate(
            last_message=Subquery(messages.order_by("-seq").values("id")[:1]),
            unread=Coalesce(Subquery(unread.values("n")), 0),
            unanswered=Subquery(inbound.filter(seq__gt=OuterRef("answered")).order_by("seq").values("created_at")[:1]),
        )
        .values_list("id", "last_message", "unread", "unanswered")
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def last_words(conversation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Message]:
    """Conversation → what its customer said last. Read from the end: the cost doesn't grow with what was said."""
    theirs = Message.objects.public().filter(conversation=OuterRef("pk"), direction=Message.Direction.INBOUND)
    newest = theirs.exclude(kind=Message.Kind.EVENT).order_by("-seq").values("id")[:1]
    wanted = Conversation.objects.filter(id__in=conversation_ids).values(newest=Subquery(newest))
    return {message.conversation_id: message for message in Message.objects.filter(id__in=wanted)}


def alerting_at(agent: User) -> list[Offer]:
    """Offers that alert at the agent, the first to run out first."""
    return list(
        Offer.objects.filter(agent=agent, state=Offer.State.ALERTING)
        .select_related(
            "routing_pass__conversation__address__contact",
            "routing_pass__conversation__channel",
            "routing_pass__queue",
            "by",
            "decision",
        )
        .order_by("expires_at")
    )
