"""Who changed what in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from agents.admin.base import Record, link, moment

_FLAGS = {1: _("Added"), 2: _("Changed"), 3: _("Deleted")}


@admin.register(LogEntry)
class LogEntryAdmin(Record):
    """Django's own log. It is never written to by hand."""

    empty_text = _("Every change that somebody makes in the admin is listed here.")
    list_display = ("shown_time", "user", "shown_flag", "shown_kind", "shown_object", "get_change_message")
    list_filter = (("user", RelatedDropdownFilter), "action_flag")
    list_select_related = ("user", "content_type")
    ordering = ("-id",)
    fields = ("action_time", "user", "action_flag", "shown_kind", "shown_object", "get_change_message")

    @display(description=_("time"), ordering="id")
    def shown_time(self, entry: LogEntry) -> str:
        return moment(entry.action_time)

    @display(description=_("what"), label={1: "success", 2: "", 3: "danger"})
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

    def search_text(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(object_repr__icontains=text)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("admin.view_logentry"))
