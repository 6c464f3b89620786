"""Messenger deployments: where the messenger stands, what it says, and what is live of it."""

from __future__ import annotations

import re
import uuid
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agents.admin.base import Admin, link
from channels_app.messenger.actions.deployments import (
    do_configure_deployment,
    do_save_draft,
    get_configuration,
    get_newest,
)
from channels_app.messenger.adapter import WebMessenger
from channels_app.messenger.admin import domains
from channels_app.messenger.admin.identity import KeyInline, ProviderInline
from channels_app.messenger.models import Deployment
from channels_app.messenger.page import invite

LOOK = ("company_name", "greeting", "primary_color")
_COLOR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


class DomainsField(forms.CharField):
    """A list of hosts, written one on a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "shop.example"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        try:
            return domains.parse(value or "")
        except domains.BadHost as bad:
            where = {"line": bad.line, "text": bad.text}
            if bad.is_address:
                raise ValidationError(_("Line %(line)d: write only the host of “%(text)s”.") % where) from None
            raise ValidationError(_("Line %(line)d: “%(text)s” is not a host name.") % where) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != [line.strip().lower() for line in (data or "").splitlines() if line.strip()]


class DeploymentForm(forms.ModelForm):
    """Where a messenger stands, and which configuration it shows."""

    allowed_domains = DomainsField(
        label=gettext_lazy("Allowed domains"),
        required=False,
        help_text=gettext_lazy(
            "One host on a line. Only pages on these hosts and below them may show the messenger. Empty: every site."
        ),
    )

    class Meta:
        model = Deployment
        fields = ("channel", "name", "active", "allowed_domains", "session_duration", "configuration")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "channel" in self.fields:
            self.fields["channel"].queryset = self.fields["channel"].queryset.filter(kind=WebMessenger.kind)


class LookForm(DeploymentForm):
    """A deployment with the most needed of its configuration on the same page."""

    company_name = forms.CharField(
        label=gettext_lazy("Company name"),
        required=False,
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("The title of the messenger."),
    )
    greeting = forms.CharField(
        label=gettext_lazy("Greeting"),
        required=False,
        max_length=300,
        widget=UnfoldAdminExpandableTextareaWidget,
        help_text=gettext_lazy("What customers read before they write. It isn't sent as a message."),
    )
    primary_color = forms.CharField(
        label=gettext_lazy("Colour"),
        widget=UnfoldAdminColorInputWidget,
        help_text=gettext_lazy("Of the launcher, the head and the customer's own messages."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        configuration = self.instance.configuration_id
        newest = get_configuration(get_newest(configuration) if configuration else None)
        for key in LOOK:
            self.initial.setdefault(key, newest[key])

    def clean_primary_color(self) -> str:
        color = str(self.cleaned_data["primary_color"]).lower()
        if not _COLOR.fullmatch(color):
            raise ValidationError(_("Write a colour as # and six digits, e.g. #4338ca."))
        return color

    def look(self) -> dict[str, Any]:
        """What was filled in of the configuration."""
        return {key: self.cleaned_data[key] for key in LOOK}

    def save(self, commit: bool = True) -> Deployment:  # noqa: FBT001, FBT002 Django's signature
        saved: Deployment = super().save(commit)
        if commit:  # as a row on its channel's page
            keep_look(self)
        return saved


def keep_look(form: LookForm) -> None:
    """After the commit: a new deployment gets a configuration, live at once; a known one's draft changes."""
    transaction.on_commit(partial(_keep, form.instance.pk, form.look()))


def _keep(deployment_id: uuid.UUID, look: dict[str, Any]) -> None:
    deployment = Deployment.objects.get(id=deployment_id)
    if deployment.configuration_id is None:
        do_configure_deployment(deployment_id, look)
    else:
        newest = get_configuration(get_newest(deployment.configuration_id))
        do_save_draft(deployment.configuration_id, {**newest, **look})


def snippet(deployment: Deployment) -> str:
    """The line that a site's pages carry."""
    return f'<script async src="{settings.BASE_URL}/messenger/embed.js" data-deployment="{deployment.pk}"></script>'


def page_address(deployment: Deployment) -> str:
    """The hosted page of a deployment."""
    return f"{settings.BASE_URL}/messenger/{deployment.pk}/"


