"""What the filters offer."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from agents.models import Skill, Team, User
from agents.roles import Role
from channels_app.adapters.registry import adapter_for
from channels_app.models import Channel
from contactcenter.kernel.errors import NotFound
from routing.models import Queue, WrapUpCode

Choices = list[tuple[Any, Any]]


def teams() -> Choices:
    return list(Team.objects.values_list("id", "name"))


def queues() -> Choices:
    """Also those that are switched off: history keeps them."""
    return list(Queue.objects.order_by("-active", "name").values_list("id", "name"))


def skills() -> Choices:
    return list(Skill.objects.order_by("name").values_list("id", "name"))


def agents() -> Choices:
    """Who has the role agent, or was switched off since; by name."""
    rows = User.objects.filter(Q(groups__name=Role.AGENT.value) | Q(state__isnull=False)).distinct()
    return list(rows.order_by("name").values_list("id", "name"))


def codes() -> Choices:
    return list(WrapUpCode.objects.values_list("id", "name"))


def channels() -> tuple[Choices, Choices]:
    """The channels, and the kinds that they are of."""
    rows = list(Channel.objects.order_by("name").values_list("id", "name", "kind"))
    kinds = sorted({kind for _id, _name, kind in rows})
    return [(key, name) for key, name, _kind in rows], [(kind, label_of(kind)) for kind in kinds]


def label_of(kind: str) -> str:
    """What people call a kind of channel."""
    try:
        return _(adapter_for(kind).label)
    except NotFound:
        return kind
