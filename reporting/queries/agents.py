"""Agents' status: in which state, since when, with how much, and what they work on. The number of queries is fixed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import (
    Case,
    DateTimeField,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from agents.models import PRESENCES, STATUSES, AgentLoad, Medium, PresenceSpan, RoutingStatusSpan, User, UserSkill
from agents.presence import Presence, RoutingStatus
from agents.roles import Role
from channels_app.models import Channel, Contact
from reporting.queries.activity import open_work
from routing.models import Assignment, Offer, QueueMember
from routing.queries.desk import Slots

PAGE = 50
#: how far up somebody stands who needs a look
_RANK = (
    RoutingStatus.NOT_RESPONDING,
    RoutingStatus.INTERACTING,
    RoutingStatus.IDLE,
    RoutingStatus.OFF_QUEUE,
)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # the state of who never worked began after all others
SORTS = ("state", "name", "since", "load")
STATES = ("on_queue", *(status.value for status in RoutingStatus))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFilter:
    """What of all agents is asked for. `queues`: members of any of these; None: of any queue or none."""

    search: str = ""
    team: uuid.UUID | None = None
    queue: uuid.UUID | None = None
    skill: uuid.UUID | None = None
    state: str = ""
    queues: Collection[uuid.UUID] | None = None
    sort: str = "state"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A conversation that an agent has, or that alerts at them (`alerting`)."""

    conversation_id: uuid.UUID
    contact: Contact
    channel: Channel
    queue: str
    state: str  # alerting, connected, parked, wrapup
    since: datetime | None

    @property
    def counts(self) -> bool:
        return self.state != Assignment.State.PARKED


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """One agent now. Somebody who never worked is off queue and offline, since no time that is known."""

    user: User
    status: str
    since: datetime | None
    presence: str
    presence_since: datetime | None
    on_queue_since: datetime | None
    slots: list[Slots] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)

    @property
    def on_queue(self) -> bool:
        return self.status != RoutingStatus.OFF_QUEUE

    @property
    def grade(self) -> str:
        """The class of the lamp."""
        return {"not_responding": "bad", "idle": "idle", "off_queue": "away"}.get(self.status, "busy")

    @property
    def label(self) -> str:
        """What colleagues see: on queue the routing status, off queue the presence."""
        if self.on_queue:
            only_after = bool(self.works) and all(work.state == Assignment.State.WRAPUP for work in self.works)
            return "after_call" if only_after and self.status == RoutingStatus.INTERACTING else self.status
        return self.presence

    @property
    def shown_since(self) -> datetime | None:
        return self.since if self.on_queue else self.presence_since or self.since

    @property
    def status_label(self) -> str:
        return str(STATUSES[RoutingStatus(self.status)])

    @property
    def presence_label(self) -> str:
        return str(PRESENCES[Presence(self.presence)])

    @property
    def shown_slots(self) -> list[Slots]:
        """Messages always, other media when they are in use."""
        return [one for one in self.slots if one.medium == Medium.MESSAGE or one.in_use]


def find(wanted: AgentFilter) -> QuerySet[User]:
    """The agents asked for, in order, each with `state`."""
    return _sorted(_filtered(wanted), wanted)


def page(wanted: AgentFilter, number: int) -> tuple[list[AgentStatus], int]:
    """Page `number` (from 1), and how many there are in all."""
    found = find(wanted)
    start = (number - 1) * PAGE
    return statuses(list(found.select_related("state", "team")[start : start + PAGE])), found.count()


def first(wanted: AgentFilter, limit: int) -> list[AgentStatus]:
    """The first ones of them."""
    return statuses(list(find(wanted).select_related("state", "team")[:limit]))


def one(user_id: uuid.UUID) -> AgentStatus | None:
    """A single agent, None if there is no such one."""
    found = _agents().filter(id=user_id).select_related("state", "team")
    return next(iter(statuses(list(found))), None)


def _agents() -> QuerySet[User]:
    """Who has the role, or has worked."""
    in_role = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=Role.AGENT.value)
    return User.objects.filter(Exists(in_role) | Q(state__isnull=False), is_active=True)


def _filtered(wanted: AgentFilter) -> QuerySet[User]:
    found = _agents()
    if wanted.search:
        found = found.filter(Q(name__icontains=wanted.search) | Q(email__icontains=wanted.search))
    if wanted.team is not None:
        found = found.filter(team_id=wanted.team)
    if wanted.skill is not None:
        found = found.filter(Exists(UserSkill.objects.filter(user=OuterRef("pk"), skill_id=wanted.skill)))
    for ids in (wanted.queues, None if wanted.queue is None else [wanted.queue]):
        if ids is not None:
            found = found.filter(Exists(QueueMember.objects.filter(user=OuterRef("pk"), active=True, queue__in=ids)))
    return _in_state(found, wanted.state)


