"""Skills and agents as sheets."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import roles
from agents.actions.import_people import LIMITS, write_people, write_skills
from agents.actions.importing import RowPlan
from agents.admin.sheets.columns import (
    Column,
    World,
    Wrong,
    choice,
    decimal,
    from_cell,
    join,
    of_field,
    one_of,
    split,
    to_cell,
    twice,
    whole,
    yes_or_no,
)
from agents.admin.sheets.planning import Sheet
from agents.models import Skill, Team, User, UserSkill
from agents.roles import Role


def _field(model: Any, name: str) -> Any:
    return model._meta.get_field(name)  # noqa: SLF001 documented by Django in spite of its name


class SkillSheet(Sheet):
    """Skills and languages."""


SKILLS = SkillSheet(
    model=Skill,
    key="name",
    columns=(
        of_field(_field(Skill, "name"), "name", gettext_lazy("Each is there once."), required=True),
        of_field(_field(Skill, "kind"), "kind", gettext_lazy("skill or language. Empty: skill.")),
        of_field(_field(Skill, "active"), "active", gettext_lazy("yes or no. No: not offered any more.")),
    ),
    write=write_skills,
    example=(("", "German", "language", "yes"), ("", "Returns", "skill", "yes")),
)


# --- agents --------------------------------------------------------------------------------------


def _email(cell: str, world: World) -> str:
    return str(from_cell(_field(User, "email"), cell.lower()))


def _roles(cell: str, world: World) -> list[Role]:
    names = split(cell)
    twice(names)
    given = {Role(choice(name, [role.value for role in Role])) for name in names}
    return [role for role in Role if role in given]


def _team(cell: str, world: World) -> Team | None:
    text = gettext_lazy("There is no team “%(name)s”. Add it first.")
    return one_of(world["teams"].get(cell.casefold()), text, cell) if cell else None


def _skills(cell: str, world: World) -> list[tuple[Skill, Decimal]]:
    """`German:4.5 | Returns:3`, by name."""
    found = [_skill(part, world) for part in split(cell)]
    twice(skill.name for skill, _level in found)
    return sorted(found, key=lambda pair: pair[0].name)


def _skill(part: str, world: World) -> tuple[Skill, Decimal]:
    name, colon, level = part.rpartition(":")
    if not colon:
        raise Wrong(_("Write the proficiency behind “%(name)s”, e.g. %(name)s:3.") % {"name": part})
    missing = gettext_lazy("There is no skill “%(name)s”. Import or add it first.")
    skill = one_of(world["skills"].get(name.strip().casefold()), missing, name.strip())
    number = decimal(level)
    if not 0 <= number <= 5 or number != round(number, 1):
        raise Wrong(_("The proficiency of “%(name)s” is 0 to 5, with one digit.") % {"name": skill.name})
    return skill, number


def _limit(cell: str, world: World) -> int | None:
    if not cell:
        return None
    number = whole(cell)
    if not 1 <= number <= 25:
        raise Wrong(_("Write 1 to 25."))
    return number


def _language(cell: str, world: World) -> str:
    return choice(cell, [key for key, _label in settings.LANGUAGES]) if cell else ""


def _time_zone(cell: str, world: World) -> str:
    if cell not in world["zones"]:
        raise Wrong(_("“%(cell)s” isn't a time zone such as Europe/Berlin.") % {"cell": cell})
    return cell


def _active(cell: str, world: World) -> bool:
    if not cell:
        raise Wrong(_("This can't be empty."))
    return yes_or_no(cell)


def _own_limit(user: User, medium: str) -> int | None:
    return next((row.limit for row in user.utilizations.all() if row.medium == medium), None)


def _show_skills(value: Sequence[tuple[Skill, Decimal]]) -> str:
    return join(f"{skill.name}:{to_cell(level)}" for skill, level in value)


def _skills_of(user: User) -> list[tuple[Skill, Decimal]]:
    held: list[UserSkill] = list(user.user_skills.all())
    return sorted(((row.skill, row.proficiency) for row in held), key=lambda pair: pair[0].name)


def _limits() -> list[Column]:
    words = {
        "messages_at_once": gettext_lazy("1 to 25. Empty: the default for everybody."),
        "emails_at_once": gettext_lazy("1 to 25. Empty: the default for everybody."),
    }
    labels = {"messages_at_once": gettext_lazy("message limit"), "emails_at_once": gettext_lazy("email limit")}
    return [
        Column(
            name, labels[name], words[name], _limit, to_cell, lambda user, own=medium.value: _own_limit(user, own),
            default=None,
        )
        for name, medium in LIMITS.items()
    ]  # fmt: skip


class PeopleSheet(Sheet):
    """Users with their roles, skills and limits; never a password."""

    def rows(self) -> QuerySet[Any]:
        return User.objects.select_related("team").prefetch_related("groups", "user_skills__skill", "utilizations")

    def world(self) -> World:
        return {
            "skills": {skill.name.casefold(): skill for skill in Skill.objects.all()},
            "teams": {team.name.casefold(): team for team in Team.objects.all()},
            "zones": zoneinfo.available_timezones(),
        }

    def check(self, rows: Sequence[RowPlan], by: Any) -> None:
        """Superusers are out of an admin's reach; an admin remains."""
        leaving = [one for one in rows if one.row is not None and _leaves(one)]
        stay = roles.admins().exclude(pk__in=[one.row.pk for one in leaving]).exists()
        for one in leaving if not stay else ():
            one.problems.append(("roles", _("This is the last active admin. Make somebody else an admin first.")))
        for one in rows:
            if one.row is not None and one.row.is_superuser and one.changes and not by.is_superuser:
                one.problems.append(("", _("Only a superuser changes this account.")))


