"""Skills, teams and utilization."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from agents.actions.capacity import do_refresh_limits
from agents.admin.base import Admin, Inline, used_by
from agents.admin.sheets.pages import SheetAdmin
from agents.admin.sheets.people import SKILLS
from agents.models import DEFAULT_LIMITS, Medium, Skill, Team, UserSkill, Utilization

_ACTIVE = Q(users__is_active=True)


class HolderInline(Inline):
    """Who has the skill."""

    model = UserSkill
    autocomplete_fields = ("user",)
    helps = {
        "user": _("An agent. Only those with the role agent are offered."),
    }
    per_page = 100
    ordering = ("user__name",)
    verbose_name = _("agent with this skill")
    verbose_name_plural = _("agents with this skill")


class HeldFilter(DropdownFilter):
    """Skills that nobody has are asked for in vain."""

    title = _("agents")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("nobody", _("Nobody has it")), ("somebody", _("Somebody has it"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Skill]) -> QuerySet[Skill]:
        if self.value() == "nobody":
            return queryset.filter(holder_count=0)
        return queryset.filter(holder_count__gt=0) if self.value() == "somebody" else queryset


@admin.register(Skill)
class SkillAdmin(SheetAdmin, Admin):
    sheet = SKILLS
    switch = "active"
    offered = Q(active=True)
    switch_words = (
        _("They are offered again where skills are given or asked for."),
        _(
            "They aren't offered any more where skills are given or asked for. Who has one keeps it, and what asks for "
            "one still does."
        ),
    )
    uses: ClassVar[tuple[Callable[[Skill], list[str]], ...]] = ()  # what routing says, which hangs it in
    empty_text = _("What a conversation can need: a language, a product, a task. Routing finds an agent who has it.")
    inlines = (HolderInline,)
    list_display = ("name", "kind", "holders", "active")
    helps = {
        "name": _("Agents and supervisors see it; a new name shows up everywhere at once."),
        "kind": _("A language is matched with what the customer speaks. Changing it doesn't change who has it."),
        "active": _(
            "Off: not offered any more where skills are given or asked for. Who has it keeps it, and what asks for it "
            "still does."
        ),
    }
    ordering = ("kind", "name")  # said here: counting drops the model's
    list_filter = ("kind", "active", HeldFilter)
    search_fields = ("name",)
    fieldsets = (
        (
            None,
            {
                "fields": (("name", "kind"), "active"),
                "description": _("A language is matched against what the customer speaks, a skill against the task."),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Skill]:
        return super().get_queryset(request).annotate(holder_count=Count("users", filter=_ACTIVE))

    @display(description=_("agents"), ordering="holder_count")
    def holders(self, skill: Any) -> int:
        return int(skill.holder_count)

    def what_stands(self, row: Skill) -> list[str]:
        """Who has it would lose it without a word, who is switched off too; and what else is said to use it."""
        users = ngettext_lazy("%(n)d user has it: %(names)s", "%(n)d users have it: %(names)s", "n")
        names = UserSkill.objects.filter(skill=row).order_by("user__name").values_list("user__name", flat=True)
        return [*used_by(users, names), *(sentence for use in self.uses for sentence in use(row))]


@admin.register(Team)
class TeamAdmin(Admin):
    empty_text = _("A team is a group of agents that a supervisor looks at together. It doesn't change the routing.")
    list_display = ("name", "member_count")
    helps = {"name": _("Supervisors choose it in their views; a new name shows up everywhere at once.")}
    ordering = ("name",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(size=Count("members", filter=Q(members__is_active=True)))

    @display(description=_("members"), ordering="size")
    def member_count(self, team: Any) -> int:
        return int(team.size)


@admin.register(Utilization)
class UtilizationAdmin(Admin):
    empty_text = _(
        "How many conversations an agent has at once. Without a row here: %(message)d messages, %(email)d e-mail."
    ) % {"message": DEFAULT_LIMITS[Medium.MESSAGE], "email": DEFAULT_LIMITS[Medium.EMAIL]}
    list_display = ("medium", "shown_user", "limit")
    helps = {"medium": _("What is limited: each has a limit of its own.")}
    list_filter = ("medium",)
    list_select_related = ("user",)
    search_fields = ("user__name",)
    autocomplete_fields = ("user",)
    ordering = ("medium", "user__name")

    @display(description=_("for"), ordering="user__name")
    def shown_user(self, row: Utilization) -> str:
        return str(row.user) if row.user else str(_("Everybody"))

    def save_model(self, request: HttpRequest, obj: Utilization, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        before = form.initial.get("user") if change else obj.user_id
        self._refresh({before, obj.user_id})

    def delete_model(self, request: HttpRequest, obj: Utilization) -> None:
        user_id = obj.user_id
        super().delete_model(request, obj)
        self._refresh({user_id})

    def _refresh(self, user_ids: set[Any]) -> None:
        """The limits in force of one agent, or of all when a default changed."""
        transaction.on_commit(partial(do_refresh_limits, None if None in user_ids else list(user_ids)))
