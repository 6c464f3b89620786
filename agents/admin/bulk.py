"""Bulk actions: first a page that says how many rows it is about and what happens, then an action function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext

from agents.actions.changes import Outcome
from contactcenter.kernel.errors import Refused

SHOWN = 12

Given = Mapping[str, Any]
Run = Callable[[Any, list[Any], Given], Outcome]


@dataclass(frozen=True, slots=True)
class Bulk:
    """An action on chosen rows.

    `label`: in the list's menu and on the button. `consequence`: what happens, in a sentence or two. `run` gets who
    does it, the keys, and what the form asked for. `facts` says what is to be known about just these rows. `page` is
    shown with the outcome afterwards, instead of the list with a sentence.
    """

    name: str
    label: Any
    consequence: Any
    run: Run
    form: type[forms.Form] | None = None
    facts: Callable[[Sequence[Any]], list[str]] | None = None
    danger: bool = False
    page: Callable[[Any, HttpRequest, Any], HttpResponse] | None = None


class BulkAdmin:
    """For a ModelAdmin: its `bulks` are in the list's menu, for who may change its rows."""

    bulks: tuple[Bulk, ...] = ()

    def get_bulks(self) -> tuple[Bulk, ...]:
        return self.bulks

    def check_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """:raises Refused: this person may not change one of these rows."""
        others = [str(row) for row in rows if not self.has_change_permission(request, row)]  # type: ignore[attr-defined]
        if others:
            raise Refused("You may not change: %(names)s. Leave them out.", names=", ".join(others[:5]))

    def bulk_actions(self) -> dict[str, Any]:
        """In the shape of Django's `get_actions`."""
        return {one.name: (_view(one), one.name, one.label) for one in self.get_bulks()}

    def run_bulk(
        self, request: HttpRequest, chosen: QuerySet[Any], bulk: Bulk, *, back: str = ""
    ) -> HttpResponse | None:
        """The page that asks; with its answer, the action itself.

        `back` is where cancelling leads from an address that says by itself who is chosen; from a list, to the list.
        """
        rows = list(chosen)
        confirmed = request.POST.get("confirmed") == str(len(rows))
        form = bulk.form(request.POST if "confirmed" in request.POST else None) if bulk.form else None
        try:
            self.check_rows(request, rows)
            if confirmed and (form is None or form.is_valid()):
                given = form.cleaned_data if form else {}
                outcome = bulk.run(request.user, [row.pk for row in rows], given)
                if bulk.page:
                    return bulk.page(self, request, outcome)
                say_outcome(request, bulk, outcome)
                return None
        except Refused as refusal:
            messages.error(request, refusal.said(gettext))
            return None
        if "confirmed" in request.POST and not confirmed:
            messages.warning(request, gettext("The selection has changed meanwhile. Look at it again."))
        return self._ask(request, rows, bulk, form, back)

    def _ask(
        self, request: HttpRequest, rows: list[Any], bulk: Bulk, form: forms.Form | None, back: str
    ) -> HttpResponse:
        options = self.opts  # type: ignore[attr-defined]
        across = request.POST.get("select_across") == "1"
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": options,
            "title": bulk.label,
            "bulk": bulk,
            "form": form,
            "count": len(rows),
            "counted": counted(len(rows), options),
            "rows": rows[:SHOWN],
            "more": max(len(rows) - SHOWN, 0),
            "facts": bulk.facts(rows) if bulk.facts else [],
            "keys": [] if back else [row.pk for row in (rows[:1] if across else rows)],
            "back": back or request.get_full_path(),
            "across": across,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/bulk.html", context)


def counted(count: int, options: Any) -> str:
    """`1 queue`, `12 queues`."""
    return f"{count} {options.verbose_name if count == 1 else options.verbose_name_plural}"


def say_outcome(request: HttpRequest, bulk: Bulk, outcome: Outcome) -> None:
    """How many it changed, and how many were so before."""
    said = [str(bulk.label) + ":"]
    said.append(ngettext("%(n)d changed.", "%(n)d changed.", outcome.changed) % {"n": outcome.changed})
    if outcome.same:
        said.append(ngettext("%(n)d was so already.", "%(n)d were so already.", outcome.same) % {"n": outcome.same})
    (messages.success if outcome.changed else messages.info)(request, " ".join(said))


def _view(bulk: Bulk) -> Callable[..., HttpResponse | None]:
    def view(admin: BulkAdmin, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        return admin.run_bulk(request, chosen, bulk)

    return view
