"""The event log, to read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from agents.admin.base import Record, moment
from contactcenter.kernel import clock
from contactcenter.kernel.events import Event
from reporting.models import EventRecord

_PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class PeriodFilter(admin.SimpleListFilter):
    """A range of ids, so that only the months concerned are read."""

    title = _("time")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("hour", _("Last hour")), ("day", _("Last 24 hours")), ("week", _("Last 7 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EventRecord]) -> QuerySet[EventRecord]:
        length = _PERIODS.get(self.value() or "")
        if length is None:
            return queryset
        now = clock.now()
        return queryset.between(now - length, now + timedelta(minutes=1))  # type: ignore[attr-defined,no-any-return]


class NameFilter(DropdownFilter):
    title = _("event")
    parameter_name = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(Event.registry)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EventRecord]) -> QuerySet[EventRecord]:
        return queryset.filter(name=self.value()) if self.value() else queryset


@admin.register(EventRecord)
class EventRecordAdmin(Record):
    empty_text = _("Every step of every conversation is kept here as an event. All figures come from it.")
    id_fields: ClassVar[tuple[str, ...]] = ("id", "conversation_id", "agent_id")
    list_display = ("shown_time", "name", "conversation_id", "agent_id", "queue_id", "shown_data")
    list_filter = (PeriodFilter, NameFilter)
    list_filter_submit = True
    ordering = ("-id",)
    search_help_text = _("The id of a conversation, an agent or an event; or an event's name")
    fields = ("occurred_at", "name", "conversation_id", "agent_id", "queue_id", "data", "id")

    @display(description=_("time"))
    def shown_time(self, event: EventRecord) -> str:
        return moment(event.occurred_at)

    @display(description=_("data"))
    def shown_data(self, event: EventRecord) -> str:
        """Without ids, which the event's page has."""
        shown = ((key, value) for key, value in event.data.items() if not key.endswith(("_id", "_ids")))
        return ", ".join(f"{key}={value}" for key, value in shown)[:90]

    def search_text(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(name=text)
