"""What providers sent, raw. What couldn't be applied can be replayed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from agents.admin.base import Record, moment
from channels_app.actions.payloads import replay
from channels_app.models import InboundPayload

SHOWN_BYTES = 20_000


@admin.register(InboundPayload)
class PayloadAdmin(Record):
    empty_text = _("What a provider sends is kept here for 30 days. Red: it couldn't be applied.")
    id_fields: ClassVar[tuple[str, ...]] = ("id", "channel_id")
    list_display = ("shown_time", "channel", "shown_state", "shown_error")
    list_filter = ("state", "channel")
    list_select_related = ("channel",)
    ordering = ("-id",)
    search_help_text = _("The id of a payload or of a channel")
    actions = ("replay",)
    actions_detail = ("replay_one",)
    fields = ("received_at", "channel", "state", "error", "shown_body", "headers")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundPayload]:
        return super().get_queryset(request).defer("body")

    @display(description=_("time"), ordering="id")
    def shown_time(self, payload: InboundPayload) -> str:
        return moment(payload.received_at)

    @display(description=_("state"), label={"applied": "success", "failed": "danger"})
    def shown_state(self, payload: InboundPayload) -> tuple[str, str]:
        return payload.state, payload.get_state_display()

    @display(description=_("problem"))
    def shown_error(self, payload: InboundPayload) -> str:
        return payload.error.splitlines()[-1][:160] if payload.error else "–"

    @display(description=_("body"))
    def shown_body(self, payload: InboundPayload) -> Any:
        return bytes(payload.body)[:SHOWN_BYTES].decode(errors="replace")

    def has_replay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reading a payload again is a change of what it brings, though the payload itself stays as it came."""
        return bool(request.user.has_perm("channels_app.change_inboundpayload"))

    @admin.action(description=_("Apply again"), permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[InboundPayload]) -> None:
        """Only what failed; what was applied meanwhile isn't applied twice."""
        failed = chosen.filter(state=InboundPayload.State.FAILED).values_list("pk", flat=True)
        self._say(request, _replayed(list(failed)))

    @action(
        description=_("Apply again"),
        icon="replay",
        permissions=["replay"],
        dialog={
            "title": _("Apply this payload again?"),
            "description": _("What it brings is applied as if it came in now. What was applied before stays once."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Apply again"),
        },
    )
    def replay_one(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.replay(request, self.get_queryset(request).filter(pk=object_id))
        page = reverse("admin:channels_app_inboundpayload_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": page})

    def _say(self, request: HttpRequest, outcomes: list[bool]) -> None:
        good, bad = outcomes.count(True), outcomes.count(False)
        if good:
            messages.success(request, ngettext("%d payload applied.", "%d payloads applied.", good) % good)
        if bad:
            text = ngettext("%d payload failed again. Its page says why.", "%d payloads failed again.", bad)
            messages.error(request, text % bad)
        if not outcomes:
            messages.info(request, _("None of these has failed: there is nothing to apply again."))


def _replayed(payload_ids: Iterable[uuid.UUID]) -> list[bool]:
    return [replay(payload_id) for payload_id in payload_ids]
