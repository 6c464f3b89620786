"""The form of a messenger's configuration: sections of fields, and the way to the values of `messenger.config`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError as Refused
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminColorInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from agents.admin.base import is_new
from channels_app.messenger.actions.deployments import DEFAULTS, get_configuration, get_newest
from channels_app.messenger.admin.hints import HINTS
from channels_app.messenger.config import SPOKEN, MessengerSettings
from channels_app.messenger.models import MessengerConfiguration
from channels_app.messenger.page.labels import product_labels

LANGUAGES = (("en", "English"), ("de", "Deutsch"))
DAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
Section = tuple[Any, tuple[str | tuple[str, ...], ...]]  # heading, fields


def _text(label: Any, hint: Any = "", *, most: int = 300, example: str = "") -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"placeholder": example})
    return forms.CharField(label=label, help_text=hint, max_length=most, required=False, widget=widget)


def _lines(label: Any, hint: Any = "", *, rows: int = 3, example: str = "") -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows, "placeholder": example})
    return forms.CharField(label=label, help_text=hint, required=False, widget=widget)


def _switch(label: Any, hint: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=hint, required=False, widget=UnfoldBooleanSwitchWidget)


def _choice(label: Any, choices: Iterable[tuple[str, Any]], hint: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=hint, choices=list(choices), widget=UnfoldAdminSelectWidget)


def _number(label: Any, hint: Any = "", *, least: int = 0, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=hint, min_value=least, max_value=most, widget=UnfoldAdminIntegerFieldWidget
    )


FIELDS: dict[str, forms.Field] = {
    "company_name": _text(gettext_lazy("Company name"), gettext_lazy("The title of the messenger."), most=60),
    "greeting": _lines(
        gettext_lazy("Greeting"), gettext_lazy("What customers read before they write. It isn't sent as a message.")
    ),
    "logo_url": _text(
        gettext_lazy("Logo"), gettext_lazy("Address of a square picture, over https."), most=500, example="https://"
    ),
    "primary_color": forms.CharField(
        label=gettext_lazy("Colour"),
        help_text=gettext_lazy("Of the launcher, the head and the customer's own messages."),
        widget=UnfoldAdminColorInputWidget,
    ),
    "launcher": _choice(
        gettext_lazy("Launcher"),
        (
            ("On", gettext_lazy("Always there")),
            ("OnDemand", gettext_lazy("Only after the page's script asks for it")),
            ("Off", gettext_lazy("Never; the page's script opens the messenger")),
        ),
    ),
    "launcher_display": _choice(
        gettext_lazy("Launcher shows"),
        (
            ("Icon", gettext_lazy("An icon")),
            ("Text", gettext_lazy("A text")),
            ("IconAndText", gettext_lazy("Icon and text")),
        ),
        gettext_lazy("The text is “launcher.text” among the texts below."),
    ),
    "alignment": _choice(
        gettext_lazy("Side"),
        (
            ("Auto", gettext_lazy("Where lines of text end")),
            ("Right", gettext_lazy("Right")),
            ("Left", gettext_lazy("Left")),
        ),
    ),
    "side_space": _number(gettext_lazy("Space beside"), gettext_lazy("In pixels."), most=400),
    "bottom_space": _number(gettext_lazy("Space below"), gettext_lazy("In pixels."), most=400),
    "teaser": _switch(gettext_lazy("Teaser"), gettext_lazy("Shows a new message beside the closed launcher.")),
    "home_screen": _switch(gettext_lazy("Home screen"), gettext_lazy("Before the first message.")),
    "home_title": _text(gettext_lazy("Title"), most=80),
    "home_text": _lines(gettext_lazy("Text")),
    "suggestions": _lines(
        gettext_lazy("Suggested questions"),
        gettext_lazy("One on a line, up to 6. A customer sends one with a click."),
        example="Where is my parcel?",
    ),
    "auto_start": _switch(
        gettext_lazy("Start by itself"), gettext_lazy("Opening the messenger starts the conversation, so a bot greets.")
    ),
    "conversation_clear": _switch(gettext_lazy("Customers may clear the conversation")),
    "conversation_disconnect": _choice(
        gettext_lazy("When an agent ends it"),
        (
            ("send", gettext_lazy("Say so; a message goes on with it")),
            ("read_only", gettext_lazy("Say so; then read only until a new one is started")),
            ("off", gettext_lazy("Say nothing")),
        ),
    ),
    "markdown": _switch(gettext_lazy("Markdown"), gettext_lazy("Bold, italic, lists and links in messages.")),
    "humanize": _switch(gettext_lazy("Agents' names and pictures")),
    "typing_agent": _switch(gettext_lazy("Customers see that an agent types")),
    "typing_customer": _switch(gettext_lazy("Agents see that a customer types")),
    "sound": _switch(gettext_lazy("Sound")),
    "notifications": _switch(gettext_lazy("Browser notifications"), gettext_lazy("Each customer is asked first.")),
    "transcript": _switch(gettext_lazy("Transcript to download")),
    "end_button": _switch(gettext_lazy("Customers may end the conversation")),
    "emoji": _switch(gettext_lazy("Emoji picker")),
    "survey": _switch(gettext_lazy("Survey at the end")),
    "answer_time": _switch(
        gettext_lazy("Expected answer time"), gettext_lazy("From the last days' waits; hidden while too few are known.")
    ),
    "identity": _switch(
        gettext_lazy("Known customers"), gettext_lazy("Your site may sign customers in with a signed token.")
    ),
    "attachments": _switch(gettext_lazy("Customers may send files")),
    "file_types": _lines(
        gettext_lazy("Kinds of files"),
        gettext_lazy("Media types, one on a line. Empty: all that this installation takes."),
        example="image/*",
    ),
    "max_file_size_kb": _number(gettext_lazy("Largest file"), gettext_lazy("In kB."), least=1, most=102_400),
    "languages": forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), choices=LANGUAGES, widget=UnfoldAdminCheckboxSelectMultipleWidget
    ),
    "default_language": _choice(
        gettext_lazy("Language otherwise"), LANGUAGES, gettext_lazy("For customers who read none of these.")
    ),
    "texts_en": _lines(
        gettext_lazy("Texts, English"),
        gettext_lazy(
            "Your own words in place of ours, one on a line: name = text. Also of company_name, greeting, home_title, "
            "home_text and suggestions (with | between them), where a language needs its own."
        ),
        example="launcher.text = Ask us",
    ),
    "texts_de": _lines(
        gettext_lazy("Texts, German"),
        gettext_lazy("The same for German."),
        example="greeting = Fragen Sie uns etwas",
    ),
    "opening_enabled": _switch(
        gettext_lazy("Show opening hours"), gettext_lazy("Customers may write at any time; they see when you answer.")
    ),
    "opening_time_zone": _text(gettext_lazy("Time zone"), most=60, example="Europe/Berlin"),
    **{f"opening_{number}": _text(day, example="09:00-12:00, 13:00-17:30") for number, day in enumerate(DAYS)},
    "opening_exceptions": _lines(
        gettext_lazy("Other days"),
        gettext_lazy("One on a line: the date, and its hours if it has any."),
        example="2026-12-25\n2026-12-24 09:00-12:00",
    ),
}
for _name, _hint in HINTS.items():
    FIELDS[_name].help_text = _hint
SECTIONS: tuple[Section, ...] = (
    (gettext_lazy("Look"), ("company_name", "greeting", "logo_url", "primary_color")),
    (
        gettext_lazy("Launcher"),
        ("launcher", "launcher_display", "alignment", ("side_space", "bottom_space"), "teaser"),
    ),
    (gettext_lazy("Home screen"), ("home_screen", "home_title", "home_text", "suggestions")),
    (
        gettext_lazy("Conversation"),
        (
            "auto_start",
            "conversation_disconnect",
            "conversation_clear",
            "end_button",
            "typing_agent",
            "typing_customer",
            "humanize",
            "markdown",
            "emoji",
            "sound",
            "notifications",
            "transcript",
            "survey",
            "answer_time",
            "identity",
        ),
    ),
    (gettext_lazy("Files"), ("attachments", "file_types", "max_file_size_kb")),
    (gettext_lazy("Languages and texts"), ("languages", "default_language", "texts_en", "texts_de")),
    (
        gettext_lazy("Opening hours"),
        (
            "opening_enabled",
            "opening_time_zone",
            *(f"opening_{number}" for number in range(7)),
            "opening_exceptions",
        ),
    ),
)


_Fields: Any = type("_Fields", (forms.ModelForm,), dict(FIELDS))


class ConfigurationForm(_Fields):
    """A configuration's name and the whole of its draft."""

    class Meta:
        model = MessengerConfiguration
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.content: dict[str, Any] = {}
        newest = None if is_new(self.instance) else get_newest(self.instance.pk)
        self.before = get_configuration(newest)
        self.initial = as_fields(self.before) | self.initial

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self._check(cleaned)
        return cleaned

    def _check(self, cleaned: Mapping[str, Any]) -> None:
        for language, _name in LANGUAGES:
            self._check_texts(f"texts_{language}", cleaned[f"texts_{language}"], language)
        if self.errors:
            return
        try:
            self.content = MessengerSettings.model_validate(self.before | as_content(cleaned)).model_dump(mode="json")
        except Refused as refused:
            for problem in refused.errors():
                self.add_error(field_of(problem["loc"]), _sentence(problem))

    def _check_texts(self, field: str, text: str, language: str) -> None:
        known = product_labels(language)
        for key, _value in _pairs(text, "="):
            if known and key not in known and key not in SPOKEN:
                self.add_error(field, _("There is no text “%(key)s”.") % {"key": key})

    def best_content(self) -> dict[str, Any]:
        """For the preview: what can be read of a form that is being filled in; the rest stays as it was."""
        self.is_valid()
        content = dict(self.before)
        for key, value in as_content(as_fields(self.before) | self.cleaned_data).items():
            try:
                content[key] = MessengerSettings.model_validate({key: value}).model_dump(mode="json")[key]
            except Refused:
                continue
        return content


