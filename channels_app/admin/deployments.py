"""Messenger deployments: where the messenger stands, what it says, and what is live of it."""

from __future__ import annotations

import re
import uuid
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agents.admin.base import Admin, ReadOnlyInline, is_new, link
from channels_app.actions.deployments import DEFAULTS, do_publish, do_save_draft, get_configuration, get_newest
from channels_app.admin import domains
from channels_app.models import Deployment, DeploymentVersion
from channels_app.models.channel import WEB

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
    """A deployment with the draft of its configuration."""

    allowed_domains = DomainsField(
        label=gettext_lazy("Allowed domains"),
        required=False,
        help_text=gettext_lazy(
            "One host on a line. Only pages on these hosts and below them may show the messenger. Empty: every site."
        ),
    )
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

    class Meta:
        model = Deployment
        fields = ("channel", "name", "active", "allowed_domains", "session_duration")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = None if is_new(self.instance) else get_newest(self.instance.pk)
        for key, value in get_configuration(newest).items():
            self.initial.setdefault(key, value)
        if "channel" in self.fields:
            self.fields["channel"].queryset = self.fields["channel"].queryset.filter(kind=WEB)

    def clean_primary_color(self) -> str:
        color = str(self.cleaned_data["primary_color"]).lower()
        if not _COLOR.fullmatch(color):
            raise ValidationError(_("Write a colour as # and six digits, e.g. #4338ca."))
        return color

    def configuration(self) -> dict[str, Any]:
        """What is to be the draft."""
        return {key: self.cleaned_data[key] for key in DEFAULTS}


def keep_configuration(form: DeploymentForm, *, publish: bool) -> None:
    """After the commit: the form's configuration becomes the draft, and live if so asked."""
    transaction.on_commit(partial(_keep, form.instance.pk, form.configuration(), publish=publish))


def _keep(deployment_id: uuid.UUID, configuration: dict[str, Any], *, publish: bool) -> None:
    do_save_draft(deployment_id, configuration)
    if publish:
        do_publish(deployment_id)


def page_address(deployment: Deployment) -> str:
    """The hosted page of a deployment."""
    return f"{settings.BASE_URL}/messenger/{deployment.pk}/"


class VersionInline(ReadOnlyInline):
    """What was published when."""

    model = DeploymentVersion
    fields = readonly_fields = ("shown_number", "created_at", "published_at", "shown_state")
    ordering = ("-number",)
    per_page = 10
    hide_title = True

    @display(description=gettext_lazy("version"))
    def shown_number(self, version: DeploymentVersion) -> int:
        return version.number

    @display(description=gettext_lazy("state"))
    def shown_state(self, version: DeploymentVersion) -> str:
        if version.deployment.published_id == version.pk:
            return _("Live")
        return _("Replaced") if version.published_at else _("Draft")


@admin.register(Deployment)
class DeploymentAdmin(Admin):
    form = DeploymentForm
    switch = "active"
    empty_text = gettext_lazy("A deployment is a messenger on a site or a hosted page. Add one to let customers write.")
    list_display = ("name", "channel", "shown_state", "shown_domains", "active")
    ordering = ("name",)
    list_filter = ("active", "channel")
    list_select_related = ("channel", "published")
    search_fields = ("name", "channel__name")
    actions_submit_line = ("publish",)
    inlines = (VersionInline,)
    readonly_fields = ("address", "embed", "shown_version")
    _where = (gettext_lazy("Where"), {"fields": ("channel", "name", "allowed_domains", "session_duration", "active")})
    _what = (
        gettext_lazy("What customers see"),
        {
            "fields": ("company_name", "greeting", "primary_color"),
            "description": gettext_lazy("Saved as a draft. Customers see it after “Save and publish”."),
        },
    )
    add_fieldsets = (
        _where,
        (
            gettext_lazy("What customers see"),
            {
                "fields": ("company_name", "greeting", "primary_color"),
                "description": gettext_lazy("Published at once. Later changes are drafts until you publish them."),
            },
        ),
    )
    fieldsets = (
        (gettext_lazy("Give this to your site or your customers"), {"fields": ("shown_version", "address", "embed")}),
        _where,
        _what,
    )

    @display(description=gettext_lazy("page address"))
    def address(self, deployment: Deployment) -> str:
        url = page_address(deployment)
        return link(url, url, elsewhere=True)

    @display(description=gettext_lazy("link for a page of yours"))
    def embed(self, deployment: Deployment) -> str:
        code = format_html('<a href="{}">{}</a>', page_address(deployment), _("Write to us"))
        return format_html('<code class="break-all text-xs">{}</code>', escape(code))

    @display(description=gettext_lazy("state"), label={"live": "success", "draft": "warning", "none": "danger"})
    def shown_state(self, deployment: Any) -> tuple[str, str]:
        published = deployment.published
        if published is None:
            return "none", _("Not published")
        newest = getattr(deployment, "newest_number", published.number)
        if newest > published.number:
            return "draft", _("Version %(live)d is live, a draft waits") % {"live": published.number}
        return "live", _("Version %(live)d is live") % {"live": published.number}

    @display(description=gettext_lazy("state"))
    def shown_version(self, deployment: Deployment) -> str:
        return self.shown_state(deployment)[1]

    @display(description=gettext_lazy("allowed domains"))
    def shown_domains(self, deployment: Deployment) -> str:
        return ", ".join(deployment.allowed_domains[:3]) or _("Every site")

    @action(description=gettext_lazy("Save and publish"), permissions=["change"])
    def publish(self, request: HttpRequest, obj: Deployment) -> None:
        """Only a name for the button: `save_model` does it, together with the draft."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deployment]:
        return super().get_queryset(request).annotate(newest_number=Max("versions__number"))

    def get_inlines(self, request: HttpRequest, obj: Deployment | None) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: Deployment, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        publish = not change or "channels_app_deployment_publish" in request.POST
        keep_configuration(form, publish=publish)
        if publish and change:
            messages.success(request, _("Published. New visitors see it from now on."))
        elif set(DEFAULTS) & set(form.changed_data):
            messages.info(request, _("Saved as a draft. Customers see it once you publish it."))
