"""What we asked providers, and what they answered: why did this send fail?"""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agents.admin.base import Record, moment
from channels_app.models import ProviderCall


@admin.register(ProviderCall)
class ProviderCallAdmin(Record):
    empty_text = _("What we ask a provider is kept here for two weeks, with the answer and without secrets.")
    id_fields: ClassVar[tuple[str, ...]] = ("channel_id", "message_id")
    list_display = ("shown_time", "channel", "method", "url", "shown_status", "shown_error")
    list_filter = ("channel", "method")
    list_select_related = ("channel",)
    ordering = ("-id",)
    search_help_text = _("The id of a message or of a channel")
    fields = (
        "shown_time",
        "channel",
        "message",
        "method",
        "url",
        "shown_status",
        "seconds",
        "request",
        "response",
        "error",
    )

    @display(description=_("time"), ordering="id")
    def shown_time(self, call: ProviderCall) -> str:
        return moment(call.at)

    @display(description=_("status"), label={"good": "success", "bad": "danger"})
    def shown_status(self, call: ProviderCall) -> tuple[str, str]:
        good = 200 <= call.status < 300
        return ("good" if good else "bad"), str(call.status) if call.status else str(_("no answer"))

    @display(description=_("problem"))
    def shown_error(self, call: ProviderCall) -> str:
        return call.error[:160] or "–"
