"""Queues with their members, and wrap-up codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from agents import roles
from agents.admin.base import Admin, Inline, is_new, plain
from agents.admin.sheets.pages import SheetAdmin
from agents.admin.users import UserAdmin
from contactcenter.kernel.errors import Refused
from contactcenter.kernel.words import first_of
from routing.admin.queue_sheet import QUEUES
from routing.models import InboundRoute, Queue, QueueMember, QueueWrapUpCode, RoutingPass, WrapUpCode

MEMBER = {
    "active": gettext_lazy("Off: a member who gets none of its work for now. Agents switch it themselves, too."),
}


class MemberForm(forms.ModelForm):
    """A membership is of use only to somebody who may answer."""

    def clean_user(self) -> Any:
        user = self.cleaned_data["user"]
        if user and not roles.agents().filter(pk=user.pk).exists():
            raise ValidationError(_("%(name)s isn't an active agent. Give them that role first.") % {"name": user})
        return user


class MemberInline(Inline):
    """Who serves the queue."""

    model = QueueMember
    form = MemberForm
    helps = {**MEMBER, "user": gettext_lazy("Only active agents. From now on they are offered this queue's work.")}
    autocomplete_fields = ("user",)
    verbose_name = gettext_lazy("member")
    verbose_name_plural = gettext_lazy("members")
    per_page = 100
    ordering = ("user__name",)


class MembershipInline(Inline):
    """The queues that a user serves, on the user's page."""

    model = QueueMember
    helps = {**MEMBER, "queue": gettext_lazy("Its conversations are offered to this person from now on.")}
    autocomplete_fields = ("queue",)
    verbose_name = gettext_lazy("queue")
    verbose_name_plural = gettext_lazy("queues")


# agents can't import routing: what routing adds to a user's page, it hangs in here
UserAdmin.inlines = [*UserAdmin.inlines[:1], MembershipInline, *UserAdmin.inlines[1:]]


class CodeInline(Inline):
    """Which codes an agent chooses from."""

    model = QueueWrapUpCode
    helps = {"code": gettext_lazy("Agents of this queue can choose it. What was coded before stays as it is.")}
    verbose_name = gettext_lazy("wrap-up code")
    verbose_name_plural = gettext_lazy("wrap-up codes (none here: all of them)")


class QueueForm(forms.ModelForm):
    """What a queue's settings must fit together with."""

    def clean_active(self) -> bool:
        active = bool(self.cleaned_data["active"])
        if not active and not is_new(self.instance):
            try:
                check_unused([self.instance])
            except Refused as refusal:
                raise ValidationError(refusal.said(_)) from None
        return active

    def clean_service_level_within(self) -> timedelta:
        within: timedelta = self.cleaned_data["service_level_within"]
        if not within:
            raise ValidationError(_("Nothing is answered within 0 s. Write at least 1 s."))
        return within


def check_unused(queues: Sequence[Queue]) -> None:
    """:raises Refused: a channel leads to one of these queues."""
    route = InboundRoute.objects.filter(queue__in=list(queues), active=True).select_related("channel", "queue").first()
    if route:
        raise Refused(
            "“%(channel)s” leads to “%(queue)s”. Let its route lead to another queue first.",
            channel=route.channel,
            queue=route.queue,
        )


class EmptyFilter(DropdownFilter):
    """Queues that nobody serves, or that no channel leads to."""

    title = gettext_lazy("missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("members", gettext_lazy("No active members")),
            ("skills", gettext_lazy("Nobody with a skill")),
            ("routes", gettext_lazy("No channel leads here")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Queue]) -> QuerySet[Queue]:
        if self.value() == "members":
            return queryset.filter(able=0)
        if self.value() == "skills":
            return queryset.exclude(memberships__user__user_skills__isnull=False)
        return queryset.filter(routes=None) if self.value() == "routes" else queryset


