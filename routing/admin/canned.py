"""Canned responses and their libraries."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, RelatedDropdownFilter
from unfold.decorators import display

from agents.admin.base import Admin
from routing.models import CannedResponse, ResponseLibrary


@admin.register(ResponseLibrary)
class ResponseLibraryAdmin(Admin):
    switch = "active"
    empty_text = gettext_lazy("A library holds canned responses for the agents of some queues, or of all.")
    switch_words = (
        gettext_lazy("Its responses are offered again."),
        gettext_lazy("None of its responses is offered any more. What was sent stays."),
    )
    helps = {
        "name": gettext_lazy("Agents see it beside each response."),
        "active": gettext_lazy("Off: none of its responses is offered any more. What was sent stays."),
    }
    list_display = ("name", "shown_queues", "response_count", "active")
    list_filter = ("active", ("queues", RelatedDropdownFilter))
    search_fields = ("name",)
    fields = ("name", "queues", "active")
    autocomplete_fields = ("queues",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ResponseLibrary]:
        offered = Count("responses", filter=Q(responses__active=True), distinct=True)
        return super().get_queryset(request).annotate(size=offered).prefetch_related("queues")

    @display(description=gettext_lazy("queues"))
    def shown_queues(self, library: ResponseLibrary) -> str:
        return ", ".join(queue.name for queue in library.queues.all()) or _("all")

    @display(description=gettext_lazy("responses"), ordering="size")
    def response_count(self, library: Any) -> int:
        return int(library.size)


@admin.register(CannedResponse)
class CannedResponseAdmin(Admin):
    switch = "active"
    empty_text = gettext_lazy("An agent types / in a reply, searches, and inserts one of these texts.")
    switch_words = (
        gettext_lazy("Agents are offered it again."),
        gettext_lazy("Agents aren't offered it any more. What was sent stays."),
    )
    helps = {
        "library": gettext_lazy("Its queues decide in which conversations the response is offered."),
        "active": gettext_lazy("Off: agents aren't offered it any more. What was sent stays."),
    }
    list_display = ("name", "library", "language", "shown_text", "active")
    list_filter = ("active", ("library", RelatedDropdownFilter), ("language", AllValuesCheckboxFilter))
    list_select_related = ("library",)
    search_fields = ("name", "text", "library__name")
    fields = (("name", "library"), "text", ("language", "active"))
    autocomplete_fields = ("library",)

    @display(description=gettext_lazy("text"))
    def shown_text(self, response: CannedResponse) -> str:
        return response.text if len(response.text) <= 80 else f"{response.text[:79]}…"