@admin.register(Deployment)
class DeploymentAdmin(Admin):
    form = DeploymentForm
    switch = "active"
    switch_words = (
        gettext_lazy("The messenger shows up again on its sites and its page."),
        gettext_lazy("The messenger disappears from its sites and its page. Conversations stay."),
    )
    helps = {
        "channel": gettext_lazy("Its messages come in on this channel, whose route says which queue gets them."),
        "name": gettext_lazy("Names this messenger in the admin; customers don't see it."),
        "active": gettext_lazy("Off: the messenger disappears from its sites and its page. Conversations stay."),
    }
    empty_text = gettext_lazy("A deployment is a messenger on a site or a hosted page. Add one to let customers write.")
    list_display = ("name", "channel", "configuration", "shown_state", "shown_domains", "active")
    ordering = ("name",)
    list_filter = ("active", "channel", "configuration")
    list_select_related = ("channel", "configuration__published")
    search_fields = ("name", "channel__name")
    inlines = (KeyInline, ProviderInline)
    readonly_fields = ("address", "embed", "shown_version")
    change_form_template = "admin/messenger/deployment/change_form.html"
    _where = (gettext_lazy("Where"), {"fields": ("channel", "name", "allowed_domains", "session_duration", "active")})
    add_fieldsets = (
        _where,
        (
            gettext_lazy("What customers see"),
            {
                "fields": ("configuration", "company_name", "greeting", "primary_color"),
                "description": gettext_lazy(
                    "Choose a configuration, or leave it empty and fill in the rest: one is made, live at once."
                ),
            },
        ),
    )
    fieldsets = (
        (gettext_lazy("Give this to your site or your customers"), {"fields": ("embed", "address")}),
        _where,
        (gettext_lazy("What customers see"), {"fields": ("configuration", "shown_version")}),
    )

    class Media:
        js = ("messenger/embed/copy.js",)

    @display(description=gettext_lazy("page address"))
    def address(self, deployment: Deployment) -> str:
        url = page_address(deployment)
        return link(url, url, elsewhere=True)

    @display(description=gettext_lazy("snippet for your site"))
    def embed(self, deployment: Deployment) -> str:
        return format_html(
            '<code id="snippet" class="break-all text-xs">{}</code> <button type="button" data-copy="snippet" '
            'data-done="{}" class="border border-base-200 cursor-pointer font-medium px-2 py-1 rounded-default '
            'dark:border-base-700">{}</button>',
            snippet(deployment),
            _("Copied"),
            _("Copy"),
        )

    @display(description=gettext_lazy("state"), label={"live": "success", "none": "danger"})
    def shown_state(self, deployment: Deployment) -> tuple[str, str]:
        published = deployment.published
        if published is None:
            return "none", _("Not published")
        return "live", _("Version %(live)d is live") % {"live": published.number}

    @display(description=gettext_lazy("state"))
    def shown_version(self, deployment: Deployment) -> str:
        return self.shown_state(deployment)[1]

    @display(description=gettext_lazy("allowed domains"))
    def shown_domains(self, deployment: Deployment) -> str:
        return ", ".join(deployment.allowed_domains[:3]) or _("Every site")

    def get_inlines(self, request: HttpRequest, obj: Deployment | None) -> Any:
        return self.inlines if obj else ()

    def get_form(self, request: HttpRequest, obj: Deployment | None = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **kwargs, **({} if obj else {"form": LookForm}))

    def save_model(self, request: HttpRequest, obj: Deployment, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if not change and obj.configuration_id is None:
            keep_look(form)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.invite_view)
        return [path("<uuid:object_id>/invite/", view, name=self._url_name("invite")), *super().get_urls()]

    def invite_view(self, request: HttpRequest, object_id: object) -> HttpResponse:
        """A link to the hosted page with a text and a campaign, and its QR code."""
        deployment = get_object_or_404(Deployment, pk=object_id)
        if not self.has_view_permission(request, deployment):
            raise PermissionDenied
        given = {key: request.GET.get(key, "") for key in ("text", "utm_campaign", "utm_source", "utm_medium")}
        address = invite.invitation(page_address(deployment), **given)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": deployment,
            "title": deployment.name,
            "given": given,
            "address": address,
            "qr": mark_safe(invite.qr_code(address)),  # noqa: S308 drawn by us from a link that we made
            "qr_file": invite.qr_file(address),
        }
        return render(request, "admin/messenger/deployment/invite.html", context)
