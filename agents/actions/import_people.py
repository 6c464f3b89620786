"""Skills and users as an import writes them, in few statements however many rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from agents import roles
from agents.actions.capacity import do_refresh_limits
from agents.actions.importing import CHANGED, NEW, Plan, RowPlan, set_columns
from agents.models import Medium, Skill, User, UserSkill, Utilization
from agents.roles import Role
from contactcenter.kernel.db import Tx

PLAIN = ("email", "name", "alias", "team", "locale", "time_zone", "is_active")
LIMITS = {"messages_at_once": Medium.MESSAGE, "emails_at_once": Medium.EMAIL}


def write_skills(tx: Tx, plan: Plan) -> None:
    """Names and kinds of skills, and whether they are in use."""
    set_columns(plan.of(NEW, CHANGED), Skill, ("name", "kind", "active"))


def write_people(tx: Tx, plan: Plan) -> None:
    """Users with their roles, skills and limits. New ones have no password until an admin sets one."""
    rows = plan.of(NEW, CHANGED)
    leaving = [one.row for one in rows if one.row and _stops_to_be_admin(one)]
    if leaving:
        roles.check_admin_remains(leaving)
    fresh = [one for one in rows if one.row is None]
    set_columns(rows, User, PLAIN)
    for one in fresh:
        one.row.password = make_password(None)
    User.objects.bulk_update([one.row for one in fresh], ["password"], batch_size=500)
    _write_roles([one for one in rows if "roles" in one.values])
    _write_skills([one for one in rows if "skills" in one.values])
    for column, medium in LIMITS.items():
        _write_limits([one for one in rows if column in one.values], column, medium)
    do_refresh_limits.within(tx, [one.row.pk for one in rows])


def _stops_to_be_admin(one: RowPlan) -> bool:
    off = not one.values.get("is_active", True)
    taken = "roles" in one.values and Role.ADMIN not in one.values["roles"] and not one.row.is_superuser
    return bool(one.row.is_active and one.row.is_staff and (off or taken))


def _write_roles(rows: Sequence[RowPlan]) -> None:
    users = [one.row for one in rows]
    held = User.groups.through.objects
    groups = {group.name: group.pk for group in Group.objects.filter(name__in=[role.value for role in Role])}
    held.filter(user__in=users, group__in=groups.values()).delete()
    links = [held.model(user_id=one.row.pk, group_id=groups[role]) for one in rows for role in one.values["roles"]]
    held.bulk_create(links, batch_size=1000)
    for one in rows:
        one.row.is_staff = one.row.is_superuser or Role.ADMIN in one.values["roles"]
    User.objects.bulk_update(users, ["is_staff"], batch_size=500)


def _write_skills(rows: Sequence[RowPlan]) -> None:
    UserSkill.objects.filter(user__in=[one.row for one in rows]).delete()
    held: Iterable[tuple[Any, Skill, Any]] = (
        (one.row, skill, level) for one in rows for skill, level in one.values["skills"]
    )
    fresh = [UserSkill(user=user, skill=skill, proficiency=level) for user, skill, level in held]
    UserSkill.objects.bulk_create(fresh, batch_size=1000)


def _write_limits(rows: Sequence[RowPlan], column: str, medium: Medium) -> None:
    Utilization.objects.filter(user__in=[one.row for one in rows], medium=medium).delete()
    own = [one for one in rows if one.values[column] is not None]
    fresh = [Utilization(user=one.row, medium=medium, limit=one.values[column]) for one in own]
    Utilization.objects.bulk_create(fresh, batch_size=500)
