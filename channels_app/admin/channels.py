"""Channels: one account on one provider, with its secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError as RefusedSettings
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from agents.admin.base import Admin, moment
from agents.admin.durations import DurationField
from channels_app.actions.accounts import check
from channels_app.adapters import registry
from channels_app.admin import settings_form
from channels_app.admin.fields import SecretField
from channels_app.models import Channel


def _fields_of(kind: str) -> dict[str, forms.Field]:
    return settings_form.fields_of(registry.adapter_for(kind))


def _has_provider(kind: str) -> bool:
    """Whether somebody else carries it, with an account there, and could refuse us."""
    return not registry.adapter_for(kind).capabilities.sessions


_WINDOW = Channel._meta.get_field("window")  # noqa: SLF001 documented by Django in spite of its name


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
        for key, field in self.fields.items():
            name = key.removeprefix(settings_form.key_of(self.instance.kind, ""))
            if isinstance(field, SecretField):
                field.say(stored=bool(self.instance.secrets.get(name)))
            elif key.startswith("set_") and name in self.instance.settings:
                self.initial.setdefault(key, self.instance.settings[name])

    def clean(self) -> dict[str, Any]:
        """The settings of the chosen kind, by the kind's own checks."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("kind") or self.instance.kind
        if kind:
            adapter = registry.adapter_for(kind)
            try:
                self.settings_given = settings_form.split(adapter, cleaned, self.instance.secrets)
            except RefusedSettings as error:
                for field, sentence in settings_form.faults(adapter, error):
                    self.add_error(field, sentence)
        return cleaned

    def clean_account_id(self) -> str:
        """The id must be free among the channels of the kind; an empty one gets a value of its own."""
        account = str(self.cleaned_data["account_id"]).strip()
        kind = self.cleaned_data.get("kind") or self.instance.kind
        taken = Channel.objects.filter(kind=kind, account_id=account).exclude(pk=self.instance.pk).first()
        if account and taken:
            raise ValidationError(_("The channel “%(name)s” has this account already.") % {"name": taken.name})
        return account

    def save(self, commit: bool = True) -> Channel:  # noqa: FBT001, FBT002 Django's signature
        self.instance.window = self.cleaned_data["threading_window"]
        self.instance.settings, self.instance.secrets = self.settings_given
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
    readonly_fields = ("shown_kind", "webhook", "health", "health_note", "shown_health_at", "shown_pause")
    actions_detail = ("test",)

    @action(description=gettext_lazy("Test the connection"), icon="network_check", permissions=["change"])
    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the provider, and say what it answered."""
        channel = get_object_or_404(Channel, pk=object_id)
        found = check(channel)
        if found.ok:
            messages.success(request, found.note or _("It works."))
        else:
            messages.error(request, found.note or _("It doesn't work."))
        return HttpResponseRedirect(reverse("admin:channels_app_channel_change", args=[channel.pk]))

    @property
    def conditional_fields(self) -> dict[str, str]:
        """Alpine expressions: a secret is asked for when its kind is chosen."""
        fields = {key: [kind] for kind, _label in registry.choices() for key in _fields_of(kind)}
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

    @display(description=gettext_lazy("paused until"))
    def shown_pause(self, channel: Channel) -> str:
        """Nothing is sent until then: the provider asked for it."""
        return moment(channel.paused_until) if channel.paused_until else "–"

    @display(description=gettext_lazy("webhook address"))
    def webhook(self, channel: Channel) -> str:
        """What the provider asks for when its side is set up."""
        return settings.BASE_URL + reverse("channels_app:webhook", args=[channel.pk])

    def get_fieldsets(self, request: HttpRequest, obj: Channel | None = None) -> Any:
        account = ("account_id",) if obj is None or _has_provider(obj.kind) else ()
        kind = "shown_kind" if obj else "kind"
        names = list(self._settings_of(obj))
        found: list[Any] = [(None, {"fields": (kind, "name", *account, *names, "threading_window", "active")})]
        if obj and _has_provider(obj.kind):
            found.append(
                (_("State"), {"fields": ("webhook", ("health", "shown_health_at"), "health_note", "shown_pause")})
            )
        return found

    def get_form(self, request: HttpRequest, obj: Channel | None = None, **kwargs: Any) -> Any:
        own = self._settings_of(obj)
        without_kind = {"kind": None} if obj else {}
        kwargs["form"] = type("ChannelForm", (ChannelForm,), {**own, **without_kind})
        return super().get_form(request, obj, **kwargs)

    def _settings_of(self, obj: Channel | None) -> dict[str, forms.Field]:
        """Of its kind; for a new channel those of all kinds, each shown with its own."""
        kinds = [obj.kind] if obj else [kind for kind, _label in registry.choices()]
        return {key: field for kind in kinds for key, field in _fields_of(kind).items()}

    @property
    def inlines(self) -> list[type[InlineModelAdmin]]:
        return [inline for inlines in self.inlines_of.values() for inline in inlines]

    def get_inlines(self, request: HttpRequest, obj: Channel | None) -> Any:
        return self.inlines_of.get(obj.kind if obj else request.POST.get("kind", self.first_kind()), ())

    @staticmethod
    def first_kind() -> str:
        """What the form of a new channel begins with."""
        return registry.choices()[0][0]
