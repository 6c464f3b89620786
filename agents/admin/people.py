"""Users by the hundred: filters that find whom something lacks, and bulk actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from agents import roles
from agents.actions import people as actions
from agents.actions.changes import Outcome
from agents.admin.bulk import Bulk, Given
from agents.models import Medium, Skill, Team, User
from agents.roles import Role

NO_PASSWORD = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)


class RoleFilter(admin.SimpleListFilter):
    """People with a role, or with none."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*((role.value, roles.SHORT[role]) for role in Role), ("none", gettext_lazy("None"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "none":
            return queryset.filter(groups=None)
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


class LackFilter(DropdownFilter):
    """People whom something lacks that they need for work. Routing adds those without a queue."""

    title = gettext_lazy("missing")
    parameter_name = "missing"
    lacks: dict[str, tuple[Any, Q]] = {
        "password": (gettext_lazy("No password"), NO_PASSWORD),
        "skill": (gettext_lazy("No skill"), Q(user_skills=None)),
        "team": (gettext_lazy("No team"), Q(team=None)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, (label, _lack) in self.lacks.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        found = self.lacks.get(self.value() or "")
        return queryset.filter(found[1]) if found else queryset


# --- what bulk actions ask for ------------------------------------------------------------------


def _skill(offered: QuerySet[Skill]) -> forms.Field:
    return forms.ModelChoiceField(label=gettext_lazy("Skill"), queryset=offered, widget=UnfoldAdminSelectWidget)


class SkillForm(forms.Form):
    """Which skill: also one that is switched off can be taken."""

    skill = _skill(Skill.objects.all())


class LevelForm(forms.Form):
    """Which skill in use, and how well."""

    skill = _skill(Skill.objects.filter(active=True))
    proficiency = forms.DecimalField(
        label=gettext_lazy("Proficiency"),
        initial=3,
        max_digits=2,
        decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(5)],
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=gettext_lazy("0 to 5. Whoever has the skill already gets this proficiency instead."),
    )


class LimitForm(forms.Form):
    """A limit of their own."""

    medium = forms.ChoiceField(label=gettext_lazy("Medium"), choices=Medium.choices, widget=UnfoldAdminSelectWidget)
    limit = forms.IntegerField(
        label=gettext_lazy("At once"),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(25)],
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("1 to 25. Empty: the default for everybody holds again."),
    )


class RoleForm(forms.Form):
    """Which role."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, widget=UnfoldAdminSelectWidget)


class TeamForm(forms.Form):
    """Which team."""

    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"),
        queryset=Team.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Empty: no team."),
    )


# --- the actions themselves ---------------------------------------------------------------------


def _set_skill(by: User, keys: list[Any], given: Given) -> Outcome:
    return actions.do_set_skill(by.pk, keys, given["skill"], given["proficiency"])


def _take_skill(by: User, keys: list[Any], given: Given) -> Outcome:
    return actions.do_take_skill(by.pk, keys, given["skill"])


def _set_limit(by: User, keys: list[Any], given: Given) -> Outcome:
    return actions.do_set_limit(by.pk, keys, Medium(given["medium"]), given["limit"])


def _give_role(by: User, keys: list[Any], given: Given) -> Outcome:
    return actions.do_give_role(by.pk, keys, Role(given["role"]))


def _take_role(by: User, keys: list[Any], given: Given) -> Outcome:
    return actions.do_take_role(by.pk, keys, Role(given["role"]))


def _set_team(by: User, keys: list[Any], given: Given) -> Outcome:
    return actions.do_set_team(by.pk, keys, given["team"])


def _without_role(rows: Sequence[User]) -> list[str]:
    """Skills and limits are of use to agents only."""
    able = set(roles.agents().filter(pk__in=[user.pk for user in rows]).values_list("pk", flat=True))
    others = len(rows) - len(able)
    if not others:
        return []
    text = ngettext(
        "%(n)d of them isn't an active agent: it is kept, but has no effect until they are.",
        "%(n)d of them aren't active agents: it is kept, but has no effect until they are.",
        others,
    )
    return [text % {"n": others}]


def _admins(rows: Sequence[User]) -> list[str]:
    count = roles.admins().filter(pk__in=[user.pk for user in rows]).count()
    text = ngettext("%(n)d of them is an admin now.", "%(n)d of them are admins now.", count)
    return [text % {"n": count}] if count else []


BULKS = (
    Bulk(
        "set_skill",
        gettext_lazy("Set a skill"),
        gettext_lazy("From the next conversation on, routing counts on this skill. Their other skills stay."),
        _set_skill,
        LevelForm,
        _without_role,
    ),
    Bulk(
        "take_skill",
        gettext_lazy("Take a skill away"),
        gettext_lazy("They get no new conversations that need this skill. What they have in hand stays with them."),
        _take_skill,
        SkillForm,
        danger=True,
    ),
    Bulk(
        "set_limit",
        gettext_lazy("Set how much they have at once"),
        gettext_lazy("It holds at once. A lower limit takes no work away; it only stops new work."),
        _set_limit,
        LimitForm,
        _without_role,
    ),
    Bulk(
        "give_role",
        gettext_lazy("Give a role"),
        gettext_lazy("They get it beside the roles that they have, from their next click on."),
        _give_role,
        RoleForm,
        _admins,
    ),
    Bulk(
        "take_role",
        gettext_lazy("Take a role away"),
        gettext_lazy("They lose what only this role may do, at once. Skills, queues and limits are kept."),
        _take_role,
        RoleForm,
        _admins,
        danger=True,
    ),
    Bulk(
        "set_team",
        gettext_lazy("Set the team"),
        gettext_lazy("They are shown in this team from now on. It doesn't change the routing."),
        _set_team,
        TeamForm,
    ),
)
