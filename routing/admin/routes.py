"""Inbound routes: which queue a channel leads to, and what its agents must have."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from agents.admin.base import Admin, Inline, plain
from agents.models import User
from routing.models import InboundRoute, Queue, RouteNeed


def fitting_members(route: InboundRoute) -> QuerySet[User]:
    """Active members of the route's queue who have every skill that it needs."""
    found = User.objects.filter(is_active=True, memberships__queue=route.queue_id, memberships__active=True)
    for need in route.needs.all():
        found = found.filter(user_skills__skill=need.skill_id, user_skills__proficiency__gte=need.minimum)
    return found.distinct()


class RouteForm(forms.ModelForm):
    """A channel has one route, and it leads to a queue that is in use."""

    def clean_channel(self) -> Any:
        channel = self.cleaned_data["channel"]
        taken = InboundRoute.objects.filter(channel=channel).exclude(pk=self.instance.pk).first()
        if taken:
            where = {"channel": channel, "queue": taken.queue}
            raise ValidationError(_("“%(channel)s” leads to “%(queue)s” already. Change that route instead.") % where)
        return channel

    def clean_queue(self) -> Queue:
        queue: Queue = self.cleaned_data["queue"]
        if not queue.active:
            raise ValidationError(_("“%(queue)s” is switched off. Switch it on, or choose another.") % {"queue": queue})
        return queue

    class Meta:
        error_messages = {"channel": {"unique": gettext_lazy("This channel has a route already.")}}


class NeedInline(Inline):
    """What the agent must have."""

    model = RouteNeed
    verbose_name = gettext_lazy("needed skill")
    verbose_name_plural = gettext_lazy("needed skills: only members who have all of them get these conversations")


@admin.register(InboundRoute)
class RouteAdmin(Admin):
    form = RouteForm
    empty_text = gettext_lazy("A route says which queue a channel leads to. Without one, its messages wait for nobody.")
    inlines = (NeedInline,)
    list_display = ("channel", "queue", "shown_needs", "priority")
    list_filter = ("queue",)
    list_select_related = ("channel", "queue")
    search_fields = ("channel__name", "queue__name")
    fields = (("channel", "queue"), "priority")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundRoute]:
        return super().get_queryset(request).prefetch_related("needs__skill")

    @display(description=gettext_lazy("needs"))
    def shown_needs(self, route: InboundRoute) -> str:
        return ", ".join(f"{need.skill} ≥ {plain(need.minimum)}" for need in route.needs.all()) or "–"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        route = InboundRoute.objects.get(pk=form.instance.pk)
        if not fitting_members(route).exists():
            text = _("No member of “%(queue)s” has all the skills that this route needs: its customers would wait.")
            messages.warning(request, text % {"queue": route.queue})
