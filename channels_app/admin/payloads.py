"""What providers sent, raw. What couldn't be applied can be replayed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from agents.admin.base import Record
from channels_app.actions.payloads import replay
from channels_app.models import InboundPayload

SHOWN_BYTES = 20_000


@admin.register(InboundPayload)
class PayloadAdmin(Record):
    empty_text = _("What a provider sends is kept here for 30 days. Red: it couldn't be applied.")
    id_fields: ClassVar[tuple[str, ...]] = ("id", "channel_id")
    list_display = ("received_at", "channel", "shown_state", "shown_error")
    list_filter = ("state", "channel")
    list_select_related = ("channel",)
    ordering = ("-id",)
    search_help_text = _("The id of a payload or of a channel")
    actions = ("replay",)
    fields = ("received_at", "channel", "shown_state", "error", "shown_body", "headers")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundPayload]:
        return super().get_queryset(request).defer("body")

    @display(description=_("state"), label={"applied": "success", "failed": "danger"})
    def shown_state(self, payload: InboundPayload) -> tuple[str, str]:
        return payload.state, payload.get_state_display()

    @display(description=_("problem"))
    def shown_error(self, payload: InboundPayload) -> str:
        return payload.error.splitlines()[-1][:160] if payload.error else "–"

    @display(description=_("body"))
    def shown_body(self, payload: InboundPayload) -> Any:
        return bytes(payload.body)[:SHOWN_BYTES].decode(errors="replace")

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Reading a payload again is a change of what it brings, though the payload itself stays as it came."""
        return bool(request.user.has_perm("channels_app.change_inboundpayload"))

    @admin.action(description=_("Apply again"), permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[InboundPayload]) -> None:
        """Only what failed; what was applied meanwhile isn't applied twice."""
        failed = chosen.filter(state=InboundPayload.State.FAILED).values_list("pk", flat=True)
        self._say(request, _replayed(list(failed)))

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
