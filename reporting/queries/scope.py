"""Which queues a supervisor looks at."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from agents.models import User
from routing.models import Queue, QueueMember


def all_queues() -> QuerySet[Queue]:
    """Every active queue, by name."""
    return Queue.objects.filter(active=True).order_by("name", "id")


def my_queues(user: User) -> QuerySet[Queue]:
    """The active queues that the user, or somebody of the user's team, is a member of."""
    mine = Q(user=user)
    if user.team_id is not None:
        mine |= Q(user__team_id=user.team_id, user__is_active=True)
    return all_queues().filter(Exists(QueueMember.objects.filter(mine, queue=OuterRef("pk"))))
