"""What supervisors fill in: filters, which are the page's address, and orders."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from agents.models import Medium, User
from agents.presence import Presence
from reporting.queries import agents, choices, interactions
from routing.forms import DeskForm

ANY = _("Any")
PERIODS = [
    ("24h", _("Last 24 hours")),
    ("7d", _("Last 7 days")),
    ("30d", _("Last 30 days")),
    ("all", _("Any time")),
    ("days", _("From … to …")),
]
DEFAULT_PERIOD = "7d"
_LENGTHS = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
_STATES = {
    "open": _("Not closed"),
    "waiting": _("Waiting"),
    "connected": _("With an agent"),
    "parked": _("Parked"),
    "after_call": _("After-call work"),
    "handled": _("Handled"),
    "abandoned": _("Abandoned"),
    "flow_out": _("Left unanswered"),
}
_AGENT_STATES = {
    "on_queue": _("On queue"),
    "off_queue": _("Off queue"),
    "idle": _("Idle"),
    "interacting": _("Interacting"),
    "not_responding": _("Not responding"),
}


class _Filter(forms.Form):
    """A filter never refuses: a value that can't be read counts as not asked for."""

    def wanted(self) -> dict[str, Any]:
        """What was asked for, without what is empty or wrong."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def used(self) -> int:
        """How many fields narrow the list."""
        return len(self.wanted().keys() - {"sort", "period"})


class _Choice(forms.TypedChoiceField):
    """One of a list, or any."""

    def __init__(self, given: choices.Choices, label: Any, coerce: Any = str) -> None:
        super().__init__(choices=[("", ANY), *given], label=label, coerce=coerce, empty_value=None, required=False)
        self.widget.attrs["class"] = "input"


def _search(label: Any) -> forms.CharField:
    attrs = {"class": "input", "type": "search", "autocomplete": "off"}
    return forms.CharField(label=label, required=False, max_length=100, widget=forms.TextInput(attrs=attrs))


class ActivityForm(_Filter):
    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["medium"] = _Choice(list(Medium.choices), _("Media"))


class AgentFilterForm(_Filter):
    q = _search(_("Name"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        states = [(state, _AGENT_STATES[state]) for state in agents.STATES]
        self.fields["state"] = _Choice(states, _("State"))
        self.fields["team"] = _Choice(choices.teams(), _("Team"), uuid.UUID)
        self.fields["queue"] = _Choice(choices.queues(), _("Queue"), uuid.UUID)
        self.fields["skill"] = _Choice(choices.skills(), _("Skill"), uuid.UUID)
        self.fields["sort"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def filter(self) -> agents.AgentFilter:
        """The values as the query takes them."""
        wanted = self.wanted()
        sort = wanted.pop("sort", "")
        key = sort.removeprefix("-")
        return agents.AgentFilter(
            search=wanted.pop("q", "").strip(),
            sort=key if key in agents.SORTS else "state",
            descending=sort.startswith("-"),
            **wanted,
        )


class InteractionFilterForm(_Filter):
    q = _search(_("Customer's name"))
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(_with_period(data))
        channels, kinds = choices.channels()
        self.fields["period"] = forms.ChoiceField(choices=PERIODS, label=_("Started"), required=False)
        self.fields["period"].widget.attrs["class"] = "input"
        self.fields["state"] = _Choice([(state, _STATES[state]) for state in interactions.STATES], _("State"))
        self.fields["queue"] = _Choice(choices.queues(), _("Queue"), uuid.UUID)
        self.fields["agent"] = _Choice(choices.agents(), _("Agent"), uuid.UUID)
        self.fields["medium"] = _Choice(list(Medium.choices), _("Media type"))
        self.fields["kind"] = _Choice(kinds, _("Message type"))
        self.fields["channel"] = _Choice(channels, _("Channel"), uuid.UUID)
        self.fields["code"] = _Choice(choices.codes(), _("Wrap-up code"), uuid.UUID)
        for name in ("since", "until"):
            self.fields[name].widget.attrs["class"] = "input"

    def filter(self, now: datetime, viewer: User) -> interactions.InteractionFilter:
        """The values as the query takes them; dates are days in the viewer's time zone."""
        wanted = self.wanted()
        days = wanted.pop("since", None), wanted.pop("until", None)
        period = wanted.pop("period", DEFAULT_PERIOD)
        zone = _zone(viewer)
        since = now - _LENGTHS[period] if period in _LENGTHS else None
        until = None
        if period == "days":
            since = datetime.combine(days[0], time(0), zone) if days[0] else None
            until = datetime.combine(days[1] + timedelta(days=1), time(0), zone) if days[1] else None
        return interactions.InteractionFilter(since=since, until=until, search=wanted.pop("q", "").strip(), **wanted)


def _with_period(data: QueryDict) -> QueryDict:
    """What isn't closed is shown whenever it began, else what began in the last days; unless a time was asked for."""
    filled = data.copy()
    if filled.get("period") not in dict(PERIODS):
        lively = filled.get("state") in interactions.OPEN_STATES
        dated = filled.get("since") or filled.get("until")
        filled["period"] = "days" if dated else "all" if lively else DEFAULT_PERIOD
    return filled


def _zone(viewer: User) -> ZoneInfo:
    try:
        return ZoneInfo(viewer.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


class AssignForm(DeskForm):
    to = forms.UUIDField(error_messages={"required": _("Choose an agent."), "invalid": _("Choose an agent.")})
    past_limit = forms.BooleanField(required=False)

    def clean_to(self) -> User:
        found = User.objects.filter(id=self.cleaned_data["to"], is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Choose an agent."))
        return found


class StateForm(DeskForm):
    """`to`: on_queue, off_queue, or a presence."""

    to = forms.ChoiceField(
        choices=[("on_queue", ""), ("off_queue", ""), *((one.value, "") for one in Presence)],
        error_messages={"required": _("Choose a state."), "invalid_choice": _("Choose a state.")},
    )
