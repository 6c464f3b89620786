"""Rich content as people fill it in: items that the channel takes, or what is wrong at which field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.content.composing import composed
from channels_app.content.limits import COMPOSED, FAULTS, Limits

ALL = frozenset(COMPOSED)
LIMITS = Limits(quick_replies=2, quick_reply_text=5, cards=2, card_title=8, card_actions=1)
CARD = {"title": "Jacket", "description": "Blue"}


def wrong(raw: object, takes: frozenset[str] = ALL) -> dict[str, str]:
    return {fault.path: fault.code for fault in composed(raw, takes, LIMITS)[1]}


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "quick_replies", "items": [{"text": " Yes "}, {"text": "No"}]},
        {"type": "card", **CARD, "image_url": ""},
        {"type": "card", "title": "Jacket", "actions": [{"type": "link", "text": "See", "url": "tel:+4940"}]},
        {"type": "carousel", "cards": [CARD, CARD | {"image_url": "https://shop.example/a.jpg"}]},
    ],
)
def test_what_fits_becomes_an_item(raw: dict[str, Any]) -> None:
    item, faults = composed(raw, ALL, LIMITS)
    assert item is not None
    assert (item.type, faults) == (raw["type"], [])


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("text", {"": "kind"}),
        ({"type": "hologram"}, {"": "kind"}),
        ({"type": "event", "kind": "typing"}, {"": "kind"}),
        ({"type": "quick_replies"}, {"items.0.text": "missing"}),
        ({"type": "quick_replies", "items": [{"text": "Yes"}, {"text": "  "}]}, {"items.1.text": "missing"}),
        ({"type": "quick_replies", "items": [{"text": "Yes, please"}]}, {"items.0.text": "long"}),
        ({"type": "quick_replies", "items": [{"text": "Yes"}, {"text": "yes"}]}, {"items.1.text": "twice"}),
        ({"type": "quick_replies", "items": [{"text": one} for one in "abc"]}, {"items": "many"}),
        ({"type": "card"}, {"title": "missing"}),
        ({"type": "card", "title": "Jacket"}, {"title": "empty_card"}),
        ({"type": "card", **CARD, "image_url": "http://shop.example/a.jpg"}, {"image_url": "picture"}),
        ({"type": "card", **CARD, "image_url": "javascript:alert(1)"}, {"image_url": "picture"}),
        ({"type": "card", **CARD, "actions": [{"type": "link", "text": "See", "url": "javascript:x"}]},
         {"actions.0.url": "address"}),
        ({"type": "card", **CARD, "actions": [{"type": "postback"}]}, {"actions.0.text": "missing"}),
        ({"type": "card", **CARD, "actions": [{"type": "postback", "text": one} for one in "ab"]}, {"actions": "many"}),
        ({"type": "carousel", "cards": [CARD, CARD | {"title": "far too long"}]}, {"cards.1.title": "long"}),
    ],
)  # fmt: skip
def test_what_doesnt_fit_is_said_at_its_field(raw: object, found: dict[str, str]) -> None:
    assert wrong(raw) == found


def test_a_channel_that_doesnt_take_a_kind_says_so() -> None:
    assert wrong({"type": "card", **CARD}, frozenset({"quick_replies"})) == {"": "kind"}


@given(
    st.recursive(
        st.none()
        | st.text(max_size=5)
        | st.integers()
        | st.sampled_from(["card", "quick_replies", "link", "carousel"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "items", "cards", "text", "title", "actions", "url"]), inner, max_size=4
            )
        ),
    )
)
def test_whatever_comes_is_answered(raw: object) -> None:
    item, faults = composed(raw, ALL, LIMITS)
    assert item is not None or faults
    assert {fault.code for fault in faults} <= set(FAULTS)
