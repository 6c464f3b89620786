"""Channels: one account on one provider, with its secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from agents.admin.base import Admin
from agents.admin.durations import DurationField
from channels_app.adapters import registry
from channels_app.admin.fields import SecretField
from channels_app.models import Channel

_PREFIX = "secret_"


def _has_provider(kind: str) -> bool:
    """Whether somebody else carries it, with an account there, and could refuse us."""
    return not registry.adapter_for(kind).capabilities.sessions


_WINDOW = Channel._meta.get_field("window")  # noqa: SLF001 documented by Django in spite of its name


def _kinds_of_secrets() -> dict[str, list[str]]:
    """Secret name → the channel kinds that have it."""
    found: dict[str, list[str]] = {}
    for kind, _label in registry.choices():
        for name in registry.adapter_for(kind).secrets:
            found.setdefault(name, []).append(kind)
    return found


class ChannelForm(forms.ModelForm):
    """A channel with the secrets of its kind, which are write-only."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=registry.choices,
        widget=UnfoldAdminSelectWidget,
        initial=lambda: registry.choices()[0][0],
        help_text=gettext_lazy("Which provider carries it. It can't be changed later."),
    )

    # not named `window` as in the model: the page's script would take it for the browser's
    threading_window = DurationField(
        label=gettext_lazy("Threading window"),
        validators=_WINDOW.validators,
        widget=UnfoldAdminTextInputWidget,
        help_text=_WINDOW.help_text,
    )

    class Meta:
        model = Channel
        fields = ("kind", "name", "account_id", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("threading_window", self.instance.window)
        self.fields["threading_window"].say_limits(_WINDOW.validators)
        for field, secret in self._secret_fields():
            secret.say(stored=bool(self.instance.secrets.get(field.removeprefix(_PREFIX))))

    def _secret_fields(self) -> list[tuple[str, SecretField]]:
        return [(name, field) for name, field in self.fields.items() if isinstance(field, SecretField)]

    def clean_account_id(self) -> str:
        """The id must be free among the channels of the kind; an empty one gets a value of its own."""
        account = str(self.cleaned_data["account_id"]).strip()
        kind = self.cleaned_data.get("kind") or self.instance.kind
        taken = Channel.objects.filter(kind=kind, account_id=account).exclude(pk=self.instance.pk).first()
        if account and taken:
            raise ValidationError(_("The channel “%(name)s” has this account already.") % {"name": taken.name})
        return account

    def save(self, commit: bool = True) -> Channel:  # noqa: FBT001, FBT002 Django's signature
        kind = self.cleaned_data.get("kind") or self.instance.kind
        wanted = set(registry.adapter_for(kind).secrets)
        given = {name.removeprefix(_PREFIX): self.cleaned_data[name] for name, _field in self._secret_fields()}
        fresh = {name: value for name, value in given.items() if value and name in wanted}
        self.instance.window = self.cleaned_data["threading_window"]
        self.instance.secrets = {**self.instance.secrets, **fresh}
        saved: Channel = super().save(commit)
        return saved


class KindFilter(DropdownFilter):
    """By the names of providers, of those that are in use."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = set(Channel.objects.values_list("kind", flat=True).distinct())
        return [(kind, label) for kind, label in registry.choices() if kind in used]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Channel]) -> QuerySet[Channel]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Channel)
class ChannelAdmin(Admin):
    form = ChannelForm
    switch = "active"
    switch_words = (
        gettext_lazy("Messages come in and go out again."),
        gettext_lazy("Customers can't write on it, and nothing is sent. What waits to be sent fails, visibly."),
    )
    helps = {
        "name": gettext_lazy("Agents and figures show it; customers don't see it."),
    }
    empty_text = gettext_lazy("A channel is where customers write: a web messenger, or an account at a provider.")
    #: kind of channel -> what else is edited on its page; a kind's own app registers it
    inlines_of: ClassVar[dict[str, tuple[type[InlineModelAdmin], ...]]] = {}
    list_display = ("name", "shown_kind", "shown_health", "active")
    change_form_before_template = "admin/channels_app/channel/rows.html"
    list_filter = (KindFilter, "health", "active")
    search_fields = ("name", "account_id")
    readonly_fields = ("shown_kind", "webhook", "health", "health_note", "shown_health_at")

    @property
    def conditional_fields(self) -> dict[str, str]:
        """Alpine expressions: a secret is asked for when its kind is chosen."""
        fields = {_PREFIX + name: kinds for name, kinds in _kinds_of_secrets().items()}
        fields["account_id"] = [kind for kind, _label in registry.choices() if _has_provider(kind)]
        return {name: f"typeof kind === 'undefined' || {kinds}.includes(kind)" for name, kinds in fields.items()}

    @display(description=gettext_lazy("kind"), ordering="kind")
    def shown_kind(self, channel: Channel) -> str:
        return dict(registry.choices()).get(channel.kind, channel.kind)

    @display(
        description=gettext_lazy("health"),
        label={"ok": "success", "failing": "danger", "unknown": ""},
        ordering="health",
    )
    def shown_health(self, channel: Channel) -> tuple[str, str]:
        return (channel.health, channel.get_health_display()) if _has_provider(channel.kind) else ("", "–")

    @display(description=gettext_lazy("since"))
    def shown_health_at(self, channel: Channel) -> datetime | None:
        return channel.health_at

    @display(description=gettext_lazy("webhook address"))
    def webhook(self, channel: Channel) -> str:
        """What the provider asks for when its side is set up."""
        return settings.BASE_URL + reverse("channels_app:webhook", args=[channel.pk])

    def get_fieldsets(self, request: HttpRequest, obj: Channel | None = None) -> Any:
        account = ("account_id",) if obj is None or _has_provider(obj.kind) else ()
        kind = "shown_kind" if obj else "kind"
        names = [_PREFIX + name for name in self._secret_names(obj)]
        found: list[Any] = [(None, {"fields": (kind, "name", *account, *names, "threading_window", "active")})]
        if obj and _has_provider(obj.kind):
            found.append((_("State"), {"fields": ("webhook", ("health", "shown_health_at"), "health_note")}))
        return found

    def get_form(self, request: HttpRequest, obj: Channel | None = None, **kwargs: Any) -> Any:
        secrets = {_PREFIX + name: SecretField(name) for name in self._secret_names(obj)}
        without_kind = {"kind": None} if obj else {}
        kwargs["form"] = type("ChannelForm", (ChannelForm,), {**secrets, **without_kind})
        return super().get_form(request, obj, **kwargs)

    def _secret_names(self, obj: Channel | None) -> list[str]:
        return list(registry.adapter_for(obj.kind).secrets) if obj else list(_kinds_of_secrets())

    @property
    def inlines(self) -> list[type[InlineModelAdmin]]:
        return [inline for inlines in self.inlines_of.values() for inline in inlines]

    def get_inlines(self, request: HttpRequest, obj: Channel | None) -> Any:
        return self.inlines_of.get(obj.kind if obj else request.POST.get("kind", self.first_kind()), ())

    @staticmethod
    def first_kind() -> str:
        """What the form of a new channel begins with."""
        return registry.choices()[0][0]
