"""Queues as a sheet, with their members and wrap-up codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import roles
from agents.actions.importing import RowPlan
from agents.admin.sheets.columns import Column, World, Wrong, join, of_field, one_of, split, twice
from agents.admin.sheets.planning import Sheet
from agents.models import User
from routing.actions.import_queues import PLAIN, write_queues
from routing.models import InboundRoute, Queue, WrapUpCode

Member = tuple[User, bool]
_LENGTH = gettext_lazy("A length of time such as 30 s, 5 min, 2 h or 3 d.")
_ABOUT: dict[str, Any] = {
    "name": gettext_lazy("Each is there once."),
    "description": gettext_lazy("Agents read it where they choose a queue to transfer to."),
    "inactivity_timeout": gettext_lazy("A length of time such as 30 s, 5 min, 2 h or 3 d. Empty: never."),
    "last_agent": gettext_lazy("any, members or disabled."),
    "wrapup_prompt": gettext_lazy("optional, mandatory, timeout or forced_timeout."),
    "parked_weight": gettext_lazy("0 to 1."),
    "service_level": gettext_lazy("In percent, 0 to 100."),
}


def _field(name: str) -> Any:
    return Queue._meta.get_field(name)  # noqa: SLF001 documented by Django in spite of its name


def _about(name: str) -> Any:
    if name in _ABOUT:
        return _ABOUT[name]
    return _LENGTH if _field(name).get_internal_type() == "DurationField" else gettext_lazy("yes or no.")


def _members(cell: str, world: World) -> list[Member]:
    """`ana@acme.example | ben@acme.example:off`, by address."""
    found = [_member(part, world) for part in split(cell)]
    twice(user.email for user, _active in found)
    return sorted(found, key=lambda member: member[0].email)


def _member(part: str, world: World) -> Member:
    email, *rest = (piece.strip() for piece in part.split(":"))
    missing = gettext_lazy("“%(name)s” isn't the address of an active agent.")
    user = one_of(world["agents"].get(email.lower()), missing, email)
    if rest not in ([], ["off"], ["on"]):
        raise Wrong(_("Write “%(name)s” as address, and off if so: %(name)s:off.") % {"name": email})
    return user, rest != ["off"]


def _show_members(value: Sequence[Member]) -> str:
    return join(f"{user.email}{'' if active else ':off'}" for user, active in value)


def _members_of(queue: Queue) -> list[Member]:
    held = [(row.user, row.active) for row in queue.memberships.all()]
    return sorted(held, key=lambda member: member[0].email)


def _codes(cell: str, world: World) -> list[WrapUpCode]:
    names = split(cell)
    missing = gettext_lazy("There is no wrap-up code “%(name)s”. Add it first.")
    found = [one_of(world["codes"].get(name.casefold()), missing, name) for name in names]
    twice(code.name for code in found)
    return sorted(found, key=lambda code: str(code.name))


class QueueSheet(Sheet):
    """Queues. A member who can't answer any more may stay, but isn't added."""

    def rows(self) -> QuerySet[Any]:
        return Queue.objects.prefetch_related("memberships__user", "codes", "routes__channel")

    def world(self) -> World:
        able = list(roles.agents()) + list(User.objects.filter(memberships__isnull=False))
        return {
            "agents": {user.email: user for user in able},
            "codes": {code.name.casefold(): code for code in WrapUpCode.objects.all()},
        }

    def check(self, rows: Sequence[RowPlan], by: Any) -> None:
        """As on the form: a channel leads to a queue in use; nothing is answered within 0 s; members can answer."""
        used = {route.queue_id: route for route in InboundRoute.objects.filter(active=True).select_related("channel")}
        able = set(roles.agents().values_list("pk", flat=True))
        for one in rows:
            if one.values.get("service_level_within") == timedelta(0):
                one.problems.append(("service_level_within", _("Nothing is answered within 0 s. Write at least 1 s.")))
            route = used.get(one.row.pk) if one.row is not None else None
            if route and one.values.get("active") is False:
                text = _("“%(channel)s” leads to “%(queue)s”. Let its route lead to another queue first.")
                one.problems.append(("active", text % {"channel": route.channel, "queue": one.row}))
            _check_members(one, able)


def _check_members(one: RowPlan, able: set[Any]) -> None:
    """Who isn't an agent any more may stay where they are, and isn't added anywhere."""
    there = {row.user_id for row in one.row.memberships.all()} if one.row is not None else set()
    for user, _active in one.values.get("members", ()):
        if user.pk not in able and user.pk not in there:
            text = _("“%(name)s” isn't the address of an active agent.")
            one.problems.append(("members", text % {"name": user.email}))


QUEUES = QueueSheet(
    model=Queue,
    key="name",
    columns=(
        *(of_field(_field(name), name, _about(name), required=name == "name") for name in PLAIN),
        Column(
            "members", gettext_lazy("members"),
            gettext_lazy("Addresses, with | between them; off for now: ana@acme.example:off. Others are removed."),
            _members, _show_members, _members_of, default=(),
        ),
        Column(
            "codes", gettext_lazy("wrap-up codes"),
            gettext_lazy("Names, with | between them. Empty: all codes."),
            _codes, lambda value: join(code.name for code in value),
            lambda queue: sorted(queue.codes.all(), key=lambda code: str(code.name)), default=(),
        ),
    ),
    write=write_queues,
    example=(
        ("", "Returns", "Parcels that come back", "yes", "30 s", "no", "yes", "members", "1 min", "timeout", "1 min",
         "yes", "0", "30 min", "", "15 min", "80", "20 s", "", ""),
    ),
)  # fmt: skip
