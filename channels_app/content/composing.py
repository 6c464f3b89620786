"""Rich content as a person fills it in: raw values to an item, or what is wrong at which field.

A field's place is its path in the item: `title`, `items.2.text`, `cards.0.actions.1.url`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from . import ContentError, ContentItem, parse
from .limits import CARD, CAROUSEL, COMPOSED, QUICK_REPLIES, Fault, Limits, faults

_PICTURE = re.compile(r"https://[^\s/]\S*\Z", re.IGNORECASE)
_LINK = re.compile(r"(https?://[^\s/]\S*|(mailto|tel|sms):\S+)\Z", re.IGNORECASE)


def composed(raw: object, takes: frozenset[str], limits: Limits) -> tuple[ContentItem | None, list[Fault]]:
    """The item that `raw` describes, and all that is wrong with it; None if it can't be read.

    With faults the item is only good to look at: where something is missing it has `…`.
    """
    given = _stripped(raw)
    if not isinstance(given, dict) or given.get("type") not in COMPOSED:
        return None, [Fault("", "kind")]
    _shape(given)
    gaps = list(_gaps(given))
    for gap in gaps:
        _fill(given, gap.path)
    try:
        item = parse([given])[0]
    except ContentError as error:
        return None, [*gaps, Fault(_path(error.path), "missing")]
    known = {gap.path for gap in gaps}
    others = (Fault(_path(one.path), one.code, one.limit) for one in faults([item], takes, limits))
    return item, [*gaps, *(one for one in others if one.path not in known)]


def _fill(given: dict[str, Any], path: str) -> None:
    """Put something to look at where a gap is."""
    *steps, last = path.split(".")
    at: Any = given
    for step in steps:
        at = at[int(step) if isinstance(at, list) else step]
    if last == "image_url":
        at.pop(last)
    else:
        at[last] = "https://example.com/" if last == "url" else "…"


def _stripped(raw: object) -> object:
    """Texts without the space around them, empty ones left out."""
    if isinstance(raw, dict):
        pairs = ((str(key), _stripped(value)) for key, value in raw.items())
        return {key: value for key, value in pairs if value not in ("", None)}
    if isinstance(raw, list):
        return [_stripped(value) for value in raw]
    return raw.strip() if isinstance(raw, str) else raw


def _path(path: str) -> str:
    """Without the item's index, and without the tags that a union puts in between."""
    steps = path.split(".")[1:]
    return ".".join(step for step in steps if step not in ("link", "postback"))


def _shape(given: dict[str, Any]) -> None:
    """Lists hold dictionaries, and those that can't be empty hold one."""
    needed = {QUICK_REPLIES: "items", CAROUSEL: "cards"}.get(given["type"], "")
    for name in ("items", "cards", "actions"):
        if name in given or name == needed:
            given[name] = _rows(given, name) or ([{}] if name == needed else [])
    for card in given.get("cards", ()):
        card["actions"] = _rows(card, "actions")


def _gaps(given: Mapping[str, Any]) -> Iterator[Fault]:
    """What isn't there, or is no address."""
    if given["type"] == QUICK_REPLIES:
        rows = enumerate(given["items"])
        yield from (Fault(f"items.{number}.text", "missing") for number, row in rows if not row.get("text"))
    if given["type"] == CARD:
        yield from _gaps_of_card(given, "")
    if given["type"] == CAROUSEL:
        for number, card in enumerate(given["cards"]):
            yield from _gaps_of_card(card, f"cards.{number}.")


def _gaps_of_card(card: Mapping[str, Any], path: str) -> Iterator[Fault]:
    if not card.get("title"):
        yield Fault(f"{path}title", "missing")
    if not _PICTURE.match(str(card.get("image_url", "https://none"))):
        yield Fault(f"{path}image_url", "picture")
    for number, action in enumerate(card.get("actions", ())):
        yield from _gaps_of_action(action, f"{path}actions.{number}.")


def _gaps_of_action(action: Mapping[str, Any], path: str) -> Iterator[Fault]:
    if not action.get("text"):
        yield Fault(f"{path}text", "missing")
    if action.get("type") == "link" and not _LINK.match(str(action.get("url", ""))):
        yield Fault(f"{path}url", "address")


def _rows(given: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The dictionaries of a list; anything else is left out."""
    found = given.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
