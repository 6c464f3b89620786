"""Settings of many people at once: skills, own limits, roles, team. Each change is noted with who made it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from decimal import Decimal

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from agents import roles
from agents.actions.capacity import do_refresh_limits
from agents.actions.changes import WORDS, Change, Outcome, key_of, note
from agents.models import Medium, Skill, Team, User, UserSkill, Utilization
from agents.roles import Role
from contactcenter.kernel.db import Tx, action

Keys = Collection[uuid.UUID]


def locked(user_ids: Keys) -> list[User]:
    """These users in the order of their keys, so that two actions on the same people wait for each other."""
    rows: QuerySet[User] = User.objects.select_for_update(of=("self",), no_key=True)
    return list(rows.filter(pk__in=list(user_ids)).order_by("pk"))


@action
def do_set_skill(tx: Tx, by: uuid.UUID, user_ids: Keys, skill: Skill, proficiency: Decimal) -> Outcome:
    """Give these people a skill of this proficiency (0–5), or change the proficiency that they have."""
    users = locked(user_ids)
    held = {row.user_id: row for row in UserSkill.objects.filter(skill=skill, user__in=users)}
    before = {user_id: row.proficiency for user_id, row in held.items()}
    changed = [user for user in users if before.get(user.pk) != proficiency]
    fresh = [UserSkill(user=user, skill=skill, proficiency=proficiency) for user in changed if user.pk not in held]
    known = [held[user.pk] for user in changed if user.pk in held]
    for row in known:
        row.proficiency = proficiency
    UserSkill.objects.bulk_create(fresh, batch_size=500)
    UserSkill.objects.bulk_update(known, ["proficiency"], batch_size=500)
    rows = [(user, [_of_skill(skill, before.get(user.pk), proficiency)]) for user in changed]
    note(tx.now, by, rows, about=[key_of(skill)])
    return Outcome(len(changed), len(users) - len(changed))


@action
def do_take_skill(tx: Tx, by: uuid.UUID, user_ids: Keys, skill: Skill) -> Outcome:
    """These people don't have the skill any more."""
    users = locked(user_ids)
    held = {row.user_id: row.proficiency for row in UserSkill.objects.filter(skill=skill, user__in=users)}
    UserSkill.objects.filter(skill=skill, user__in=users).delete()
    rows = [(user, [_of_skill(skill, held[user.pk], None)]) for user in users if user.pk in held]
    note(tx.now, by, rows, about=[key_of(skill)])
    return Outcome(len(held), len(users) - len(held))


@action
def do_set_limit(tx: Tx, by: uuid.UUID, user_ids: Keys, medium: Medium, limit: int | None) -> Outcome:
    """Give these people a limit of their own (1–25). None: the default for everybody holds again."""
    users = locked(user_ids)
    own = {row.user_id: row for row in Utilization.objects.filter(user__in=users, medium=medium)}
    before = {user_id: row.limit for user_id, row in own.items()}
    changed = [user for user in users if before.get(user.pk) != limit]
    if limit is None:
        Utilization.objects.filter(user__in=changed, medium=medium).delete()
    else:
        _store_limits([own.get(user.pk) or Utilization(user=user, medium=medium) for user in changed], limit)
    do_refresh_limits.within(tx, [user.pk for user in changed])
    label = f"{medium.value} limit"
    note(tx.now, by, [(user, [Change(label, _count(before.get(user.pk)), _count(limit))]) for user in changed])
    return Outcome(len(changed), len(users) - len(changed))


def _store_limits(rows: list[Utilization], limit: int) -> None:
    for row in rows:
        row.limit = limit
    Utilization.objects.bulk_create([row for row in rows if row.pk is None], batch_size=500)
    Utilization.objects.bulk_update([row for row in rows if row.pk is not None], ["limit"], batch_size=500)


@action
def do_give_role(tx: Tx, by: uuid.UUID, user_ids: Keys, role: Role) -> Outcome:
    """Add a role; the others stay."""
    users = locked(user_ids)
    group = Group.objects.get(name=role.value)
    had = set(group.user_set.filter(pk__in=[user.pk for user in users]).values_list("pk", flat=True))
    changed = [user for user in users if user.pk not in had]
    group.user_set.add(*changed)
    if role == Role.ADMIN:
        User.objects.filter(pk__in=[user.pk for user in changed]).update(is_staff=True)
    note(tx.now, by, [(user, [Change("role", "", str(role.value).capitalize(), WORDS)]) for user in changed])
    return Outcome(len(changed), len(had))


@action
def do_take_role(tx: Tx, by: uuid.UUID, user_ids: Keys, role: Role) -> Outcome:
    """Take a role away; the others stay.

    :raises LastAdmin: nobody else could open the admin.
    """
    users = locked(user_ids)
    group = Group.objects.get(name=role.value)
    had = set(group.user_set.filter(pk__in=[user.pk for user in users]).values_list("pk", flat=True))
    changed = [user for user in users if user.pk in had]
    if role == Role.ADMIN and changed:
        roles.check_admin_remains(changed)
        User.objects.filter(pk__in=[user.pk for user in changed], is_superuser=False).update(is_staff=False)
    group.user_set.remove(*changed)
    note(tx.now, by, [(user, [Change("role", str(role.value).capitalize(), "", WORDS)]) for user in changed])
    return Outcome(len(changed), len(users) - len(changed))


@action
def do_set_team(tx: Tx, by: uuid.UUID, user_ids: Keys, team: Team | None) -> Outcome:
    """Put these people into a team, or into none."""
    users = locked(user_ids)
    names = dict(Team.objects.values_list("pk", "name"))
    changed = [user for user in users if user.team_id != (team.pk if team else None)]
    new = team.name if team else ""
    rows = [(user, [Change("team", names.get(user.team_id, ""), new)]) for user in changed]
    User.objects.filter(pk__in=[user.pk for user in changed]).update(team=team)
    note(tx.now, by, rows, about=[key_of(team)] if team else ())
    return Outcome(len(changed), len(users) - len(changed))


def _of_skill(skill: Skill, old: Decimal | None, new: Decimal | None) -> Change:
    return Change("proficiency", _level(old), _level(new), part=f"skill “{skill.name}”")


def _level(proficiency: Decimal | None) -> str:
    return "" if proficiency is None else f"{proficiency.normalize():f}"


def _count(limit: int | None) -> str:
    return "" if limit is None else str(limit)
