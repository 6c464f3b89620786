"""The pages of a sheet: export, template, upload, check, apply."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget

from agents.actions.importing import CHANGED, NEW, SAME, WRONG, Imported, Plan, RowPlan, Stale, do_import
from agents.admin.entries import Value, translated
from agents.admin.sheets import files
from agents.admin.sheets.planning import Sheet, cells_of, plan
from contactcenter.kernel.errors import Refused

PER_PAGE = 100
_UNREADABLE: dict[str, Any] = {
    "large": gettext_lazy("The file is larger than %(most)d MB. Split it."),
    "long": gettext_lazy("The file has %(rows)d lines; at most %(most)d are read at once. Split it."),
    "empty": gettext_lazy("The file has no lines below its header."),
    "binary": gettext_lazy("This isn't a text file. Save it as CSV first."),
    "broken": gettext_lazy("The file can't be read as CSV: %(why)s."),
    "column": gettext_lazy("There is no column “%(name)s”. Possible are: %(known)s."),
    "twice": gettext_lazy("The column “%(name)s” is there twice."),
}
_TABS = (
    ("", gettext_lazy("All")),
    (WRONG, gettext_lazy("Wrong")),
    (NEW, gettext_lazy("New")),
    (CHANGED, gettext_lazy("Changed")),
    (SAME, gettext_lazy("Unchanged")),
)


class UploadForm(forms.Form):
    """A file to check."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,text/csv"}),
        help_text=gettext_lazy("Nothing is changed yet: first you see what each line would do."),
    )


