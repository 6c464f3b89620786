"""What agents fill in about their work."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _

from agents.models import User
from agents.presence import Presence
from contactcenter.kernel.errors import Refused
from routing.models import Queue, WrapUpCode

_CHOOSE = _("Choose a queue or a person.")
MOST_NOTE = 500
MOST_PARKED_DAYS = 30


class NotValid(Refused):
    """Something in the form isn't right."""


class DeskForm(forms.Form):
    """A form whose first fault is a refusal: one sentence beside what was typed."""

    def values(self) -> dict[str, Any]:
        """:raises NotValid: with the first fault as its message."""
        if not self.is_valid():
            faults = [fault for found in self.errors.values() for fault in found]
            raise NotValid(str(faults[0]))
        return self.cleaned_data


class PresenceForm(DeskForm):
    presence = forms.ChoiceField(choices=[(one.value, one.value) for one in Presence])


class TransferForm(DeskForm):
    """`to` is `queue:<id>` or `agent:<id>`, as the radio buttons send it."""

    to = forms.CharField(error_messages={"required": _CHOOSE})
    note = forms.CharField(required=False, max_length=MOST_NOTE)

    def clean_to(self) -> Queue | User:
        kind, _colon, key = str(self.cleaned_data["to"]).partition(":")
        targets = {"queue": Queue.objects.filter(active=True), "agent": User.objects.filter(is_active=True)}
        try:
            return targets[kind].get(id=uuid.UUID(key))
        except (KeyError, ValueError, ObjectDoesNotExist):
            raise forms.ValidationError(_CHOOSE) from None


class ParkForm(DeskForm):
    """`minutes` from now; 0: at `at`, an ISO 8601 instant; empty: until a reply or the agent takes it up again."""

    minutes = forms.IntegerField(required=False, min_value=0, max_value=60 * 24 * MOST_PARKED_DAYS)
    at = forms.CharField(required=False, max_length=40)
    on_reply = forms.BooleanField(required=False)
    seen_seq = forms.IntegerField(required=False, min_value=0, max_value=2**62)

    def resume_at(self, now: datetime) -> datetime | None:
        """:raises NotValid: the chosen time can't be read, is over, or is too far away."""
        minutes = self.cleaned_data["minutes"]
        if minutes is None:
            return None
        return self._chosen(now) if minutes == 0 else now + timedelta(minutes=minutes)

    def _chosen(self, now: datetime) -> datetime:
        try:
            found = datetime.fromisoformat(self.cleaned_data["at"])
        except ValueError:
            raise NotValid("Choose a day and a time.") from None
        if found.tzinfo is None or not now < found <= now + timedelta(days=MOST_PARKED_DAYS):
            raise NotValid("Choose a time in the next %(days)d days.", days=MOST_PARKED_DAYS)
        return found


class EndForm(DeskForm):
    seen_seq = forms.IntegerField(min_value=0, max_value=2**62)


class _CodeField(forms.ModelChoiceField):
    """What isn't a UUID is a wrong choice like any other; Django's own answer would speak of UUIDs."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from None


class WrapUpForm(DeskForm):
    code = _CodeField(
        WrapUpCode.objects.filter(active=True),
        required=False,
        error_messages={"invalid_choice": _("This code isn't offered any more. Choose another.")},
    )
    notes = forms.CharField(required=False, max_length=4000)
    skip = forms.BooleanField(required=False)
