"""The load of an agent: every commit that adds work checks the limit in the same statement."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from decimal import Decimal

from django.db.models import F

from agents.models import DEFAULT_LIMITS, AgentLoad, Medium, User, Utilization
from agents.utilization import effective_limit
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import LimitReached


class Full(LimitReached):
    """The agent has no free slot for this."""


def take(user_id: uuid.UUID, medium: str, amount: Decimal | int = 1, *, past_limit: bool = False) -> None:
    """Add work to an agent's load, within its limit unless somebody is allowed to pass it.

    :raises Full: it doesn't fit; nothing was changed.
    """
    rows = AgentLoad.objects.filter(user_id=user_id, medium=medium)
    fits = rows if past_limit else rows.filter(in_use__lte=F("limit") - amount)
    if fits.update(in_use=F("in_use") + amount):
        return
    if rows.exists():
        raise Full
    _make_rows([user_id])
    if not fits.update(in_use=F("in_use") + amount):
        raise Full


def give(user_id: uuid.UUID, medium: str, amount: Decimal | int) -> None:
    """Take work off an agent's load."""
    if amount:
        AgentLoad.objects.filter(user_id=user_id, medium=medium).update(in_use=F("in_use") - amount)


@action
def do_refresh_limits(tx: Tx, user_ids: Collection[uuid.UUID] | None = None) -> None:
    """Bring the limits in force in line with the settings. A lowered limit only stops new work."""
    wanted = User.objects.filter(is_active=True)
    if user_ids is not None:
        wanted = wanted.filter(id__in=user_ids)
    ids = sorted(wanted.values_list("id", flat=True))
    _make_rows(ids)
    users: dict[tuple[str, int], list[uuid.UUID]] = {}
    for user_id, medium, limit in _limits(ids):
        users.setdefault((medium, limit), []).append(user_id)
    for (medium, limit), same in users.items():
        AgentLoad.objects.filter(user_id__in=same, medium=medium).exclude(limit=limit).update(limit=limit)


def _make_rows(user_ids: Collection[uuid.UUID]) -> None:
    fresh = [AgentLoad(user_id=user, medium=medium, limit=limit) for user, medium, limit in _limits(user_ids)]
    AgentLoad.objects.bulk_create(fresh, ignore_conflicts=True)


def _limits(user_ids: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, str, int]]:
    defaults: dict[str, int] = {str(medium): limit for medium, limit in DEFAULT_LIMITS.items()}
    own: dict[tuple[uuid.UUID, str], int] = {}
    for setting in Utilization.objects.filter(user=None) | Utilization.objects.filter(user__in=user_ids):
        if setting.user_id is None:
            defaults[setting.medium] = setting.limit
        else:
            own[setting.user_id, setting.medium] = setting.limit
    return [
        (user, str(medium), effective_limit(defaults[medium], own.get((user, medium))))
        for user in user_ids
        for medium in Medium
    ]
