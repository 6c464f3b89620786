"""What a channel can show of rich content: how much of each, and what is wrong with items that don't fit.

The defaults are what all known clients of the guest protocol show whole, and what the large providers share
(quick replies: 13 with 20 characters at Messenger and Instagram; carousels: 10 cards with 3 buttons).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import items as kinds

QUICK_REPLIES, CARD, CAROUSEL = "quick_replies", "card", "carousel"
COMPOSED = (QUICK_REPLIES, CARD, CAROUSEL)  # what people build; files have a way of their own


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts and characters."""

    quick_replies: int = 13
    quick_reply_text: int = 20
    cards: int = 10
    card_title: int = 80
    card_description: int = 200
    card_actions: int = 3
    action_text: int = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place ("items.2.text"): a code of FAULTS, and the channel's limit if there is one."""

    path: str
    code: str
    limit: int = 0


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogues; who shows it translates it."""
    return text


FAULTS = {
    "kind": gettext_noop("This channel doesn't take it."),
    "many": gettext_noop("At most %(limit)d here."),
    "long": gettext_noop("At most %(limit)d characters here."),
    "missing": gettext_noop("Write something here."),
    "twice": gettext_noop("There is another one like it."),
    "address": gettext_noop("An address begins with https://, mailto: or tel:."),
    "picture": gettext_noop("The address of a picture begins with https://."),
    "empty_card": gettext_noop("A card needs a description, a picture or a button beside its title."),
}


def faults(items: Sequence[kinds.ContentItem], takes: frozenset[str], limits: Limits) -> Iterator[Fault]:
    """What of these items the channel can't carry, in order; `path` begins with the item's index."""
    for index, item in enumerate(items):
        if item.type not in takes:
            yield Fault(str(index), "kind")
        elif isinstance(item, kinds.QuickReplies):
            yield from _of_replies(item, limits, f"{index}")
        elif isinstance(item, kinds.Card):
            yield from _of_card(item, limits, f"{index}")
        elif isinstance(item, kinds.Carousel):
            yield from _of_carousel(item, limits, f"{index}")


def _of_replies(item: kinds.QuickReplies, limits: Limits, path: str) -> Iterator[Fault]:
    if len(item.items) > limits.quick_replies:
        yield Fault(f"{path}.items", "many", limits.quick_replies)
    seen: set[str] = set()
    for index, reply in enumerate(item.items):
        yield from _long(reply.text, limits.quick_reply_text, f"{path}.items.{index}.text")
        if reply.text.casefold() in seen:
            yield Fault(f"{path}.items.{index}.text", "twice")
        seen.add(reply.text.casefold())


def _of_carousel(item: kinds.Carousel, limits: Limits, path: str) -> Iterator[Fault]:
    if len(item.cards) > limits.cards:
        yield Fault(f"{path}.cards", "many", limits.cards)
    for index, card in enumerate(item.cards):
        yield from _of_card(card, limits, f"{path}.cards.{index}")


def _of_card(card: kinds.Card, limits: Limits, path: str) -> Iterator[Fault]:
    yield from _long(card.title, limits.card_title, f"{path}.title")
    yield from _long(card.description, limits.card_description, f"{path}.description")
    if len(card.actions) > limits.card_actions:
        yield Fault(f"{path}.actions", "many", limits.card_actions)
    for index, action in enumerate(card.actions):
        yield from _long(action.text, limits.action_text, f"{path}.actions.{index}.text")
    if not (card.description or card.image_url or card.video_url or card.actions):
        yield Fault(f"{path}.title", "empty_card")


def _long(text: str, limit: int, path: str) -> Iterator[Fault]:
    if len(text) > limit:
        yield Fault(path, "long", limit)
