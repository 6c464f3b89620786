"""What all pages of the admin share: durations as text, switching off instead of deleting, read-only logs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import flatten
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format, get_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from agents.actions.changes import Outcome, extra
from agents.actions.switching import do_switch
from agents.admin.bulk import Bulk, BulkAdmin, Run
from agents.admin.diffs import changes_of, others_of
from agents.admin.durations import DurationField
from agents.admin.entries import Entry, entries_of
from contactcenter.kernel.errors import Refused

COUNTED = 1000
DURATIONS = {models.DurationField: {"form_class": DurationField, "widget": UnfoldAdminTextInputWidget}}


class ReadableFields:
    """Lengths of time as text, with their limits named so; and what each field leads to.

    `helps` says the consequence of a field where its model doesn't.
    """

    helps: ClassVar[Mapping[str, Any]] = {}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(field, DurationField):
            field.say_limits(db_field.validators)
        if field is not None and db_field.name in self.helps:
            field.help_text = self.helps[db_field.name]
        return field


class Inline(ReadableFields, TabularInline):
    """Rows of another table on the same page: none made up, more by a button."""

    formfield_overrides = DURATIONS
    extra = 0
    hide_title = True
    show_change_link = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A field in a table has its label in the table's head only: named for those who don't see that."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", capfirst(field.label or db_field.name))
        return field


class Admin(BulkAdmin, ReadableFields, ModelAdmin):
    """Base of all pages.

    `empty_text` tells what a list will show. `switch` names the field that takes a row out of use:
    what is in use can't be deleted, so that is offered instead. `switch_words` says what on and off lead to.
    `offered` are the rows that fields of other pages find as one types.
    """

    empty_text: ClassVar[Any] = ""
    switch: ClassVar[str] = ""
    switch_words: ClassVar[tuple[Any, Any]] = ("", "")
    offered: ClassVar[Q] = Q()
    formfield_overrides = DURATIONS
    warn_unsaved_form = True
    list_filter_sheet = False
    list_per_page = 50
    save_as_continue = False
    object_history_template = "admin/history.html"

    # --- found, as one types ----------------------------------------------------------------------
    def get_search_results(self, request: HttpRequest, queryset: Any, term: str) -> tuple[Any, bool]:
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            queryset = queryset.filter(self.offered)
        return super().get_search_results(request, queryset, term)

    # --- many at once -----------------------------------------------------------------------------
    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No bulk deletion anywhere; ours where rows may be changed."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found | (self.bulk_actions() if self.has_change_permission(request) else {})

    def get_bulks(self) -> tuple[Bulk, ...]:
        if not self.switch:
            return self.bulks
        on, off = self.switch_words
        turn_on, turn_off = self._run_switch(on=True), self._run_switch(on=False)
        switches = (
            Bulk("switch_on", gettext_lazy("Switch on"), on, turn_on),
            Bulk(
                "switch_off",
                gettext_lazy("Switch off"),
                off,
                turn_off,
                facts=self.facts_of,
                danger=True,
            ),
        )
        return (*switches, *self.bulks)

    def facts_of(self, rows: Sequence[Any]) -> list[str]:
        """What is to be known before just these rows are switched off."""
        return []

    def _run_switch(self, *, on: bool) -> Run:
        def run(by: Any, keys: list[Any], given: Mapping[str, Any]) -> Outcome:
            return self.switch_rows(by, keys, on=on)

        return run

    def switch_rows(self, by: Any, keys: Sequence[Any], *, on: bool) -> Outcome:
        """By the action; then `after_switch`."""
        check = self.check_switch_on if on else self.check_switch_off
        outcome = do_switch(by.pk, self.model, keys, field=self.switch, on=on, check=check)
        self.after_switch(keys)
        return outcome

    def check_switch_off(self, rows: Sequence[Any]) -> None:
        """:raises Refused: with a sentence, when something still needs one of these rows."""

    def check_switch_on(self, rows: Sequence[Any]) -> None:
        """:raises Refused: with a sentence, when one of these rows can't be used as it is."""

    def after_switch(self, keys: Sequence[Any]) -> None:
        """What others must hear of."""

    def get_urls(self) -> list[URLPattern]:
        if not self.switch:
            return super().get_urls()
        view = self.admin_site.admin_view(require_POST(self.switch_off_view))
        return [path("<path:object_id>/switch-off/", view, name=self._url_name("switch_off")), *super().get_urls()]

    def switch_off_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Offered where a deletion is refused."""
        rows = list(self.get_queryset(request).filter(pk=object_id))
        try:
            self.check_rows(request, rows)
            self.switch_rows(request.user, [row.pk for row in rows], on=False)
            messages.success(request, gettext("Switched off."))
        except Refused as refusal:
            messages.error(request, refusal.said(gettext))
        return HttpResponseRedirect(reverse(f"admin:{self._url_name('change')}", args=[object_id]))

    # --- deleting ---------------------------------------------------------------------------------
    def what_stands(self, row: Any) -> list[str]:
        """Why this row can't be deleted, in sentences; empty: it can."""
        return what_needs(row)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What stands against a deletion is counted, not loaded: a channel has a million conversations."""
        standing = [sentence for row in objs for sentence in self.what_stands(row)]
        if standing:
            return [], {}, set(), standing
        named, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return _few(named), counts, lacking, protected

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

    # --- who changed what -------------------------------------------------------------------------
    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002 Django's signature
        """Django's message with each value before and after."""
        formsets = formsets or []
        said = super().construct_change_message(request, form, formsets, add)
        changes = changes_of(form, formsets, add=add)
        return [*said, extra(changes, others_of(formsets))] if said or changes else []

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Saved without a change: nothing to note."""
        return super().log_change(request, obj, _stored(message)) if message else None

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, obj, _stored(message))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """All that was changed of a row, newest first, also from the pages of rows that it is connected with."""
        found = entries_of(self.model, object_id)
        page = Paginator(found, 50).get_page(request.GET.get("p"))
        context = {"entries": [Entry.of(one, str(object_id)) for one in page], "page": page}
        return super().history_view(request, object_id, {**(extra_context or {}), **context})


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


def _few(named: list[Any]) -> list[Any]:
    """Nested names of what would be deleted, the first twenty of each; how many there are is said beside them."""
    shown = [_few(one) if isinstance(one, list) else one for one in named[:20]]
    return [*shown, "…"] if len(named) > 20 else shown


def _stored(message: Any) -> str:
    """As the log keeps it, with names as they are written, so that a search finds them."""
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)


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


def used_by(words: Any, names: QuerySet[Any]) -> list[str]:
    """A sentence with how many use a row and up to three of their names; `words` is lazy, by `n`. Nobody: none."""
    count = names.count()
    shown = [*(str(name) for name in names[:3]), *(["…"] if count > 3 else [])]
    return [words % {"n": count, "names": ", ".join(shown)}] if count else []


def moment(value: Any) -> str:
    """A time in a log: to the second, on one line, in the reader's zone."""
    to_the_second = get_format("DATETIME_FORMAT").replace("H:i", "H:i:s")
    return format_html('<span class="whitespace-nowrap">{}</span>', date_format(localtime(value), to_the_second))


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
