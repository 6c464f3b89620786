"""Rich message content in one channel-neutral vocabulary.

`Message.content` stores a JSON list of these items, `Message.text` the plain text beside them. Adapters and
the guest protocol translate to and from it. Values in, values out: no Django, no clock, no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from .items import (
    MAX_ITEMS,
    Attachment,
    Bubble,
    ButtonResponse,
    Card,
    CardAction,
    Carousel,
    ContentItem,
    DatePicker,
    Event,
    Form,
    FormAnswer,
    FormComponent,
    FormPage,
    FormResponse,
    Input,
    Introduction,
    LinkAction,
    ListItem,
    ListPicker,
    ListSection,
    Location,
    Notification,
    NotificationButton,
    NotificationPart,
    Parameter,
    PostbackAction,
    QuickReplies,
    QuickReply,
    Reaction,
    TimeSlot,
    Unsupported,
    WheelItem,
    WheelPicker,
    clean_text,
)
from .preview import LINES, MAX_SUMMARY, SENTENCES, Summary, summarise, summary

__all__ = [
    "LINES", "MAX_ITEMS", "MAX_SUMMARY", "SENTENCES", "Attachment", "Bubble", "ButtonResponse", "Card", "CardAction",
    "Carousel", "ContentError", "ContentItem", "DatePicker", "Event", "Form", "FormAnswer", "FormComponent",
    "FormPage", "FormResponse", "Input", "Introduction", "LinkAction", "ListItem", "ListPicker",
    "ListSection", "Location", "Notification", "NotificationButton", "NotificationPart", "Parameter",
    "PostbackAction", "QuickReplies", "QuickReply", "Reaction", "Summary", "TimeSlot", "Unsupported", "WheelItem",
    "WheelPicker", "clean_text", "dump", "is_empty", "parse", "summarise", "summary",
]  # fmt: skip

_REASONS = {"union_tag_invalid": "its type isn't known", "union_tag_not_found": "it has no type"}
_ITEM: TypeAdapter[ContentItem] = TypeAdapter(ContentItem)


class ContentError(ValueError):
    """The content isn't valid. `path` names the place ("0.card.title"), the message is a sentence."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


def parse(items: Sequence[dict[str, Any]]) -> list[ContentItem]:
    """Items from their JSON form. Raises ContentError for the first fault, in the order of the items."""
    if not isinstance(items, list | tuple):
        raise ContentError("The content must be a list of items.", "")
    if len(items) > MAX_ITEMS:
        raise ContentError(f"The content has more than {MAX_ITEMS} items.", "")
    return [_parse_item(index, item) for index, item in enumerate(items)]


def _parse_item(index: int, item: object) -> ContentItem:
    try:
        return _ITEM.validate_python(item)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # The tag of the union leads each location; a caller wants the place in the data.
    path = ".".join(str(step) for step in (index, *fault["loc"][1:]))
    reason = _REASONS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    raise ContentError(f"Content item {index + 1} isn't valid at {path}: {reason}.", path)


def dump(items: Sequence[ContentItem]) -> list[dict[str, Any]]:
    """Items in their JSON form, without fields at their default; `parse` gives them back equal."""
    return [item.model_dump(mode="json") for item in items]


def is_empty(text: str, items: Sequence[ContentItem]) -> bool:
    """Whether there is nothing to show."""
    return not text.strip() and not items