@admin.register(Queue)
class QueueAdmin(SheetAdmin, Admin):
    sheet = QUEUES
    form = QueueForm
    switch = "active"
    empty_text = gettext_lazy("A queue is a line of waiting conversations that a group of agents serves.")
    switch_words = (
        gettext_lazy("What waits there is offered to its members again; routes and transfers may lead to it."),
        gettext_lazy("Nothing new comes into it, and nobody is offered what waits there until it is on again."),
    )
    helps = {
        "name": gettext_lazy("Agents, supervisors and figures show it; a new name holds for the past, too."),
        "description": gettext_lazy("Agents read it where they choose a queue to transfer to."),
        "active": gettext_lazy("Off: nothing new comes in, and nobody is offered what waits until it is on again."),
        "last_agent": gettext_lazy("Whom a returning customer is offered to first. Then the queue's order holds."),
        "wrapup_prompt": gettext_lazy("Whether agents must say how work ended before they get the next."),
        "service_level": gettext_lazy("Supervisors see whether it is reached. It doesn't change the routing."),
        "service_level_within": gettext_lazy("An answer counts as in time up to then, e.g. 20 s."),
    }
    inlines = (MemberInline, CodeInline)
    list_display = ("name", "shown_members", "shown_routes", "shown_target", "active")
    ordering = ("name",)
    list_filter = ("active", EmptyFilter, ("routes__channel", RelatedDropdownFilter))
    search_fields = ("name", "description")
    conditional_fields = {
        "last_agent_wait": "last_agent !== 'disabled'",
        "wrapup_timeout": "['timeout', 'forced_timeout'].includes(wrapup_prompt)",
    }
    fieldsets = (
        (None, {"fields": ("name", "description", "active")}),
        (
            gettext_lazy("Service"),
            {
                "fields": (("service_level", "service_level_within"),),
                "description": gettext_lazy("The share of conversations that is to be answered within a time."),
            },
        ),
        (
            gettext_lazy("Offers"),
            {"fields": ("alert_timeout", "auto_answer", "manual_pick")},
        ),
        (
            gettext_lazy("Last agent"),
            {
                "classes": ("collapse",),
                "fields": ("last_agent", "last_agent_wait"),
                "description": gettext_lazy("A returning customer reaches the agent who knows the case, if possible."),
            },
        ),
        (
            gettext_lazy("Wrap-up"),
            {"classes": ("collapse",), "fields": ("wrapup_prompt", "wrapup_timeout", "wrapup_counts")},
        ),
        (gettext_lazy("Parking"), {"classes": ("collapse",), "fields": ("parked_weight", "reclaim_after")}),
        (gettext_lazy("Inactivity"), {"classes": ("collapse",), "fields": ("inactivity_timeout", "abandon_after")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Queue]:
        serving = Q(memberships__user__is_active=True)
        able = Count("memberships", filter=serving & Q(memberships__active=True), distinct=True)
        size = Count("memberships", filter=serving, distinct=True)
        return super().get_queryset(request).annotate(size=size, able=able).prefetch_related("routes__channel")

    @display(description=gettext_lazy("members"), ordering="size")
    def shown_members(self, queue: Any) -> str:
        if queue.able == queue.size:
            return str(queue.size)
        return _("%(size)d, %(able)d active") % {"size": queue.size, "able": queue.able}

    @display(description=gettext_lazy("channels"))
    def shown_routes(self, queue: Queue) -> str:
        return ", ".join(str(route.channel) for route in queue.routes.all()) or "–"

    @display(description=gettext_lazy("target"), ordering="service_level")
    def shown_target(self, queue: Queue) -> str:
        return _("%(share)s %% in %(seconds)s s") % {
            "share": plain(queue.service_level),
            "seconds": f"{queue.service_level_within.total_seconds():g}",
        }

    def check_switch_off(self, rows: Sequence[Queue]) -> None:
        check_unused(rows)

    def facts_of(self, rows: Sequence[Queue]) -> list[str]:
        waiting = RoutingPass.objects.filter(queue__in=rows, state__in=("waiting", "offered")).count()
        text = ngettext("%(n)d conversation waits there now.", "%(n)d conversations wait there now.", waiting)
        return [text % {"n": waiting}] if waiting else []

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        queue = form.instance
        if queue.active and not queue.memberships.filter(user__is_active=True).exists():
            messages.warning(request, _("Nobody serves “%(queue)s” yet. Add members below.") % {"queue": queue})


@admin.register(WrapUpCode)
class WrapUpCodeAdmin(Admin):
    switch = "active"
    empty_text = gettext_lazy("With a wrap-up code an agent says how a piece of work ended: solved, call back, spam.")
    switch_words = (
        gettext_lazy("Agents can choose it again."),
        gettext_lazy("Agents can't choose it any more. What was coded with it keeps it."),
    )
    helps = {
        "name": gettext_lazy("Agents choose it, figures show it; a new name holds for the past, too."),
        "description": gettext_lazy("When to choose it. Agents read it beside the name."),
        "active": gettext_lazy("Off: agents can't choose it any more. What was coded with it keeps it."),
    }
    list_display = ("name", "description", "shown_queues", "active")
    list_filter = ("active", ("queues", RelatedDropdownFilter))
    search_fields = ("name", "description")
    fields = ("name", "description", "active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WrapUpCode]:
        return super().get_queryset(request).prefetch_related("queues")

    @display(description=gettext_lazy("queues"))
    def shown_queues(self, code: WrapUpCode) -> str:
        return first_of([queue.name for queue in code.queues.all()], 4) or "–"

    def has_delete_permission(self, request: HttpRequest, obj: WrapUpCode | None = None) -> bool:
        """The system sets the time-out code itself."""
        return not (obj and obj.is_timeout) and super().has_delete_permission(request, obj)

    def check_switch_off(self, rows: Sequence[WrapUpCode]) -> None:
        if any(code.is_timeout for code in rows):
            raise Refused("The time-out code is set by the system. It can be renamed, not switched off.")