class SheetAdmin:
    """For a ModelAdmin with a `sheet`: export and import beside its list. Put it before the base."""

    sheet: ClassVar[Sheet]
    actions_list = ("import_page", "export_page")

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, self._sheet_name  # type: ignore[attr-defined]
        own = [
            path("sheet/template/", view(require_GET(self.template_view)), name=name("template")),
            path("sheet/check/", view(self.check_view), name=name("check")),
            path("sheet/import/", view(self.upload_view), name=name("import")),
            path("sheet/export/", view(require_GET(self.export_view)), name=name("export")),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def _sheet_name(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_sheet_{what}"  # type: ignore[attr-defined]

    def _page(self, what: str) -> str:
        return reverse(f"admin:{self._sheet_name(what)}")

    def has_import_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))  # type: ignore[attr-defined]

    @action(description=gettext_lazy("Import"), icon="upload", permissions=["import"], url_path="import")
    def import_page(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(self._page("import"))

    @action(description=gettext_lazy("Export"), icon="download", permissions=["view"], url_path="export")
    def export_page(self, request: HttpRequest) -> HttpResponse:
        return self.export_view(request)

    # --- out ------------------------------------------------------------------------------------
    def export_view(self, request: HttpRequest) -> HttpResponse:
        """All rows, whatever the list shows; the chosen ones by the list's menu."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        return self.export(self.sheet.rows())

    def export(self, rows: QuerySet[Any]) -> HttpResponse:
        ordered = rows.order_by(self.sheet.key)
        return self._file("", files.write(self.sheet.names, (cells_of(self.sheet, row) for row in ordered)))

    def export_chosen(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
        """From the list's menu."""
        return self.export(self.sheet.rows().filter(pk__in=list(chosen.values_list("pk", flat=True))))

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """A file with the header and an example."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        return self._file("-template", files.write(self.sheet.names, self.sheet.example))

    def _file(self, end: str, data: bytes) -> HttpResponse:
        name = f"{self.opts.model_name}s{end}.csv"  # type: ignore[attr-defined]
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        chosen = (type(self).export_chosen, "export_chosen", gettext_lazy("Export as CSV"))
        return {**found, "export_chosen": chosen} if self.has_view_permission(request) else found  # type: ignore[attr-defined]

    # --- in -------------------------------------------------------------------------------------
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for a file, reads it, and keeps it in the session until it is applied or replaced."""
        self._check_may_import(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data["file"].read(files.MOST_BYTES + 1)
            try:
                files.read(data, self.sheet.names)
            except files.Unreadable as unreadable:
                form.add_error("file", _UNREADABLE[unreadable.code] % unreadable.values)
            else:
                self._keep(request, data, form.cleaned_data["file"].name)
                return HttpResponseRedirect(self._page("check"))
        columns = [("id", _("Empty for a new one. With it, a row is found even if its name changes."), False)]
        columns += [(column.name, column.about, column.required) for column in self.sheet.columns]
        return self._render(request, "upload", {"form": form, "columns": columns, "most": files.MOST_ROWS})

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """What each line would do. A post applies it, if it would still do the same."""
        self._check_may_import(request)
        kept = request.session.get(self._kept)
        if not kept:
            return HttpResponseRedirect(self._page("import"))
        table = files.read(zlib.decompress(base64.b64decode(kept["file"])), self.sheet.names)
        make: Callable[[], Plan] = partial(plan, self.sheet, table, request.user)
        if request.method == "POST" and self._apply(request, make):
            del request.session[self._kept]
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))  # type: ignore[attr-defined]
        return self._show(request, make(), table, kept)

    def _apply(self, request: HttpRequest, make: Callable[[], Plan]) -> bool:
        """Whether it was applied; if not, it is said why."""
        expected = request.POST.get("fingerprint", "")
        try:
            outcome = do_import(request.user.pk, make, self.sheet.write, expected)  # type: ignore[union-attr]
        except IntegrityError:  # somebody added the same at the same moment
            messages.error(request, Stale().said(_))
            return False
        except Refused as refusal:
            messages.error(request, refusal.said(_))
            return False
        text = ngettext("%(n)d line applied.", "%(n)d lines applied.", outcome.changed) % {"n": outcome.changed}
        messages.success(request, text)
        self.after_import(request, outcome)
        return True

    def after_import(self, request: HttpRequest, outcome: Imported) -> None:
        """What to say about just this kind."""

    def _show(self, request: HttpRequest, found: Plan, table: files.Table, kept: dict[str, Any]) -> HttpResponse:
        before = kept.get("digests")
        digests = [row.digest for row in found.rows]
        moved = {row.number for row, old in zip(found.rows, before or (), strict=False) if row.digest != old}
        if before != digests:
            request.session[self._kept] = {**kept, "digests": digests}
        state = request.GET.get("state", "")
        rows = found.of(state) if state else sorted(found.rows, key=lambda row: row.state != WRONG)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        counts = found.counts
        tabs = [(key, label, counts[key] if key else len(found.rows)) for key, label in _TABS]
        context = {
            "tabs": [tab for tab in tabs if tab[2] or not tab[0]],
            "state": state,
            "page": page,
            "lines": [(row, _shown(row)) for row in page],
            "moved": moved,
            "wrong": counts[WRONG],
            "todo": counts[NEW] + counts[CHANGED],
            "fingerprint": found.fingerprint,
            "encoding": "" if table.encoding == "UTF-8" else table.encoding,
            "file": kept["name"],
            "import_url": self._page("import"),
        }
        return self._render(request, "check", context)

    @property
    def _kept(self) -> str:
        return f"sheet:{self.opts.label_lower}"  # type: ignore[attr-defined]

    def _keep(self, request: HttpRequest, data: bytes, name: str) -> None:
        packed = base64.b64encode(zlib.compress(data)).decode()
        request.session[self._kept] = {"file": packed, "name": name[:100]}

    def _check_may_import(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):
            raise PermissionDenied

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        base = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": self.opts,  # type: ignore[attr-defined]
            "title": _("Import %(kind)s") % {"kind": self.opts.verbose_name_plural},  # type: ignore[attr-defined]
            "template_url": self._page("template"),
        }
        return TemplateResponse(request, f"admin/sheets/{name}.html", {**base, **context})


def _shown(row: RowPlan) -> list[Value]:
    return [Value(capfirst(translated(one.field)), one.old, one.new) for one in row.changes]
