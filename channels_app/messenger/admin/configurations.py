"""Messenger configurations: the draft in sections with a live preview, versions, and what is live."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST
from unfold.decorators import action, display

from agents.actions.changes import Change, extra
from agents.admin.base import Admin, link_to
from channels_app.messenger.actions.deployments import (
    do_publish,
    do_restore,
    do_save_draft,
    get_configuration,
    get_newest,
)
from channels_app.messenger.admin.configuration_form import FIELDS, SECTIONS, ConfigurationForm, as_fields
from channels_app.messenger.admin.preview import render_preview
from channels_app.messenger.models import ConfigurationVersion, MessengerConfiguration
from contactcenter.kernel.errors import NotFound

REVIEW = "messenger_messengerconfiguration_review"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[Any, str, str]]:
    """What differs between two configurations: (label, then, now), in the order of the form."""
    old, new = as_fields(before), as_fields(after)
    return [(field.label, shown(old[key]), shown(new[key])) for key, field in FIELDS.items() if old[key] != new[key]]


def shown(value: Any) -> str:
    """A value in a comparison."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return ", ".join(value) if isinstance(value, list) else str(value)


@admin.register(MessengerConfiguration)
class ConfigurationAdmin(Admin):
    form = ConfigurationForm
    helps = {"name": gettext_lazy("Names it in the admin; customers don't see it.")}
    empty_text = gettext_lazy("A configuration is what a messenger looks like and does. Deployments refer to one.")
    list_display = ("name", "shown_state", "shown_use")
    ordering = ("name",)
    search_fields = ("name",)
    list_select_related = ("published",)
    change_form_template = "admin/messenger/messengerconfiguration/change_form.html"
    actions_submit_line = ("review",)
    readonly_fields = ("shown_version", "shown_deployments")

    class Media:
        js = ("messenger/embed/admin.js",)

    def get_fieldsets(self, request: HttpRequest, obj: MessengerConfiguration | None = None) -> Any:
        about = ("name", "shown_version", "shown_deployments") if obj else ("name",)
        sections = [(heading, {"fields": fields}) for heading, fields in SECTIONS]
        return [(None, {"fields": about}), *sections]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessengerConfiguration]:
        return (
            super()
            .get_queryset(request)
            .annotate(newest_number=Max("versions__number"), uses=Count("deployments", distinct=True))
        )

    @display(description=gettext_lazy("state"), label={"live": "success", "draft": "warning", "none": "danger"})
    def shown_state(self, configuration: Any) -> tuple[str, str]:
        published = configuration.published
        if published is None:
            return "none", _("Not published")
        if configuration.newest_number > published.number:
            return "draft", _("Version %(live)d is live, a draft waits") % {"live": published.number}
        return "live", _("Version %(live)d is live") % {"live": published.number}

    @display(description=gettext_lazy("state"))
    def shown_version(self, configuration: Any) -> str:
        return self.shown_state(configuration)[1]

    @display(description=gettext_lazy("deployments"))
    def shown_use(self, configuration: Any) -> int:
        return int(configuration.uses)

    @display(description=gettext_lazy("shown by"))
    def shown_deployments(self, configuration: MessengerConfiguration) -> Any:
        found = [(link_to(deployment),) for deployment in configuration.deployments.all()[:10]]
        return format_html_join(", ", "{}", found) or _("No deployment yet")

    @action(description=gettext_lazy("Save and publish"), permissions=["change"])
    def review(self, request: HttpRequest, obj: MessengerConfiguration) -> None:
        """Only a name for the button: after saving, `response_change` asks before it publishes."""

    def save_model(self, request: HttpRequest, obj: MessengerConfiguration, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(partial(_keep, obj.pk, form.content, publish=not change))

    def response_change(self, request: HttpRequest, obj: MessengerConfiguration) -> HttpResponse:
        if REVIEW in request.POST:
            return HttpResponseRedirect(_page("publish", obj))
        messages.info(request, _("Saved as a draft. Customers see it once you publish it."))
        return super().response_change(request, obj)

    # --- its own pages ------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "messenger_messengerconfiguration"
        return [
            path("preview/", xframe_options_sameorigin(view(require_POST(self.preview_view))), name=f"{name}_preview"),
            path("<uuid:object_id>/publish/", view(self.publish_view), name=f"{name}_publish"),
            path("<uuid:object_id>/versions/", view(self.versions_view), name=f"{name}_versions"),
            path(
                "<uuid:object_id>/versions/<int:number>/restore/",
                view(require_POST(self.restore_view)),
                name=f"{name}_restore",
            ),
            *super().get_urls(),
        ]

    def _get(self, request: HttpRequest, object_id: object) -> MessengerConfiguration:
        found = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_change_permission(request, found):
            raise PermissionDenied
        return found

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The hosted page as the form would have it; nothing is stored and no socket is opened."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        known = MessengerConfiguration.objects.filter(pk=request.POST.get("configuration") or None).first()
        form = ConfigurationForm(request.POST, instance=known)
        return render_preview(request, form.best_content(), home=request.POST.get("preview") == "home")

    def publish_view(self, request: HttpRequest, object_id: object) -> HttpResponse:
        """Asks, with what changes for customers; a post does it."""
        configuration = self._get(request, object_id)
        newest = get_newest(configuration.pk)
        if request.method == "POST" and newest:
            before = configuration.published.number if configuration.published else ""
            do_publish(configuration.pk)
            values = extra([Change(gettext_noop("published version"), str(before), str(newest.number))])
            self.log_change(request, configuration, [{"changed": {"fields": ["published version"]}}, values])
            messages.success(request, _("Published. New visitors see it from now on."))
            return HttpResponseRedirect(_page("change", configuration))
        changes = differences(get_configuration(configuration.published), get_configuration(newest))
        return self._own_page(request, configuration, "publish", {"changes": changes, "newest": newest})

    def versions_view(self, request: HttpRequest, object_id: object) -> HttpResponse:
        """All versions, each with what differs from the live one."""
        configuration = self._get(request, object_id)
        live = get_configuration(configuration.published)
        rows = [
            (version, _state(configuration, version), differences(live, get_configuration(version)))
            for version in configuration.versions.order_by("-number")[:50]
        ]
        return self._own_page(request, configuration, "versions", {"rows": rows})

    def restore_view(self, request: HttpRequest, object_id: object, number: int) -> HttpResponse:
        """An older version becomes the draft."""
        configuration = self._get(request, object_id)
        try:
            do_restore(configuration.pk, number)
        except NotFound:
            raise Http404 from None
        values = extra([Change(gettext_noop("draft"), "", f"version {number}")])
        self.log_change(request, configuration, [{"changed": {"fields": ["draft"]}}, values])
        messages.success(request, _("Version %(number)d is the draft now.") % {"number": number})
        return HttpResponseRedirect(_page("change", configuration))

    def _own_page(
        self, request: HttpRequest, configuration: MessengerConfiguration, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        return render(
            request,
            f"admin/messenger/messengerconfiguration/{name}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": configuration,
                "title": configuration.name,
                **context,
            },
        )


def _page(name: str, configuration: MessengerConfiguration) -> str:
    return reverse(f"admin:messenger_messengerconfiguration_{name}", args=[configuration.pk])


def _state(configuration: MessengerConfiguration, version: ConfigurationVersion) -> str:
    if configuration.published_id == version.pk:
        return _("Live")
    return _("Replaced") if version.published_at else _("Draft")


def _keep(configuration_id: Any, content: dict[str, Any], *, publish: bool) -> None:
    do_save_draft(configuration_id, content)
    if publish:
        do_publish(configuration_id)
