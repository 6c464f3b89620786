"""Who changed what in the admin: one list over everything."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import get_format
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter, RelatedDropdownFilter
from unfold.decorators import display

from agents.admin.base import Record, link, moment
from agents.admin.entries import Entry

# Django's "log entries" are "Changes" everywhere here. (A migration would be made of Meta's own words, not of these.)
LogEntry._meta.verbose_name, LogEntry._meta.verbose_name_plural = _("change"), _("changes")  # noqa: SLF001 documented by Django
_FLAGS = {1: _("Added"), 2: _("Changed"), 3: _("Deleted")}
SHOWN = 4


class DaysFilter(RangeDateFilter):
    """From a day to a day, both whole, in the reader's zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        first, last = (_day(self.used_parameters.get(f"{self.parameter_name}_{end}")) for end in ("from", "to"))
        if first:
            queryset = queryset.filter(action_time__gte=make_aware(datetime.combine(first, time.min)))
        if last:
            queryset = queryset.filter(action_time__lte=make_aware(datetime.combine(last, time.max)))
        return queryset


def _day(text: Any) -> date | None:
    formats = get_format("DATE_INPUT_FORMATS")
    for one in formats:
        try:
            return datetime.strptime(str(text or ""), one).date()  # noqa: DTZ007 the zone comes with the day's bounds
        except ValueError:
            continue
    return None


class KindFilter(DropdownFilter):
    """Only kinds of which something was changed."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = ContentType.objects.filter(pk__in=LogEntry.objects.values("content_type"))
        return sorted(((str(kind.pk), str(kind.name)) for kind in kinds), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        value = self.value() or ""
        return queryset.filter(content_type=int(value)) if value.isdigit() else queryset


@admin.register(LogEntry)
class LogEntryAdmin(Record):
    """Django's own log, with our values in it."""

    empty_text = _("Every change that somebody makes in the admin is listed here.")
    list_display = ("shown_time", "user", "shown_flag", "shown_kind", "shown_object", "shown_values")
    list_filter = (
        ("user", RelatedDropdownFilter),
        ("action_time", DaysFilter),
        KindFilter,
        "action_flag",
    )
    list_filter_submit = True
    list_select_related = ("user", "content_type")
    ordering = ("-id",)
    search_help_text = _("Part of a person's or an object's name, or of what was changed")
    fields = ("action_time", "user", "shown_flag", "shown_kind", "shown_object", "all_values")

    @display(description=_("time"), ordering="id")
    def shown_time(self, entry: LogEntry) -> str:
        return moment(entry.action_time)

    @display(description=_("what"), label={1: "success", 2: "info", 3: "danger"})
    def shown_flag(self, entry: LogEntry) -> Any:
        return entry.action_flag, _FLAGS[entry.action_flag]

    @display(description=_("kind"))
    def shown_kind(self, entry: LogEntry) -> str:
        return str(entry.content_type.name) if entry.content_type else ""

    @display(description=_("object"))
    def shown_object(self, entry: LogEntry) -> str:
        url = entry.get_admin_url()
        if not url or entry.is_deletion():
            return entry.object_repr
        return link(url, entry.object_repr)

    @display(description=_("changes"))
    def shown_values(self, entry: LogEntry) -> str:
        return _values(entry, SHOWN)

    @display(description=_("changes"))
    def all_values(self, entry: LogEntry) -> str:
        return _values(entry, None)

    def search_text(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        person = Q(user__name__icontains=text) | Q(user__email__icontains=text)
        return queryset.filter(person | Q(object_repr__icontains=text) | Q(change_message__icontains=text))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("admin.view_logentry"))


def _values(entry: LogEntry, most: int | None) -> str:
    shown = Entry.of(entry)
    more = len(shown.values) - most if most is not None and len(shown.values) > most else 0
    return render_to_string("admin/_values.html", {"entry": shown, "values": shown.values[:most], "more": more})
