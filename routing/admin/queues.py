"""Queues with their members, and wrap-up codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from agents import roles
from agents.admin.base import Admin, Inline, is_new, plain
from agents.admin.users import UserAdmin
from contactcenter.kernel.errors import Refused
from routing.models import InboundRoute, Queue, QueueMember, QueueWrapUpCode, WrapUpCode


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
    autocomplete_fields = ("user",)
    verbose_name = gettext_lazy("member")
    verbose_name_plural = gettext_lazy("members")
    per_page = 100
    ordering = ("ring", "user__name")


class MembershipInline(Inline):
    """The queues that a user serves, on the user's page."""

    model = QueueMember
    autocomplete_fields = ("queue",)
    verbose_name = gettext_lazy("queue")
    verbose_name_plural = gettext_lazy("queues")


# agents can't import routing: what routing adds to a user's page, it hangs in here
UserAdmin.inlines = [*UserAdmin.inlines[:1], MembershipInline, *UserAdmin.inlines[1:]]


class CodeInline(Inline):
    """Which codes an agent chooses from."""

    model = QueueWrapUpCode
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
                raise ValidationError(refusal.message) from None
        return active

    def clean_service_level_within(self) -> timedelta:
        within: timedelta = self.cleaned_data["service_level_within"]
        if not within:
            raise ValidationError(_("Nothing is answered within 0 s. Write at least 1 s."))
        return within


def check_unused(queues: Iterable[Queue]) -> None:
    """:raises Refused: a channel leads to one of these queues."""
    route = InboundRoute.objects.filter(queue__in=list(queues)).select_related("channel", "queue").first()
    if route:
        raise Refused(
            _("“%(channel)s” leads to “%(queue)s”. Let its route lead to another queue first.")
            % {"channel": route.channel, "queue": route.queue}
        )


@admin.register(Queue)
class QueueAdmin(Admin):
    form = QueueForm
    switch = "active"
    empty_text = gettext_lazy("A queue is a line of waiting conversations that a group of agents serves.")
    inlines = (MemberInline, CodeInline)
    list_display = ("name", "member_count", "shown_routes", "shown_target", "active")
    ordering = ("name",)
    list_filter = ("active",)
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
        serving = Count("memberships", filter=Q(memberships__user__is_active=True), distinct=True)
        return super().get_queryset(request).annotate(size=serving).prefetch_related("routes__channel")

    @display(description=gettext_lazy("members"), ordering="size")
    def member_count(self, queue: Any) -> int:
        return int(queue.size)

    @display(description=gettext_lazy("channels"))
    def shown_routes(self, queue: Queue) -> str:
        return ", ".join(str(route.channel) for route in queue.routes.all()) or "–"

    @display(description=gettext_lazy("target"), ordering="service_level")
    def shown_target(self, queue: Queue) -> str:
        return _("%(share)s %% in %(seconds)s s") % {
            "share": plain(queue.service_level),
            "seconds": f"{queue.service_level_within.total_seconds():g}",
        }

    def check_switch_off(self, rows: Iterable[Queue]) -> None:
        check_unused(rows)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        queue = form.instance
        if queue.active and not queue.memberships.filter(user__is_active=True).exists():
            messages.warning(request, _("Nobody serves “%(queue)s” yet. Add members below.") % {"queue": queue})


@admin.register(WrapUpCode)
class WrapUpCodeAdmin(Admin):
    switch = "active"
    empty_text = gettext_lazy("With a wrap-up code an agent says how a piece of work ended: solved, call back, spam.")
    list_display = ("name", "description", "active")
    list_filter = ("active",)
    search_fields = ("name", "description")
    fields = ("name", "description", "active")

    def has_delete_permission(self, request: HttpRequest, obj: WrapUpCode | None = None) -> bool:
        """The system sets the time-out code itself."""
        return not (obj and obj.is_timeout) and super().has_delete_permission(request, obj)

    def check_switch_off(self, rows: Iterable[WrapUpCode]) -> None:
        if any(code.is_timeout for code in rows):
            raise Refused(_("The time-out code is set by the system. It can be renamed, not switched off."))
