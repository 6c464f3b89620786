"""One word for one thing, nothing raw: what the admin's pages say where Django or the theme would say otherwise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.test import Client, RequestFactory
from django.utils.formats import date_format
from django.utils.translation import override

from agents.admin.base import moment
from agents.models import Skill, User
from channels_app.actions.inbound import do_receive
from channels_app.actions.outbound import do_system_line
from channels_app.adapters.values import InboundMessage, Sender
from channels_app.models import Channel, Contact, Message
from tests.admin.pages import said, url

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 11, 22, 23, 5, 31, tzinfo=UTC)
GERMAN = {"Accept-Language": "de"}


def hello(shop: Channel, name: str = "") -> Message:
    sender = Sender("guest-1", name=name, kind="guest")
    return do_receive(shop, InboundMessage(key="1", sender=sender, text="Hi")).message


def words(answer: object) -> str:
    return " ".join(said(answer).split())


@pytest.mark.parametrize(
    ("language", "minute", "second"),
    [
        ("en", "22 Nov 2026, 23:05", "22 Nov 2026, 23:05:31"),
        ("de", "22. November 2026 23:05", "22. November 2026 23:05:31"),
    ],
)
def test_a_time_has_one_form_with_24_hours(language: str, minute: str, second: str) -> None:
    with override(language):
        assert date_format(LATE, "DATETIME_FORMAT") == minute
        assert second in moment(LATE)


def test_a_log_that_fits_on_a_page_has_no_pager_and_a_longer_one_has(desk: Client, shop: Channel) -> None:
    assert "Previous" not in words(desk.get(url("channels_app_message", "changelist")))
    first = hello(shop)
    assert "Previous" not in words(desk.get(url("channels_app_message", "changelist")))
    for _ in range(50):
        do_system_line(first.conversation, "rested")
    assert "Previous Next" in words(desk.get(url("channels_app_message", "changelist")))


def test_the_log_of_changes_is_called_changes(desk: Client) -> None:
    page = words(desk.get(url("admin_logentry", "changelist")))
    assert "Administration chevron_right Changes" in page
    assert "og entries" not in page


def test_german_buttons_have_one_verb_and_no_english_order(desk: Client, shop: Channel) -> None:
    page = words(desk.get(url("channels_app_channel", "change", shop.pk), headers=GERMAN))
    for button in ("Speichern", "Speichern und weiter bearbeiten", "Löschen", "Änderungen"):
        assert button in page
    for wrong in ("Sichern", "Löschen Kanal", "Geschichte"):
        assert wrong not in page


def test_what_a_test_channel_is_asked_for_is_in_german(desk: Client) -> None:
    channel = Channel.objects.create(kind="fake", name="Test")
    page = words(desk.get(url("channels_app_channel", "change", channel.pk), headers=GERMAN))
    assert "Prüf-Token" in page
    assert "Sendeadresse" in page
    assert "Verify token" not in page


def test_an_unnamed_guest_has_the_same_name_in_heading_and_field(desk: Client, shop: Channel) -> None:
    hello(shop)
    contact = Contact.objects.get()
    page = words(desk.get(url("channels_app_contact", "change", contact.pk)))
    assert f"Name {contact.display_name}" in page
    assert "Guest guest-1 No" in page
    assert "close_small" not in page


def test_a_system_line_says_what_happened_and_a_text_stays_itself(desk: Client, shop: Channel) -> None:
    first = hello(shop)
    do_system_line(first.conversation, "rested")
    page = words(desk.get(url("channels_app_conversation", "change", first.conversation_id)))
    assert "System line Finished" in page
    assert "Text Hi" in page
    assert "System line event" not in page


def test_empty_data_is_a_dash_and_full_data_is_shown(desk: Client, shop: Channel) -> None:
    message = hello(shop)
    page = url("channels_app_message", "change", message.pk)
    assert "Content - " in words(desk.get(page))
    Message.objects.filter(pk=message.pk).update(content=[{"type": "image"}])
    assert "image" in words(desk.get(page))


def test_a_skill_s_page_deletes_by_one_word(desk: Client) -> None:
    skill = Skill.objects.create(name="Returns")
    page = words(desk.get(url("agents_skill", "change", skill.pk)))
    assert "Delete" in page
    assert "Delete skill" not in page


def test_each_field_that_a_page_shows_has_a_name_in_words_that_can_be_translated(rf: RequestFactory) -> None:
    """A field without one is shown by its name in the code, in every language."""
    request = rf.get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    nameless = []
    for model, page in admin.site._registry.items():
        for part in (page, *(inline(model, admin.site) for inline in page.inlines)):
            shown = flatten_fieldsets(part.get_fieldsets(request))
            fields = [field for field in part.model._meta.fields if field.name in shown and field.editable]
            fields = [field for field in fields if field.related_model is not model]  # a row's own page
            nameless += [f"{model.__name__}: {field}" for field in fields if isinstance(field.verbose_name, str)]
    assert nameless == []