def _in_state(found: QuerySet[User], state: str) -> QuerySet[User]:
    if not state:
        return found
    off = Q(state__isnull=True) | Q(state__status=RoutingStatus.OFF_QUEUE)
    if state == "on_queue":
        return found.exclude(off)
    return found.filter(off) if state == RoutingStatus.OFF_QUEUE else found.filter(state__status=state)


def _sorted(found: QuerySet[User], wanted: AgentFilter) -> QuerySet[User]:
    ranks = (When(state__status=status, then=Value(place)) for place, status in enumerate(_RANK))
    load = AgentLoad.objects.filter(user=OuterRef("pk")).values("user").annotate(sum=Sum("in_use")).values("sum")
    keys: dict[str, Any] = {
        "state": Case(*ranks, default=Value(len(_RANK))),
        "name": F("name"),
        "since": Coalesce(F("state__status_since"), Value(_NEVER, DateTimeField())),
        "load": -Coalesce(Subquery(load), Value(0), output_field=DecimalField()),
    }
    key = keys[wanted.sort]
    first_key = key.desc() if wanted.descending else key.asc()
    return found.order_by(first_key, F("state__status_since").asc(nulls_last=True), "name", "id")


def statuses(users: Sequence[User]) -> list[AgentStatus]:
    """What is known of these users now. Five queries."""
    ids = [user.id for user in users]
    slots, works = _slots(ids), _works(ids)
    presence = dict(PresenceSpan.objects.filter(user__in=ids, ended_at=None).values_list("user_id", "started_at"))
    since = _on_queue_since([user for user in users if _status(user) != RoutingStatus.OFF_QUEUE])
    return [_agent(user, slots, works, presence, since) for user in users]


def _status(user: User) -> str:
    state = getattr(user, "state", None)
    return state.status if state else RoutingStatus.OFF_QUEUE.value


def _agent(
    user: User,
    slots: Mapping[uuid.UUID, list[Slots]],
    works: Mapping[uuid.UUID, list[Work]],
    presence: Mapping[uuid.UUID, datetime],
    on_queue: Mapping[uuid.UUID, datetime],
) -> AgentStatus:
    state = getattr(user, "state", None)
    return AgentStatus(
        user,
        _status(user),
        state.status_since if state else None,
        state.presence if state else Presence.OFFLINE.value,
        presence.get(user.id),
        on_queue.get(user.id),
        slots.get(user.id, []),
        works.get(user.id, []),
    )


def _on_queue_since(users: Sequence[User]) -> dict[uuid.UUID, datetime]:
    """The start of the first span after the last one off queue. By the index on (user, started_at)."""
    spans = RoutingStatusSpan.objects.filter(user=OuterRef("pk"))
    last_off = spans.filter(status=RoutingStatus.OFF_QUEUE).order_by("-started_at").values("ended_at")[:1]
    very_first = spans.order_by("started_at").values("started_at")[:1]
    rows = User.objects.filter(id__in=[user.id for user in users])
    return {
        key: since
        for key, since in rows.values_list("id", Coalesce(Subquery(last_off), Subquery(very_first)))
        if since is not None
    }


def is_past_limit(work: Assignment) -> bool:
    """Whether this work's agent has more of its medium now than their limit allows."""
    return AgentLoad.objects.filter(user=work.agent_id, medium=work.medium, in_use__gt=F("limit")).exists()


def _slots(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Slots]]:
    found: dict[uuid.UUID, list[Slots]] = {}
    order = Case(*(When(medium=medium.value, then=Value(place)) for place, medium in enumerate(Medium)))
    for load in AgentLoad.objects.filter(user__in=ids).order_by(order):
        slots = Slots(load.medium, load.get_medium_display(), load.in_use, load.limit)
        found.setdefault(load.user_id, []).append(slots)
    return found


def _works(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Work]]:
    """Alerting first, then by the time since when."""
    found: dict[uuid.UUID, list[Work]] = {}
    about = ("conversation__address__contact", "conversation__channel")
    offers = Offer.objects.filter(agent__in=ids, state=Offer.State.ALERTING).order_by("made_at")
    for offer in offers.select_related("routing_pass__queue", *(f"routing_pass__{path}" for path in about)):
        row, live = offer.routing_pass.conversation, offer.routing_pass
        work = Work(row.id, row.address.contact, row.channel, _name(live.queue), "alerting", offer.made_at)
        found.setdefault(offer.agent_id, []).append(work)
    for mine in open_work().filter(agent__in=ids).select_related("queue", *about).order_by("connected_at"):
        row = mine.conversation
        since = {"parked": mine.parked_at, "wrapup": mine.left_at}.get(mine.state, mine.connected_at)
        work = Work(row.id, row.address.contact, row.channel, _name(mine.queue), mine.state, since)
        found.setdefault(mine.agent_id, []).append(work)
    return found


def _name(queue: Any) -> str:
    return queue.name if queue else ""
