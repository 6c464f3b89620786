"""An agent's own day in three numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery

from agents.models import User
from channels_app.models import Message
from routing.models import Assignment
from routing.queries.facts import clock_text


@dataclass(frozen=True, slots=True)
class OwnDay:
    """handled: pieces of work finished today, with their wrap-up. The averages are over these, None without any.

    handle: from accepting to the end of the wrap-up, time parked included. first_reply: from accepting to the
    agent's first message, over the work that had one.
    """

    handled: int
    handle: timedelta | None
    first_reply: timedelta | None

    @property
    def handle_text(self) -> str:
        return clock_text(self.handle)

    @property
    def first_reply_text(self) -> str:
        return clock_text(self.first_reply)


def own_day(agent: User, now: datetime) -> OwnDay:
    """Since midnight where the agent is. One query."""
    midnight = now.astimezone(_zone(agent)).replace(hour=0, minute=0, second=0, microsecond=0)
    done = Assignment.objects.filter(agent=agent, state=Assignment.State.DONE, done_at__gte=midnight)
    found = done.annotate(replied_at=Subquery(_first_reply(agent).values("created_at")[:1])).aggregate(
        handled=Count("id"),
        handle=Avg(_since_accepted("done_at")),
        first_reply=Avg(_since_accepted("replied_at")),
    )
    return OwnDay(**found)


def _zone(agent: User) -> tzinfo:
    try:
        return ZoneInfo(agent.time_zone)
    except (ZoneInfoNotFoundError, ValueError):  # written by hand, and wrong
        return UTC


def _first_reply(agent: User) -> QuerySet[Message]:
    said = Message.objects.public().filter(conversation=OuterRef("conversation"), author=agent)
    within = said.filter(created_at__gte=OuterRef("connected_at"), created_at__lte=OuterRef("done_at"))
    return within.exclude(kind=Message.Kind.SYSTEM).order_by("seq")


def _since_accepted(field: str) -> ExpressionWrapper:
    return ExpressionWrapper(F(field) - F("connected_at"), output_field=DurationField())
