"""The admin's form of a messenger's configuration: draft, errors, preview, publishing, versions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.roles import Role
from channels_app.messenger.actions.deployments import (
    DEFAULTS,
    do_publish,
    do_save_draft,
    get_configuration,
    get_newest,
)
from channels_app.messenger.admin.configuration_form import as_content, as_fields, field_of
from channels_app.messenger.admin.configurations import differences
from channels_app.messenger.models import GuestSession, MessengerConfiguration
from channels_app.models import Conversation
from tests import factories
from tests.admin.pages import client_of, member, said

NAME = "messenger_messengerconfiguration"


@pytest.fixture
def desk(db: None) -> Client:
    return client_of(member("Olga", Role.ADMIN))


@pytest.fixture
def made(db: None) -> MessengerConfiguration:
    configuration = factories.configured(factories.deployment(), {"greeting": "Hello"}).configuration
    assert configuration is not None
    return configuration


def page(what: str, *args: Any) -> str:
    return reverse(f"admin:{NAME}_{what}", args=args)


def filled(**changes: Any) -> dict[str, Any]:
    """The form as a browser sends it: no word of a switch that is off."""
    fields = as_fields(DEFAULTS) | {"name": "Front"} | changes
    return {key: value for key, value in fields.items() if value is not False}


def content(configuration: MessengerConfiguration) -> dict[str, Any]:
    return get_configuration(get_newest(configuration.pk))


def test_the_form_shows_a_configuration_and_reads_it_back_the_same() -> None:
    whole = DEFAULTS | {
        "suggestions": ["Where?", "When?"],
        "texts": {"de": {"launcher.text": "Fragen = gut"}, "en": {"launcher.text": "Ask"}},
        "file_types": ["image/*", "application/pdf"],
        "opening": DEFAULTS["opening"]
        | {"enabled": True, "exceptions": {"2026-12-25": "", "2026-12-24": "09:00-12:00"}},
    }
    assert as_content(as_fields(whole)) == {key: whole[key] for key in whole if key != "push"}


@pytest.mark.usefixtures("transactional_db")
def test_a_new_configuration_is_live_and_a_change_is_a_draft(desk: Client) -> None:
    desk.post(page("add"), filled(greeting="Hello", sound=False))
    made = MessengerConfiguration.objects.get()
    assert made.published is not None
    assert (made.published.content["greeting"], made.published.content["sound"]) == ("Hello", False)
    answer = desk.post(page("change", made.pk), filled(greeting="Good day"), follow=True)
    assert "Saved as a draft" in said(answer)
    made.refresh_from_db()
    assert made.published.content["greeting"] == "Hello"
    assert content(made)["greeting"] == "Good day"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"primary_color": "red"}, "Write a colour as #"),
        ({"logo_url": "http://shop.example/a.png"}, "begins with https://"),
        ({"side_space": "4000"}, "less than or equal to 400"),
        ({"suggestions": "\n".join("abcdefg")}, "Up to 6 questions"),
        ({"file_types": "pictures"}, "“pictures” isn't a media type"),
        ({"opening_2": "nine to five"}, "“nine to five” isn't a span of time"),
        ({"opening_time_zone": "Mars"}, "Write a time zone like"),
        ({"opening_exceptions": "tomorrow 9-12"}, "“tomorrow” isn't a date"),
        ({"texts_de": "no.such.text = Ja"}, "There is no text “no.such.text”"),
        ({"languages": []}, "This field is required"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_said_at_its_field(
    desk: Client, made: MessengerConfiguration, change: dict[str, Any], sentence: str
) -> None:
    assert sentence in said(desk.post(page("change", made.pk), filled(**change)))
    assert content(made)["greeting"] == "Hello"


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (("opening", "week", 3), "opening_3"),
        (("opening", "time_zone"), "opening_time_zone"),
        (("opening", "exceptions", "x", "[key]"), "opening_exceptions"),
        (("texts", "de", "a"), "texts_de"),
        (("suggestions", 1), "suggestions"),
    ],
)
def test_every_place_of_a_configuration_has_its_field(place: tuple[int | str, ...], field: str) -> None:
    assert field_of(place) == field


@pytest.mark.usefixtures("transactional_db")
def test_publishing_asks_first_and_says_what_changes(desk: Client, made: MessengerConfiguration) -> None:
    review = filled(greeting="Good day") | {f"{NAME}_review": "1"}
    asked = desk.post(page("change", made.pk), review, follow=True)
    assert re.search(r"Greeting\s+Hello\s+Good day", said(asked))
    made.refresh_from_db()
    assert made.published is not None
    assert made.published.content["greeting"] == "Hello"
    desk.post(page("publish", made.pk))
    made.refresh_from_db()
    assert made.published.content["greeting"] == "Good day"


@pytest.mark.usefixtures("transactional_db")
def test_an_older_version_is_restored_as_a_draft(desk: Client, made: MessengerConfiguration) -> None:
    do_save_draft(made.pk, {"greeting": "Good day"})
    do_publish(made.pk)
    assert "Version 1" in said(desk.get(page("versions", made.pk)))
    assert desk.get(page("restore", made.pk, 1)).status_code == 405
    desk.post(page("restore", made.pk, 1))
    assert content(made)["greeting"] == "Hello"
    made.refresh_from_db()
    assert made.published is not None
    assert made.published.content["greeting"] == "Good day"
    assert desk.post(page("restore", made.pk, 9)).status_code == 404


def test_differences_are_named_by_their_fields() -> None:
    changed = DEFAULTS | {"sound": False, "suggestions": ["Where?"]}
    found = [(str(label), then, now) for label, then, now in differences(DEFAULTS, changed)]
    assert found == [("Suggested questions", "", "Where?"), ("Sound", "Yes", "No")]
    assert differences(DEFAULTS, DEFAULTS) == []


def preview(desk: Client, made: MessengerConfiguration, **changes: Any) -> Any:
    return desk.post(page("preview"), filled(**changes) | {"configuration": made.pk})


def shown(answer: Any) -> dict[str, Any]:
    found = re.search(r'id="messenger-config"[^>]*>(.*?)</script>', answer.content.decode(), re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def launcher_colour(config: dict[str, Any]) -> str:
    return str(config["preview"]["launcher"]["look"]["primaryColor"])


def test_the_preview_shows_what_is_typed_and_keeps_nothing(desk: Client, made: MessengerConfiguration) -> None:
    config = shown(preview(desk, made, greeting="Not yet", primary_color="#112233"))
    assert (config["look"]["greeting"], launcher_colour(config)) == ("Not yet", "#112233")
    assert content(made)["greeting"] == "Hello"
    assert not GuestSession.objects.exists()
    assert not Conversation.objects.exists()


def test_a_value_that_is_half_typed_leaves_the_rest_of_the_preview(desk: Client, made: MessengerConfiguration) -> None:
    config = shown(preview(desk, made, primary_color="#1", greeting="Hi", opening_1="9-"))
    assert (config["look"]["greeting"], launcher_colour(config)) == ("Hi", DEFAULTS["primary_color"])


def test_the_preview_can_connect_to_nothing_and_stands_only_in_the_admin(
    desk: Client, made: MessengerConfiguration
) -> None:
    policy = preview(desk, made).headers["Content-Security-Policy"]
    assert "connect-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.parametrize("path", ["preview"])
def test_nobody_but_an_admin_has_a_preview(path: str, db: None) -> None:
    agent = client_of(member("Ana", Role.AGENT))
    assert agent.post(page(path), filled()).status_code in (302, 403)
