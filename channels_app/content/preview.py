"""One line that stands for a message in a list: "Photo", "File: a.pdf", the title of a card."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import NamedTuple

from . import items as kinds

MAX_SUMMARY = 120  # characters


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogues; who shows it translates it."""
    return text


#: what a system line says that names nobody, by its kind
LINES = {
    "join": gettext_noop("The customer opened the messenger"),
    "rested": gettext_noop("Finished"),
    "opted_in": gettext_noop("The customer agrees to be written to"),
    "opted_out": gettext_noop("The customer doesn't want to be written to any more"),
    "signed_in": gettext_noop("The customer signed in"),
    "merged": gettext_noop("The customer signed in. Their other open conversation was joined to this one."),
}
SENTENCES = {
    "text": "{value}",
    "image": gettext_noop("Photo"),
    "video": gettext_noop("Video"),
    "audio": gettext_noop("Audio"),
    "file": gettext_noop("File: {value}"),
    "link": gettext_noop("Link: {value}"),
    "choice": "{value}",
    "card": "{value}",
    "options": gettext_noop("Options: {value}"),
    "location": gettext_noop("Location: {value}"),
    "reaction": gettext_noop("Reacted {value}"),
    "reaction_removed": gettext_noop("Reaction removed"),
    "date_picker": gettext_noop("Choose a time: {value}"),
    "list_picker": gettext_noop("Choose from a list: {value}"),
    "form": gettext_noop("Form: {value}"),
    "form_response": gettext_noop("Form answered"),
    "notification": "{value}",
    "event": "{value}",
    "encrypted": gettext_noop("Encrypted message, which can't be read here"),
    "unsupported": gettext_noop("Message of a kind that can't be shown here"),
    "empty": "",
}


class Summary(NamedTuple):
    """A preview before translation: `key` is one of SENTENCES, `value` what the person wrote or named."""

    key: str
    value: str = ""


def summarise(text: str, items: Sequence[kinds.ContentItem]) -> Summary:
    """What a list shows for a message: its text, else its first item. The caller may translate the key."""
    if text.strip():
        return Summary("text", _one_line(text))
    if not items:
        return Summary("empty")
    key, value = _summarise(items[0])
    return Summary(key, _one_line(value))


def summary(text: str, items: Sequence[kinds.ContentItem]) -> str:
    """The preview in English: one line of at most MAX_SUMMARY characters, without a dangling colon."""
    key, value = summarise(text, items)
    if value or "{value}" not in SENTENCES[key]:
        return _one_line(SENTENCES[key].replace("{value}", value))
    return SENTENCES[key].removesuffix("{value}").strip().removesuffix(":")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_SUMMARY else line[: MAX_SUMMARY - 1].rstrip() + "…"


@singledispatch
def _summarise(item: object) -> Summary:
    raise TypeError(f"{type(item).__name__} isn't an item of content")


@_summarise.register
def _(item: kinds.Attachment) -> Summary:
    return Summary(item.media_type, item.filename or item.text)


@_summarise.register
def _(item: kinds.QuickReplies) -> Summary:
    return Summary("options", ", ".join(reply.text for reply in item.items))


@_summarise.register
def _(item: kinds.ButtonResponse) -> Summary:
    return Summary("choice", item.text or item.payload)


@_summarise.register
def _(item: kinds.Card) -> Summary:
    return Summary("card", item.title)


@_summarise.register
def _(item: kinds.Carousel) -> Summary:
    return Summary("card", item.cards[0].title)


@_summarise.register
def _(item: kinds.Location) -> Summary:
    coordinates = "" if item.latitude is None else f"{item.latitude}, {item.longitude}"
    return Summary("location", item.name or item.address or coordinates or item.url or "")


@_summarise.register
def _(item: kinds.Reaction) -> Summary:
    return Summary("reaction" if item.action == "add" else "reaction_removed", item.emoji)


@_summarise.register
def _(item: kinds.DatePicker) -> Summary:
    return Summary("date_picker", item.title)


@_summarise.register
def _(item: kinds.ListPicker) -> Summary:
    return Summary("list_picker", item.received_message.title or item.sections[0].title)


@_summarise.register
def _(item: kinds.Form) -> Summary:
    return Summary("form", item.introduction.title if item.introduction else "")


@_summarise.register
def _(_item: kinds.FormResponse) -> Summary:
    return Summary("form_response")


@_summarise.register
def _(item: kinds.Notification) -> Summary:
    return Summary("notification", item.body.text or item.template)


@_summarise.register
def _(item: kinds.Event) -> Summary:
    return Summary("event", item.kind.replace("_", " "))


@_summarise.register
def _(item: kinds.Unsupported) -> Summary:
    return Summary("encrypted" if item.why == "encrypted" else "unsupported")
