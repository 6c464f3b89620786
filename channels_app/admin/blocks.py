"""Visitors whom an agent blocked, and letting them write again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from agents.admin.base import Record, moment
from channels_app.actions.blocks import do_unblock
from channels_app.models import Block
from contactcenter.kernel.errors import NotFound


@admin.register(Block)
class BlockAdmin(Record):
    empty_text = _("Agents block a visitor beside the conversation. Whoever is blocked is listed here.")
    id_fields = ("id", "address_id")
    list_display = ("shown_visitor", "shown_state", "reason", "by", "shown_time")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("address__contact", "by")
    search_help_text = _("The name of a visitor, or an id")
    ordering = ("-created_at",)
    actions = ("undo",)
    fields = ("address", "reason", "by", "created_at", "lifted_by", "lifted_at")

    @display(description=_("visitor"))
    def shown_visitor(self, block: Block) -> str:
        return block.address.contact.display_name

    @display(description=_("state"), label={"blocked": "danger", "undone": "info"})
    def shown_state(self, block: Block) -> tuple[str, Any]:
        return ("undone", _("Undone")) if block.lifted_at else ("blocked", _("Blocked"))

    @display(description=_("since"), ordering="created_at")
    def shown_time(self, block: Block) -> str:
        return moment(block.created_at)

    def search_text(self, queryset: QuerySet[Block], text: str) -> QuerySet[Block]:
        return queryset.filter(address__contact__name__icontains=text)

    def has_undo_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The row itself stays as a record; undoing is an action."""
        return bool(request.user.has_perm("channels_app.change_block"))

    @admin.action(description=_("Let them write again"), permissions=["undo"])
    def undo(self, request: HttpRequest, chosen: QuerySet[Block]) -> None:
        done = sum(_undone(block, request.user) for block in chosen)
        if done:
            messages.success(
                request, ngettext("%d visitor may write again.", "%d visitors may write again.", done) % done
            )
        else:
            messages.info(request, _("None of these is blocked any more."))


def _undone(block: Block, by: Any) -> bool:
    try:
        do_unblock(block.id, agent=by)
    except NotFound:
        return False
    return True
