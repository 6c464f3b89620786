"""The items of rich content: one frozen model per kind, told apart by `type`, with their limits."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

MAX_ITEMS = 30  # items of one message
MAX_ID = 128  # characters of an id that another system made
MAX_LABEL = 255  # characters of a title or button
MAX_TEXT = 4096  # characters of a description, payload or answer
MAX_URL = 4096  # signed storage addresses are long
MAX_FILENAME = 1024
MAX_CHOICES = 100  # quick replies, list items, wheel items, date picker times
MAX_CARDS = 20
MAX_ACTIONS = 10
MAX_PAGES = 20  # form pages, list sections, components of a page
MAX_VALUES = 30  # template parameters, values of an event
MAX_BYTES = 2**40
MAX_SECONDS = 366 * 24 * 3600

_SURROGATES = re.compile("[\ud800-\udfff]")
_SAFE_URL = re.compile(r"(https?://[^\s/]\S*|/(?![/\\])\S*)\Z", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(https?://[^\s/]\S*|/(?![/\\])\S*|(mailto|tel|sms):\S+)\Z", re.IGNORECASE)


def clean_text(text: str) -> str:
    """`text` as PostgreSQL can store it: NUL removed, a lone surrogate replaced by U+FFFD."""
    return _SURROGATES.sub("\ufffd", text.replace("\x00", ""))


def _matching(pattern: re.Pattern[str], kinds: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.match(value):
            raise ValueError(f"must be {kinds} address, or a path on this site")
        return value

    return AfterValidator(check)


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar") from None


Clean = BeforeValidator(lambda value: clean_text(value) if isinstance(value, str) else value)
Id = Annotated[str, Clean, StringConstraints(min_length=1, max_length=MAX_ID)]
Label = Annotated[str, Clean, StringConstraints(min_length=1, max_length=MAX_LABEL)]
Caption = Annotated[str, Clean, StringConstraints(max_length=MAX_LABEL)]
Text = Annotated[str, Clean, StringConstraints(max_length=MAX_TEXT)]
Url = Annotated[str, Clean, StringConstraints(max_length=MAX_URL), _matching(_SAFE_URL, "an http(s)")]
Link = Annotated[
    str, Clean, StringConstraints(max_length=MAX_URL), _matching(_SAFE_LINK, "an http(s), mailto, tel or sms")
]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]  # what JSON carries exactly everywhere
Scalar = Text | bool | Whole | float | None


class _Value(BaseModel):
    # Unknown fields are dropped, so that a row written by a newer version can still be read.
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    @model_serializer(mode="wrap")
    def _without_defaults(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Stored JSON leaves out what says nothing, but always names the `type`."""
        fields = type(self).model_fields
        full: dict[str, Any] = serialise(self)
        return {
            name: value for name, value in full.items() if name == "type" or getattr(self, name) != fields[name].default
        }


class Attachment(_Value):
    type: Literal["attachment"] = "attachment"
    id: Id
    media_type: Literal["image", "video", "audio", "file", "link"] = "file"
    filename: Annotated[str, Clean, StringConstraints(max_length=MAX_FILENAME)] = ""
    mime: Caption = ""
    size: Annotated[int, Field(ge=0, le=MAX_BYTES)] | None = None
    url: Url | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    text: Text = ""


class QuickReply(_Value):
    text: Label
    payload: Text = ""
    image_url: Url | None = None


class QuickReplies(_Value):
    type: Literal["quick_replies"] = "quick_replies"
    items: Annotated[tuple[QuickReply, ...], Field(min_length=1, max_length=MAX_CHOICES)]


class ButtonResponse(_Value):
    """What a customer chose in one of our messages; `origin_message_id` names that message."""

    type: Literal["button_response"] = "button_response"
    kind: Literal["button", "quick_reply", "date_picker", "list_picker", "form"] = "button"
    text: Text = ""
    payload: Text = ""
    origin_message_id: Id | None = None


class LinkAction(_Value):
    type: Literal["link"] = "link"
    text: Caption = ""
    url: Link


class PostbackAction(_Value):
    type: Literal["postback"] = "postback"
    text: Label
    payload: Text = ""


CardAction = Annotated[LinkAction | PostbackAction, Field(discriminator="type")]


class Card(_Value):
    type: Literal["card"] = "card"
    title: Label
    description: Text = ""
    image_url: Url | None = None
    video_url: Url | None = None
    default_action: CardAction | None = None
    actions: Annotated[tuple[CardAction, ...], Field(max_length=MAX_ACTIONS)] = ()


class Carousel(_Value):
    type: Literal["carousel"] = "carousel"
    cards: Annotated[tuple[Card, ...], Field(min_length=1, max_length=MAX_CARDS)]


class Location(_Value):
    """A place in degrees (WGS 84), or a named one without them."""

    type: Literal["location"] = "location"
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    name: Caption = ""
    address: Text = ""
    url: Url | None = None

    @model_validator(mode="after")
    def _has_a_place(self) -> Location:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude belong together")
        if self.latitude is None and not (self.name or self.address or self.url):
            raise ValueError("a location needs coordinates, a name, an address or a url")
        return self


