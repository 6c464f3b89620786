"""What all pages of the admin share: durations as text, switching off instead of deleting, read-only logs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import flatten
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from agents.admin.durations import DurationField
from contactcenter.kernel.errors import Refused

COUNTED = 1000
DURATIONS = {models.DurationField: {"form_class": DurationField, "widget": UnfoldAdminTextInputWidget}}


class ReadableDurations:
    """Shows and reads lengths of time as text, and names their limits so."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(field, DurationField):
            field.say_limits(db_field.validators)
        return field


class Inline(ReadableDurations, TabularInline):
    """Rows of another table on the same page: none made up, more by a button."""

    formfield_overrides = DURATIONS
    extra = 0
    hide_title = True
    show_change_link = False


class Admin(ReadableDurations, ModelAdmin):
    """Base of all pages.

    `empty_text` tells what a list will show. `switch` names the field that takes a row out of use:
    what is in use can't be deleted, so that is offered instead.
    """

    empty_text: ClassVar[Any] = ""
    switch: ClassVar[str] = ""
    formfield_overrides = DURATIONS
    warn_unsaved_form = True
    list_filter_sheet = False
    list_per_page = 50
    save_as_continue = False

    # --- switching on and off ---------------------------------------------------------------------
    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No bulk deletion anywhere; bulk switching where there is a switch."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        if self.switch and self.has_change_permission(request):
            found["switch_on"] = (type(self).switch_on, "switch_on", gettext_lazy("Switch on"))
            found["switch_off"] = (type(self).switch_off, "switch_off", gettext_lazy("Switch off"))
        return found

    def switch_on(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        self._switch(request, chosen, on=True)

    def switch_off(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        self._switch(request, chosen, on=False)

    def check_switch_off(self, rows: Iterable[Any]) -> None:
        """:raises Refused: with a sentence, when something still needs one of these rows."""

    def after_switch(self, rows: Iterable[Any]) -> None:
        """What others must hear of."""

    def _switch(self, request: HttpRequest, chosen: QuerySet[Any], *, on: bool) -> None:
        with transaction.atomic():
            rows = [row for row in chosen if getattr(row, self.switch) != on]
            try:
                if not all(self.has_change_permission(request, row) for row in rows):
                    raise PermissionDenied
                if not on:
                    self.check_switch_off(rows)
            except Refused as refusal:
                messages.error(request, refusal.said(gettext))
                return
            for row in rows:
                setattr(row, self.switch, on)
                row.save(update_fields=[self.switch])
                self.log_change(
                    request, row, [{"changed": {"fields": [str(self.opts.get_field(self.switch).verbose_name)]}}]
                )
            self.after_switch(rows)
        self._say_switched(request, len(rows), on=on)

    def _say_switched(self, request: HttpRequest, count: int, *, on: bool) -> None:
        text = (
            ngettext("%(count)s switched on.", "%(count)s switched on.", count)
            if on
            else ngettext("%(count)s switched off.", "%(count)s switched off.", count)
        )
        messages.success(request, text % {"count": count})

    def get_urls(self) -> list[URLPattern]:
        if not self.switch:
            return super().get_urls()
        view = self.admin_site.admin_view(require_POST(self.switch_off_view))
        return [path("<path:object_id>/switch-off/", view, name=self._url_name("switch_off")), *super().get_urls()]

    def switch_off_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Offered where a deletion is refused."""
        self._switch(request, self.get_queryset(request).filter(pk=object_id), on=False)
        return HttpResponseRedirect(reverse(f"admin:{self._url_name('change')}", args=[object_id]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What stands against a deletion is counted, not loaded: a channel has a million conversations."""
        standing = [sentence for row in objs for sentence in what_needs(row)]
        return ([], {}, set(), standing) if standing else super().get_deleted_objects(objs, request)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        offer = {"switch_url": self._switch_url(request, object_id)}
        return super().delete_view(request, object_id, {**(extra_context or {}), **offer})

    def _switch_url(self, request: HttpRequest, object_id: str) -> str:
        row = self.get_object(request, object_id)
        if not self.switch or row is None or not getattr(row, self.switch):
            return ""
        return reverse(f"admin:{self._url_name('switch_off')}", args=[object_id])

    def _url_name(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{what}"


class _ReadOnly:
    """Look, don't touch."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(_ReadOnly, Inline):
    """Rows that belong to the page's object, to read."""


class Record(_ReadOnly, Admin):
    """A log. Tables grow without end here: newest first, no counting, and a search that an index answers."""

    paginator = InfinitePaginator
    list_fullwidth = True
    show_full_result_count = False
    actions = None
    #: columns that a full id is looked up in
    id_fields: ClassVar[tuple[str, ...]] = ("id",)
    search_fields = ("id",)  # only so that the search box is there

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return flatten(self.get_fields(request, obj))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not term.strip():
            return queryset, False
        try:
            wanted = uuid.UUID(term.strip())
        except ValueError:
            return self.search_text(queryset, term.strip()), False
        found = Q()
        for field in self.id_fields:
            found |= Q(**{field: wanted})
        return queryset.filter(found), False

    def search_text(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        """What a search for anything but an id finds."""
        return queryset.none()


def what_needs(row: Model) -> list[str]:
    """Why a row can't be deleted: links to up to three rows of a kind that hold on to it, else how many."""
    found: list[str] = []
    for relation in row._meta.get_fields(include_hidden=True):  # noqa: SLF001 documented by Django
        if getattr(relation, "on_delete", None) is not models.PROTECT or not relation.auto_created:
            continue
        needing = relation.related_model._base_manager.filter(**{relation.field.name: row})  # noqa: SLF001 likewise
        kind = relation.related_model._meta  # noqa: SLF001 likewise
        few = list(needing[:4])
        if len(few) <= 3:
            found += [f"{kind.verbose_name}: {one}" for one in few]
        else:
            count = needing[: COUNTED + 1].count()
            found.append(f"{min(count, COUNTED)}{'+' if count > COUNTED else ''} {kind.verbose_name_plural}")
    return found


def moment(value: Any) -> str:
    """A time in a log: to the second, on one line, in the reader's zone."""
    return format_html('<span class="whitespace-nowrap">{}</span>', f"{localtime(value):%Y-%m-%d %H:%M:%S}")


def plain(number: Decimal) -> str:
    """A number without zeros that say nothing: 4, 3.5."""
    return f"{number.normalize():f}"


def link_to(row: Model | None, text: str = "") -> str:
    """A link to the admin's page of a row."""
    if row is None:
        return "–"
    return link(page_of(row), text or str(row))


def link(url: str, text: str, *, elsewhere: bool = False) -> str:
    """A link in the admin's looks; `elsewhere` opens in another tab."""
    target = mark_safe(' target="_blank" rel="noopener"') if elsewhere else ""
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}"{}>{}</a>', url, target, text)


def page_of(row: Model) -> str:
    """Where the admin shows a row."""
    options = row._meta  # noqa: SLF001 documented by Django in spite of its name
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk])


def is_new(row: Model) -> bool:
    """Not in the database yet. (Its key says nothing: that is made in Python.)"""
    return bool(row._state.adding)  # noqa: SLF001 documented by Django in spite of its name
