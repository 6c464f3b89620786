"""Rich content: what is accepted, refused, stored and previewed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app import content
from channels_app.content import ContentError

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)
urls = st.sampled_from(["https://example.test/a", "http://example.test/b?c=d", "/media/x", None])
moments = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)


def some(strategy: st.SearchStrategy[Any], at_least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=at_least, max_size=3).map(tuple)


attachments = st.builds(
    content.Attachment,
    id=words,
    media_type=st.sampled_from(["image", "video", "audio", "file", "link"]),
    filename=words,
    mime=st.just("image/png"),
    size=st.none() | st.integers(0, 2**40),
    url=urls,
    sha256=st.none() | st.just("0" * 64),
    text=words,
)
actions = st.builds(content.LinkAction, text=words, url=st.just("tel:+491")) | st.builds(
    content.PostbackAction, text=words, payload=words
)
cards = st.builds(
    content.Card,
    title=words,
    description=words,
    image_url=urls,
    video_url=urls,
    default_action=st.none() | actions,
    actions=some(actions),
)
locations = st.builds(
    content.Location,
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    name=words,
    address=words,
    url=urls,
)
date_pickers = st.builds(
    content.DatePicker,
    id=st.none() | words,
    title=words,
    location=st.none() | locations,
    times=some(st.builds(content.TimeSlot, at=moments, duration_s=st.integers(0, 86400))),
    minimum=st.none() | moments,
    format=st.sampled_from([None, "day_month_year", "year_month_day"]),
)
bubbles = st.builds(content.Bubble, header=words, title=words, button_label=words, image_url=urls)
list_pickers = st.builds(
    content.ListPicker,
    id=st.none() | words,
    sections=some(
        st.builds(
            content.ListSection,
            title=words,
            multiple=st.booleans(),
            items=some(st.builds(content.ListItem, id=words, title=words, image_url=urls), 1),
        ),
        1,
    ),
    received_message=bubbles,
)
components = (
    st.builds(content.Input, id=words, title=words, required=st.booleans(), multiline=st.booleans())
    | date_pickers
    | list_pickers
    | st.builds(content.WheelPicker, id=words, items=some(st.builds(content.WheelItem, id=words, title=words), 1))
)
parts = st.builds(
    content.NotificationPart,
    text=words,
    media=st.none() | attachments,
    parameters=some(st.builds(content.Parameter, name=words, text=words)),
)
items = st.one_of(
    attachments,
    st.builds(
        content.QuickReplies,
        items=some(st.builds(content.QuickReply, text=words, payload=words, image_url=urls), 1),
    ),
    st.builds(
        content.ButtonResponse,
        kind=st.sampled_from(["button", "quick_reply", "date_picker", "list_picker", "form"]),
        text=words,
        payload=words,
        origin_message_id=st.none() | words,
    ),
    cards,
    st.builds(content.Carousel, cards=some(cards, 1)),
    locations,
    st.builds(content.Reaction, emoji=st.just("👍"), target_message_id=words),
    date_pickers,
    list_pickers,
    st.builds(
        content.Form,
        id=words,
        introduction=st.none() | st.builds(content.Introduction, title=words, image_url=urls),
        pages=some(st.builds(content.FormPage, title=words, components=some(components))),
        reply_message=bubbles,
        show_summary=st.booleans(),
    ),
    st.builds(
        content.FormResponse,
        form_id=words,
        answers=some(st.builds(content.FormAnswer, id=words, text=words, payload=words)),
    ),
    st.builds(
        content.Notification,
        template=words,
        header=st.none() | parts,
        body=parts,
        buttons=some(st.builds(content.NotificationButton, text=words, url=urls)),
    ),
    st.builds(
        content.Event,
        kind=st.sampled_from(["typing", "presence", "disconnect"]),
        values=st.dictionaries(words, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words, max_size=3),
    ),
)


@given(st.lists(items, max_size=5))
def test_content_survives_storage_unchanged(content_items: list[content.ContentItem]) -> None:
    stored = json.dumps(content.dump(content_items), allow_nan=False)
    assert content.parse(json.loads(stored)) == content_items


@given(st.lists(items, max_size=3), words | st.just(""))
def test_a_preview_is_always_one_short_line(content_items: list[content.ContentItem], text: str) -> None:
    line = content.summary(text, content_items)
    assert len(line) <= content.MAX_SUMMARY
    assert len(line.splitlines()) <= 1


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
kinds = [
    "attachment", "quick_replies", "button_response", "card", "carousel", "location", "reaction",
    "date_picker", "list_picker", "form", "form_response", "notification", "event",
]  # fmt: skip
names = st.sampled_from(
    ["id", "text", "title", "items", "cards", "actions", "times", "sections", "pages", "body", "kind",
     "values", "latitude", "longitude", "url", "target_message_id", "minimum"]
)  # fmt: skip


@given(
    st.lists(
        json_like
        | st.builds(
            lambda kind, fields: {**fields, "type": kind},
            st.sampled_from(kinds),
            st.dictionaries(names, json_like, max_size=5),
        ),
        max_size=3,
    )
)
def test_hostile_content_is_read_or_refused_and_what_is_read_can_be_stored(data: list[Any]) -> None:
    try:
        read = content.parse(data)
    except ContentError:
        return
    stored = json.dumps(content.dump(read), allow_nan=False, ensure_ascii=False)
    stored.encode()
    assert "\\u0000" not in stored


@pytest.mark.parametrize(
    ("item", "path", "says"),
    [
        ({"type": "sticker"}, "0", "type isn't known"),
        ({"text": "x"}, "0", "no type"),
        ({"type": "card"}, "0.title", "required"),
        ({"type": "card", "title": ""}, "0.title", "at least 1"),
        ({"type": "card", "title": "x" * 256}, "0.title", "at most 255"),
        ({"type": "card", "title": "x", "actions": [{"type": "link", "url": "javascript:alert(1)"}]},
         "0.actions.0.link.url", "http(s)"),
        ({"type": "card", "title": "x", "image_url": "//elsewhere.test/x"}, "0.image_url", "http(s)"),
        ({"type": "card", "title": "x", "image_url": "/\\elsewhere.test/x"}, "0.image_url", "http(s)"),
        ({"type": "carousel", "cards": []}, "0.cards", "at least 1"),
        ({"type": "quick_replies", "items": [{"text": "x"}] * 101}, "0.items", "at most 100"),
        ({"type": "location", "latitude": 1.0}, "0", "belong together"),
        ({"type": "location"}, "0", "needs"),
        ({"type": "location", "latitude": 91, "longitude": 0}, "0.latitude", "less than or equal"),
        ({"type": "location", "latitude": float("nan"), "longitude": 0}, "0.latitude", "finite"),
        ({"type": "reaction", "target_message_id": "m"}, "0", "needs an emoji"),
        ({"type": "date_picker", "times": [{"at": "2026-01-01T10:00:00"}]}, "0.times.0.at", "timezone"),
        ({"type": "date_picker", "minimum": "0001-01-01T00:00:00+14:00"}, "0.minimum", "calendar"),
        ({"type": "attachment", "id": "a", "size": -1}, "0.size", "greater than or equal"),
        ({"type": "attachment", "id": "a", "sha256": "0" * 64 + "\n"}, "0.sha256", "pattern"),
        ({"type": "event", "kind": "Not A Word"}, "0.kind", "pattern"),
        ("text", "0", "dictionary"),
    ],
)  # fmt: skip
def test_faulty_content_is_refused_with_its_place_and_a_sentence(item: Any, path: str, says: str) -> None:
    with pytest.raises(ContentError) as refused:
        content.parse([item])
    assert refused.value.path == path
    assert says in refused.value.message


def test_the_first_faulty_item_is_named_by_its_number() -> None:
    with pytest.raises(ContentError, match="Content item 2"):
        content.parse([{"type": "card", "title": "fine"}, {"type": "card"}])


def test_too_many_items_are_refused_and_the_limit_is_accepted() -> None:
    item = {"type": "card", "title": "x"}
    assert len(content.parse([item] * content.MAX_ITEMS)) == content.MAX_ITEMS
    with pytest.raises(ContentError):
        content.parse([item] * (content.MAX_ITEMS + 1))


def test_unknown_fields_are_dropped_so_that_newer_rows_can_be_read() -> None:
    [card] = content.parse([{"type": "card", "title": "x", "from_the_future": 1}])
    assert content.dump([card]) == [{"type": "card", "title": "x"}]


def test_text_that_postgresql_refuses_is_made_storable() -> None:
    [card] = content.parse([{"type": "card", "title": "a\x00b\ud800c"}])
    assert isinstance(card, content.Card)
    assert card.title == "ab\ufffdc"


def test_times_are_kept_in_utc() -> None:
    slot = {"at": "2026-01-01T10:00:00+02:00", "duration_s": 60}
    stored = content.dump(content.parse([{"type": "date_picker", "times": [slot]}]))
    assert stored == [{"type": "date_picker", "times": [{"at": "2026-01-01T08:00:00Z", "duration_s": 60}]}]


def test_a_removed_reaction_may_leave_its_emoji_out() -> None:
    [reaction] = content.parse([{"type": "reaction", "target_message_id": "m", "action": "remove"}])
    assert content.summary("", [reaction]) == "Reaction removed"


@pytest.mark.parametrize(
    ("text", "item", "line"),
    [
        ("Hello\n there", {"type": "card", "title": "x"}, "Hello there"),
        ("", {"type": "attachment", "id": "a", "media_type": "image", "filename": "a.png"}, "Photo"),
        ("", {"type": "attachment", "id": "a", "media_type": "video"}, "Video"),
        ("", {"type": "attachment", "id": "a", "media_type": "audio"}, "Audio"),
        ("", {"type": "attachment", "id": "a", "filename": "a.pdf"}, "File: a.pdf"),
        ("", {"type": "attachment", "id": "a"}, "File"),
        (" ", {"type": "card", "title": "Blue shoes"}, "Blue shoes"),
        ("", {"type": "carousel", "cards": [{"title": "First"}, {"title": "Second"}]}, "First"),
        ("", {"type": "quick_replies", "items": [{"text": "Yes"}, {"text": "No"}]}, "Options: Yes, No"),
        ("", {"type": "button_response", "text": "Yes", "payload": "y"}, "Yes"),
        ("", {"type": "location", "latitude": 52.5, "longitude": 13.4}, "Location: 52.5, 13.4"),
        ("", {"type": "reaction", "emoji": "👍", "target_message_id": "m"}, "Reacted 👍"),
        ("", {"type": "date_picker", "title": "Visit"}, "Choose a time: Visit"),
        ("", {"type": "list_picker", "sections": [{"title": "Fruit", "items": [{"id": "a", "title": "A"}]}]},
         "Choose from a list: Fruit"),
        ("", {"type": "form", "id": "f", "introduction": {"title": "About you"}}, "Form: About you"),
        ("", {"type": "form_response"}, "Form answered"),
        ("", {"type": "notification", "body": {"text": "Your order"}}, "Your order"),
        ("", {"type": "event", "kind": "presence_join"}, "presence join"),
    ],
)  # fmt: skip
def test_the_preview_names_what_the_message_is(text: str, item: dict[str, Any], line: str) -> None:
    assert content.summary(text, content.parse([item])) == line


def test_the_preview_of_nothing_is_empty() -> None:
    assert content.summary("  ", []) == ""
    assert content.is_empty("  ", [])


def test_a_message_with_text_or_content_is_not_empty() -> None:
    assert not content.is_empty("x", [])
    assert not content.is_empty("", content.parse([{"type": "card", "title": "x"}]))


def test_a_long_preview_is_cut_with_an_ellipsis() -> None:
    line = content.summary("word " * 100, [])
    assert line.endswith("…")
    assert len(line) <= content.MAX_SUMMARY


def test_every_preview_key_has_a_sentence_to_translate() -> None:
    summary = content.summarise("", content.parse([{"type": "attachment", "id": "a", "media_type": "link"}]))
    assert summary.key in content.SENTENCES
