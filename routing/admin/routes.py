"""Inbound routes: which queue a channel leads to, and what its agents must have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from agents.actions.changes import Outcome
from agents.admin.base import Admin, Inline, plain
from agents.admin.bulk import Bulk, Given
from agents.models import Skill, User
from channels_app.admin.channels import ChannelAdmin
from channels_app.models import Channel
from contactcenter.kernel.errors import Refused
from routing.actions.membership import do_lead_to
from routing.models import InboundRoute, Queue, QueueMember, RouteNeed


def fitting(route: InboundRoute) -> list[User]:
    """The same from what a list has fetched before: memberships, and skills of their users."""
    needs = [(need.skill_id, need.minimum) for need in route.needs.all()]
    able = []
    for membership in route.queue.memberships.all():
        has = {row.skill_id: row.proficiency for row in membership.user.user_skills.all()}
        if all(has.get(skill, -1) >= minimum for skill, minimum in needs):
            able.append(membership.user)
    return able


SERVING = Prefetch(
    "queue__memberships",
    QueueMember.objects.filter(active=True, user__is_active=True)
    .select_related("user")
    .prefetch_related("user__user_skills"),
)


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


class LeadForm(forms.Form):
    """Which queue, of those in use."""

    queue = forms.ModelChoiceField(
        label=gettext_lazy("Queue"), queryset=Queue.objects.filter(active=True), widget=UnfoldAdminSelectWidget
    )


def _lead_to(by: User, keys: list[Any], given: Given) -> Outcome:
    return do_lead_to(by.pk, keys, given["queue"])


class NeedInline(Inline):
    """What the agent must have."""

    model = RouteNeed
    helps = {
        "skill": gettext_lazy("Members of the queue without it never get these conversations."),
        "minimum": gettext_lazy("The least proficiency that will do, 0 to 5. 0: having the skill is enough."),
    }
    verbose_name = gettext_lazy("needed skill")
    verbose_name_plural = gettext_lazy("needed skills: only members who have all of them get these conversations")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Skills in use, and those that a route asks for already."""
        if db_field.name == "skill":
            kwargs["queryset"] = Skill.objects.filter(Q(active=True) | Q(pk__in=RouteNeed.objects.values("skill")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(InboundRoute)
class RouteAdmin(Admin):
    form = RouteForm
    switch = "active"
    switch_words = (
        gettext_lazy("New conversations of these channels go to the queue again, and those that waited meanwhile."),
        gettext_lazy("New conversations of these channels wait until it is on again. What is in a queue stays there."),
    )
    empty_text = gettext_lazy("A route says which queue a channel leads to. Without one, its messages wait for nobody.")
    inlines = (NeedInline,)
    bulks = (
        Bulk(
            "lead_to",
            gettext_lazy("Lead to another queue"),
            gettext_lazy("From the next conversation on, these channels lead there. What waits stays where it is."),
            _lead_to,
            LeadForm,
        ),
    )
    helps = {
        "active": gettext_lazy("Off: new conversations wait until it is on again. What is in a queue stays there."),
        "channel": gettext_lazy("Where the customer writes. A channel has one route; without one it leads nowhere."),
        "queue": gettext_lazy("Where new conversations wait. What waits elsewhere stays there."),
    }
    list_display = ("channel", "queue", "shown_needs", "shown_fitting", "priority", "active")
    list_filter = (("queue", RelatedDropdownFilter), ("needs__skill", RelatedDropdownFilter), "active")
    list_select_related = ("channel", "queue")
    search_fields = ("channel__name", "queue__name")
    fields = (("channel", "queue"), "priority", "active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundRoute]:
        return super().get_queryset(request).prefetch_related("needs__skill", SERVING)

    @display(description=gettext_lazy("needs"))
    def shown_needs(self, route: InboundRoute) -> str:
        return ", ".join(f"{need.skill} ≥ {plain(need.minimum)}" for need in route.needs.all()) or "–"

    @display(description=gettext_lazy("agents who fit"))
    def shown_fitting(self, route: InboundRoute) -> int:
        return len(fitting(route))

    def check_switch_on(self, rows: Sequence[InboundRoute]) -> None:
        off = next((route.queue for route in rows if not route.queue.active), None)
        if off:
            raise Refused("“%(queue)s” is switched off. Switch it on, or choose another.", queue=off)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        route = InboundRoute.objects.get(pk=form.instance.pk)
        if not fitting_members(route).exists():
            text = _("No member of “%(queue)s” has all the skills that this route needs: its customers would wait.")
            messages.warning(request, text % {"queue": route.queue})


# --- what routing adds to the channels' pages, which know nothing of it --------------------------


class LeadsFilter(DropdownFilter):
    """Channels that lead nowhere, or to one of the queues."""

    title = gettext_lazy("leads to")
    parameter_name = "leads"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        used = Queue.objects.filter(routes__isnull=False).distinct().values_list("pk", "name")
        return [("nowhere", gettext_lazy("Nowhere")), *((str(pk), name) for pk, name in used)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Channel]) -> QuerySet[Channel]:
        value = self.value() or ""
        if value == "nowhere":
            return queryset.exclude(route__active=True)
        return queryset.filter(route__queue=value) if value in dict(self.lookup_choices) else queryset


@display(description=gettext_lazy("leads to"), ordering="route__queue__name")
def shown_route(channel: Channel) -> str:
    route = getattr(channel, "route", None)
    return str(route.queue) if route and route.active else "–"


ChannelAdmin.list_display = (*ChannelAdmin.list_display[:-1], shown_route, ChannelAdmin.list_display[-1])
ChannelAdmin.list_filter = (*ChannelAdmin.list_filter, LeadsFilter)
ChannelAdmin.list_select_related = ("route__queue",)