def _leaves(one: RowPlan) -> bool:
    """Whether the line takes the admin's rights from who has them."""
    if not (one.row.is_active and one.row.is_staff):
        return False
    taken = "roles" in one.values and Role.ADMIN not in one.values["roles"] and not one.row.is_superuser
    return taken or one.values.get("is_active") is False


PEOPLE = PeopleSheet(
    model=User,
    key="email",
    columns=(
        Column(
            "email", _field(User, "email").verbose_name, gettext_lazy("They log in with it. Each is there once."),
            _email, to_cell, lambda user: user.email, required=True,
        ),
        of_field(_field(User, "name"), "name", gettext_lazy("What colleagues see."), required=True),
        of_field(_field(User, "alias"), "alias", gettext_lazy("What customers see. Empty: the first name.")),
        Column(
            "roles", gettext_lazy("roles"), gettext_lazy("agent, supervisor, admin, with | between them. Empty: none."),
            _roles, lambda value: join(role.value for role in value), roles.roles_of, default=(),
        ),
        Column(
            "team", gettext_lazy("team"), gettext_lazy("The name of a team that is there. Empty: none."),
            _team, to_cell, lambda user: user.team, default=None,
        ),
        Column(
            "skills", gettext_lazy("skills"),
            gettext_lazy("Name and proficiency, with | between them: German:4.5 | Returns:3. Others are taken away."),
            _skills, _show_skills, _skills_of, default=(),
        ),
        *_limits(),
        Column(
            "locale", gettext_lazy("language"), gettext_lazy("en or de. Empty: the browser's language."),
            _language, to_cell, lambda user: user.locale,
        ),
        Column(
            "time_zone", gettext_lazy("time zone"), gettext_lazy("Such as Europe/Berlin. Empty for a new one: UTC."),
            _time_zone, to_cell, lambda user: user.time_zone, default="UTC",
        ),
        Column(
            "is_active", gettext_lazy("active"), gettext_lazy("yes or no. No: logged out, no work, nothing deleted."),
            _active, to_cell, lambda user: user.is_active, default=True,
        ),
    ),
    write=write_people,
    example=(
        ("", "ana@acme.example", "Ana Ruiz", "Ana", "agent", "", "German:4.5 | Returns:3", "6", "", "de",
         "Europe/Berlin", "yes"),
        ("", "sam@acme.example", "Sam Schulz", "", "agent | supervisor", "", "", "", "", "", "Europe/Berlin", "yes"),
    ),
)  # fmt: skip