def as_fields(content: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration's values as the form shows them."""
    opening = content["opening"]
    return {
        **{key: content[key] for key in FIELDS if key in content},
        "suggestions": "\n".join(content["suggestions"]),
        "file_types": "\n".join(content["file_types"]),
        **{f"texts_{code}": _written(content["texts"].get(code, {}), " = ") for code, _name in LANGUAGES},
        "opening_enabled": opening["enabled"],
        "opening_time_zone": opening["time_zone"],
        **{f"opening_{number}": hours for number, hours in enumerate(opening["week"])},
        "opening_exceptions": _written(opening["exceptions"], " "),
    }


def as_content(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The way back."""
    plain = {key: fields[key] for key in FIELDS if key in DEFAULTS}
    return {
        **plain,
        "suggestions": _split(fields["suggestions"]),
        "file_types": [kind.lower() for kind in re.split(r"[\s,]+", fields["file_types"]) if kind],
        "texts": {code: dict(_pairs(fields[f"texts_{code}"], "=")) for code, _name in LANGUAGES},
        "opening": {
            "enabled": fields["opening_enabled"],
            "time_zone": fields["opening_time_zone"].strip() or "UTC",
            "week": [fields[f"opening_{number}"] for number in range(7)],
            "exceptions": dict(_pairs(fields["opening_exceptions"], " ")),
        },
    }


def field_of(place: tuple[int | str, ...]) -> str:
    """The form's field for a place in the configuration: ("opening", "week", 2) is "opening_2"."""
    if place[0] == "opening":
        if place[1] == "week" and len(place) > 2:
            return f"opening_{place[2]}"
        return f"opening_{'exceptions' if place[1] == 'exceptions' else 'time_zone'}"
    if place[0] == "texts":
        return f"texts_{place[1] if len(place) > 1 else 'en'}"
    return str(place[0])


def _sentence(problem: Any) -> str:
    """What is wrong, in words of our own where there are some."""
    where = problem["loc"]
    if where[:2] == ("opening", "exceptions") and problem["type"] != "value_error":
        return _("“%(text)s” isn't a date: write it like 2026-12-25.") % {"text": where[2]}
    if where[0] == "file_types":
        return _("“%(text)s” isn't a media type: write it like image/png or image/*.") % {"text": problem["input"]}
    if where[0] == "suggestions":
        return _("Up to 6 questions of up to 80 characters.")
    return str(problem["ctx"]["error"]) if problem["type"] == "value_error" else str(problem["msg"])


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _pairs(text: str, between: str) -> list[tuple[str, str]]:
    parts = (line.partition(between) for line in _split(text))
    return [(key.strip(), value.strip()) for key, _between, value in parts]


def _written(pairs: Mapping[Any, str], between: str) -> str:
    return "\n".join(f"{_key(key)}{between}{value}".rstrip() for key, value in pairs.items())


def _key(key: Any) -> str:
    return key.isoformat() if isinstance(key, date) else str(key)