class Reaction(_Value):
    """An emoji on another message. A removal may leave the emoji out: some providers don't repeat it."""

    type: Literal["reaction"] = "reaction"
    emoji: Annotated[str, Clean, StringConstraints(max_length=64)] = ""
    target_message_id: Id
    action: Literal["add", "remove"] = "add"

    @model_validator(mode="after")
    def _names_an_emoji(self) -> Reaction:
        if self.action == "add" and not self.emoji:
            raise ValueError("a reaction that is added needs an emoji")
        return self


class TimeSlot(_Value):
    at: Moment
    duration_s: Annotated[int, Field(ge=0, le=MAX_SECONDS)] = 0


class DatePicker(_Value):
    type: Literal["date_picker"] = "date_picker"
    id: Id | None = None
    title: Caption = ""
    subtitle: Text = ""
    image_url: Url | None = None
    location: Location | None = None
    times: Annotated[tuple[TimeSlot, ...], Field(max_length=MAX_CHOICES)] = ()
    minimum: Moment | None = None
    maximum: Moment | None = None
    format: Literal["day_month_year", "month_day_year", "year_month_day"] | None = None


class Bubble(_Value):
    """The text of the message bubble before (`received`) or after (`reply`) the customer answered."""

    header: Caption = ""
    title: Caption = ""
    subtitle: Text = ""
    button_label: Caption = ""
    image_url: Url | None = None


class ListItem(_Value):
    id: Id
    title: Label
    subtitle: Text = ""
    image_url: Url | None = None


class ListSection(_Value):
    title: Caption = ""
    multiple: bool = False
    items: Annotated[tuple[ListItem, ...], Field(min_length=1, max_length=MAX_CHOICES)]


class ListPicker(_Value):
    type: Literal["list_picker"] = "list_picker"
    id: Id | None = None
    sections: Annotated[tuple[ListSection, ...], Field(min_length=1, max_length=MAX_PAGES)]
    received_message: Bubble = Bubble()
    reply_message: Bubble = Bubble()


class Input(_Value):
    type: Literal["input"] = "input"
    id: Id
    title: Caption = ""
    subtitle: Text = ""
    placeholder: Caption = ""
    required: bool = False
    multiline: bool = False
    keyboard: Caption = ""
    autocomplete: Caption = ""


class WheelItem(_Value):
    id: Id
    title: Label
    value: Text = ""


class WheelPicker(_Value):
    type: Literal["wheel_picker"] = "wheel_picker"
    id: Id
    items: Annotated[tuple[WheelItem, ...], Field(min_length=1, max_length=MAX_CHOICES)]


FormComponent = Annotated[Input | DatePicker | ListPicker | WheelPicker, Field(discriminator="type")]


class FormPage(_Value):
    title: Caption = ""
    subtitle: Text = ""
    components: Annotated[tuple[FormComponent, ...], Field(max_length=MAX_PAGES)] = ()


class Introduction(_Value):
    title: Label
    subtitle: Text = ""
    image_url: Url | None = None
    button_text: Caption = ""


class Form(_Value):
    type: Literal["form"] = "form"
    id: Id
    introduction: Introduction | None = None
    pages: Annotated[tuple[FormPage, ...], Field(max_length=MAX_PAGES)] = ()
    received_message: Bubble = Bubble()
    reply_message: Bubble = Bubble()
    show_summary: bool = False


class FormAnswer(_Value):
    id: Id
    text: Text = ""
    payload: Text = ""


class FormResponse(_Value):
    type: Literal["form_response"] = "form_response"
    form_id: Caption = ""
    origin_message_id: Id | None = None
    answers: Annotated[tuple[FormAnswer, ...], Field(max_length=MAX_PAGES * MAX_PAGES)] = ()


class Parameter(_Value):
    name: Caption = ""
    text: Text


Parameters = Annotated[tuple[Parameter, ...], Field(max_length=MAX_VALUES)]


class NotificationPart(_Value):
    """A header, body or footer of a template: its text, and the parameters that fill it."""

    text: Text = ""
    media: Attachment | None = None
    parameters: Parameters = ()


class NotificationButton(_Value):
    type: Literal["quick_reply", "url", "phone_number"] = "quick_reply"
    text: Label
    payload: Text = ""
    url: Url | None = None
    phone_number: Caption = ""
    parameters: Parameters = ()


class Notification(_Value):
    """A message from a template that a provider approved, sent outside the reply window."""

    type: Literal["notification"] = "notification"
    template: Caption = ""
    language: Caption = ""
    header: NotificationPart | None = None
    body: NotificationPart
    footer: NotificationPart | None = None
    buttons: Annotated[tuple[NotificationButton, ...], Field(max_length=MAX_ACTIONS)] = ()


class Unsupported(_Value):
    """Something that a customer said and that can't be shown: encrypted, or of a kind that isn't known."""

    type: Literal["unsupported"] = "unsupported"
    why: Literal["encrypted", "unknown", "unsupported"] = "unknown"


class Event(_Value):
    """Something that happened rather than was said: typing, presence, disconnect and the like."""

    type: Literal["event"] = "event"
    kind: Word
    values: Annotated[dict[Id, Scalar], Field(max_length=MAX_VALUES)] = {}


ContentItem = Annotated[
    Attachment | QuickReplies | ButtonResponse | Card | Carousel | Location | Reaction | DatePicker
    | ListPicker | Form | FormResponse | Notification | Event | Unsupported,
    Field(discriminator="type"),
]  # fmt: skip
