"""What a messenger's configuration holds. A version keeps it as JSON; here it is checked and made complete. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from channels_app.messenger.page import opening

COLOR = "#4338ca"
_LABEL_KEY = re.compile(r"[A-Za-z][\w.]{0,60}")
Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = ("en", "de")
#: settings that customers read: a language can have its own, under the same name among the texts
SPOKEN = ("company_name", "greeting", "home_title", "home_text", "suggestions")


def _address(text: str) -> str:
    """A picture is fetched by customers' browsers: over https, or from our own site."""
    if text and not re.fullmatch(r"(https://|/(?!/))\S+", text):
        raise ValueError("Write an address that begins with https://.")
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("Write a time zone like Europe/Berlin.")
    return text


def _hours(text: str) -> str:
    try:
        return opening.written(opening.parse(text))
    except opening.BadHours as bad:
        raise ValueError(f"“{bad}” isn't a span of time: write it like 09:00-12:00, 13:00-17:30.") from None


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError("Write a colour as # and six digits, e.g. #4338ca.")
    return text.lower()


Trimmed = StringConstraints(strip_whitespace=True)
Colour = Annotated[str, AfterValidator(_colour)]
Address = Annotated[str, Trimmed, Field(max_length=500), AfterValidator(_address)]
Hours = Annotated[str, AfterValidator(_hours)]
FileType = Annotated[str, Field(pattern=r"^(\*/\*|[\w.+-]+/(\*|[\w.+-]+))$")]
Suggestion = Annotated[str, Trimmed, Field(min_length=1, max_length=80)]


class _Part(BaseModel):
    """Keys of a newer version than this program's are left out, not refused: old and new run side by side."""

    model_config = ConfigDict(extra="ignore", validate_default=False)


class Opening(_Part):
    """When people answer. `week`: Monday to Sunday, each like "09:00-12:00, 13:00-17:30", empty: closed."""

    enabled: bool = False
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    week: Annotated[list[Hours], Field(min_length=7, max_length=7)] = ["09:00-17:00"] * 5 + ["", ""]
    exceptions: Annotated[dict[date, Hours], Field(max_length=200)] = {}

    def hours(self) -> opening.Hours:
        """The table that `opening` reads."""
        return opening.Hours(
            ZoneInfo(self.time_zone),
            [opening.parse(day) for day in self.week],
            {day: opening.parse(text) for day, text in self.exceptions.items()},
        )


class MessengerSettings(_Part):
    """Everything that an admin sets. Lengths in characters, spaces in CSS pixels, sizes in kB."""

    # look
    company_name: Annotated[str, Trimmed, Field(max_length=60)] = ""
    greeting: Annotated[str, Trimmed, Field(max_length=300)] = ""
    logo_url: Address = ""
    primary_color: Colour = COLOR

    # launcher
    launcher: Literal["On", "Off", "OnDemand"] = "On"
    launcher_display: Literal["Icon", "Text", "IconAndText"] = "Icon"
    alignment: Literal["Auto", "Left", "Right"] = "Auto"
    side_space: Annotated[int, Field(ge=0, le=400)] = 24
    bottom_space: Annotated[int, Field(ge=0, le=400)] = 24
    teaser: bool = True

    # home screen
    home_screen: bool = False
    home_title: Annotated[str, Trimmed, Field(max_length=80)] = ""
    home_text: Annotated[str, Trimmed, Field(max_length=300)] = ""
    suggestions: Annotated[list[Suggestion], Field(max_length=6)] = []

    # conversation
    auto_start: bool = False
    conversation_clear: bool = True
    conversation_disconnect: Literal["off", "send", "read_only"] = "send"
    markdown: bool = True
    humanize: bool = True
    typing_agent: bool = True
    typing_customer: bool = True
    sound: bool = True
    notifications: bool = True
    transcript: bool = True
    end_button: bool = True
    emoji: bool = True
    survey: bool = False
    answer_time: bool = True

    # files; no types named: the installation's
    attachments: bool = True
    file_types: Annotated[list[FileType], Field(max_length=40)] = []
    max_file_size_kb: Annotated[int, Field(ge=1, le=102_400)] = 10_240

    # words and times
    languages: Annotated[list[Language], Field(min_length=1)] = list(LANGUAGES)
    default_language: Language = "en"
    texts: dict[str, dict[str, Annotated[str, Field(max_length=300)]]] = {}
    opening: Opening = Opening()

    # known customers and phones
    identity: bool = False
    push: dict[str, Any] = {}

    @field_validator("languages")
    @classmethod
    def _each_once(cls, value: list[str]) -> list[str]:
        return list(dict.fromkeys(value))

    @field_validator("texts")
    @classmethod
    def _named_texts(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        if unknown := set(value) - set(LANGUAGES):
            raise ValueError(f"There is no language “{min(unknown)}”.")
        for words in value.values():
            if bad := next((key for key in words if not _LABEL_KEY.fullmatch(key)), None):
                raise ValueError(f"“{bad}” isn't the name of a text.")
        return {language: words for language, words in value.items() if words}

    def said(self, key: str, language: str) -> str:
        """One of `SPOKEN` in a language: its text for that language, else the one for all."""
        return self.texts.get(language, {}).get(key) or str(getattr(self, key))

    def suggested(self, language: str) -> list[str]:
        """The suggested questions in a language; as a text they have | between them."""
        own = self.texts.get(language, {}).get("suggestions", "")
        return [part.strip() for part in own.split("|") if part.strip()] or self.suggestions

    def language(self, *wanted: str) -> str:
        """The first wanted language that this messenger speaks ("de-AT" finds "de"), else its own."""
        known: dict[str, Language] = {code: code for code in self.languages}
        found = (known.get(one.lower().partition("-")[0]) for one in wanted)
        spoken = next((code for code in found if code), None)
        return spoken or (self.default_language if self.default_language in known else self.languages[0])


def complete(stored: dict[str, Any]) -> dict[str, Any]:
    """A stored configuration with the defaults of what it lacks, as JSON values."""
    return MessengerSettings.model_validate(stored).model_dump(mode="json")
