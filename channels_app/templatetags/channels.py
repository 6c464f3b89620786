"""How channels and messages look in templates."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils.html import Urlizer, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from channels_app import content
from channels_app.adapters.registry import adapter_for
from channels_app.content import markdown
from channels_app.models import Message
from contactcenter.kernel.errors import NotFound

register = template.Library()

class _Links(Urlizer):
    """Links in what customers wrote open apart, and tell the other site nothing."""

    url_template = '<a href="{href}" target="_blank" rel="noopener noreferrer nofollow">{url}</a>'


_links = _Links()


@register.simple_tag
@lru_cache(maxsize=500)  # a thread draws some for every row
def icon(name: str, classes: str = "") -> SafeString:
    """A picture of the sprite, for eyes only: the word beside it, or the control's label, says it."""
    href = f"{static('design/icons.svg')}#i-{name}"
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    """`mapping[key]`, None if it isn't there."""
    return mapping.get(key)


@register.filter
def file_size(size: int | None) -> str:
    """1.2 MB, in the reader's way of writing numbers."""
    return filesizeformat(size).replace("\xa0", " ") if size else ""


@register.filter
def channel_class(kind: str) -> str:
    """The class of its colour."""
    return _of(kind, "color", "open")


@register.filter
def channel_icon(kind: str) -> str:
    """The picture of the sprite that stands for it."""
    return _of(kind, "icon", "plug")


@register.filter
def channel_label(kind: str) -> str:
    """What people call this kind of channel."""
    label = _of(kind, "label", "")
    return _(label) if label else kind


def _of(kind: str, name: str, missing: str) -> str:
    """What its adapter says of a kind; a channel may stay when its adapter is gone."""
    try:
        found: str = getattr(adapter_for(kind), name)
    except NotFound:
        return missing
    return found


@register.filter
def linked(text: str) -> SafeString:
    """Text with its addresses as links, everything else escaped."""
    if "." not in text and ":" not in text:
        return escape(text)  # nothing to find: most lines, on the path of every message
    return mark_safe(_links(text, nofollow=True, autoescape=True))  # noqa: S308 the line above escapes


@register.filter
def map_link(place: content.Location) -> str:
    """Where a place can be seen: its own address, else a map of its coordinates; "" without either."""
    if place.url and place.url.startswith("http"):
        return place.url
    if place.latitude is None or place.longitude is None:
        return ""
    at = f"{place.latitude}/{place.longitude}"
    return f"https://www.openstreetmap.org/?mlat={place.latitude}&mlon={place.longitude}#map=16/{at}"


@register.filter
def asked(component: content.FormComponent) -> str:
    """What a field of a form asks for, if it says so."""
    if isinstance(component, content.ListPicker):
        return component.received_message.title or component.sections[0].title
    return getattr(component, "title", "")


@register.filter
def filled(notification: content.Notification, name: str) -> str:
    """A part of a template (header, body, footer) with its {{1}} or {{name}} places filled."""
    part: content.NotificationPart | None = getattr(notification, name)
    if part is None:
        return ""
    text = part.text
    for number, parameter in enumerate(part.parameters, start=1):
        text = text.replace("{{" + (parameter.name or str(number)) + "}}", parameter.text)
    return text


@register.filter
def preview(message: Message) -> str:
    """One line that stands for a message in a list, in the reader's language."""
    if message.removed_at:
        return _("Message removed")
    outbound = message.direction == Message.Direction.OUTBOUND
    said = markdown.to_plain(message.text) if outbound else message.text
    key, value = content.summarise(said, readable(message.content))
    sentence = _(content.SENTENCES[key]) if content.SENTENCES[key] else ""
    if value or "{value}" not in sentence:
        return sentence.replace("{value}", value)
    return sentence.removesuffix("{value}").strip().removesuffix(":")


def readable(items: list[dict[str, Any]]) -> list[content.ContentItem]:
    """Stored items as values; what can't be read any more is left out rather than breaking a thread."""
    found: list[content.ContentItem] = []
    for item in items:
        try:
            found += content.parse([item])
        except content.ContentError:
            continue
    return found
