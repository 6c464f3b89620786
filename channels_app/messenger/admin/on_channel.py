"""A messenger's deployments on the page of its channel."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline

from agents.admin.base import DURATIONS, ReadableFields
from channels_app.admin.channels import ChannelAdmin
from channels_app.messenger.adapter import WebMessenger
from channels_app.messenger.admin.deployments import LookForm
from channels_app.messenger.models import Deployment


class DeploymentInline(ReadableFields, StackedInline):
    """A web messenger's deployments; shown for that kind only."""

    model = Deployment
    form = LookForm
    formfield_overrides = DURATIONS
    template = "admin/messenger/on_channel.html"
    extra = 0
    show_change_link = True
    fields = ("name", "allowed_domains", "company_name", "greeting", "primary_color")
    helps = {"name": gettext_lazy("Names this messenger in the admin; customers don't see it.")}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


ChannelAdmin.inlines_of[WebMessenger.kind] = (DeploymentInline,)
