"""Channels and deployments in the admin: secrets go in and never come out, a new messenger is live at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from channels_app.adapters import registry
from channels_app.messenger.actions.deployments import DEFAULTS
from channels_app.messenger.models import Deployment, MessengerConfiguration
from channels_app.models import Channel
from tests.admin.data import channel_data
from tests.admin.pages import Capture, no_rows, rows, said, url

pytestmark = pytest.mark.django_db


def test_a_secret_goes_in_and_never_comes_out(desk: Client) -> None:
    desk.post(url("channels_app_channel", "add"), channel_data(secret_secret="hunter2hunter2"))
    channel = Channel.objects.get(name="Test")
    assert channel.secrets == {"secret": "hunter2hunter2"}
    page = desk.get(url("channels_app_channel", "change", channel.pk)).content.decode()
    assert "hunter2" not in page
    assert "Stored, encrypted" in page
    assert "hunter2" not in LogEntry.objects.get(object_id=str(channel.pk)).change_message


def test_an_empty_secret_keeps_what_is_stored_and_a_new_one_replaces_it(desk: Client) -> None:
    channel = Channel.objects.create(kind="fake", name="Test", secrets={"secret": "old", "verify_token": "token"})
    data = channel_data(account_id=channel.account_id, secret_secret="", secret_verify_token="")
    desk.post(url("channels_app_channel", "change", channel.pk), data)
    channel.refresh_from_db()
    assert channel.secrets == {"secret": "old", "verify_token": "token"}
    desk.post(url("channels_app_channel", "change", channel.pk), {**data, "secret_secret": "new"})
    channel.refresh_from_db()
    assert channel.secrets == {"secret": "new", "verify_token": "token"}


def test_a_channel_keeps_only_the_secrets_of_its_kind(desk: Client) -> None:
    data = channel_data(kind="webmessaging", secret_secret="stray", **no_rows("deployments"))
    desk.post(url("channels_app_channel", "add"), data)
    assert Channel.objects.get(name="Test").secrets == {}


def test_the_kinds_are_those_of_the_registry(desk: Client) -> None:
    page = desk.get(url("channels_app_channel", "add")).content.decode()
    for kind, label in registry.choices():
        assert f'value="{kind}"' in page
        assert label in page


def test_a_kind_that_is_not_there_is_refused(desk: Client) -> None:
    assert "Select a valid choice" in said(desk.post(url("channels_app_channel", "add"), channel_data(kind="fax")))


def test_the_kind_of_a_channel_stays(desk: Client, shop: Channel) -> None:
    data = channel_data(name="Shop", kind="fake", **no_rows("deployments"))
    desk.post(url("channels_app_channel", "change", shop.pk), data)
    shop.refresh_from_db()
    assert shop.kind == "webmessaging"


def test_an_account_that_another_channel_has_is_refused_by_name(desk: Client) -> None:
    Channel.objects.create(kind="fake", name="First", account_id="acme")
    answer = desk.post(url("channels_app_channel", "add"), channel_data(account_id="acme"))
    assert "The channel “First” has this account already" in said(answer)


def test_a_window_past_a_year_is_refused_in_words(desk: Client) -> None:
    answer = desk.post(url("channels_app_channel", "add"), channel_data(threading_window="366 d"))
    assert "Too long: at most 365 d." in said(answer)


def test_a_provider_s_channel_shows_its_webhook_address(desk: Client) -> None:
    channel = Channel.objects.create(kind="fake", name="Test")
    assert f"/webhooks/{channel.pk}/" in said(desk.get(url("channels_app_channel", "change", channel.pk)))


LOOK = {"company_name": "Acme", "greeting": "How can we help?", "primary_color": "#4338CA"}


def deployment_data(shop: Channel, **changes: Any) -> dict[str, Any]:
    data = {"channel": shop.pk, "name": "Front", "active": "on", "session_duration": "3 d", "allowed_domains": ""}
    return {**data, **LOOK, **changes}


def make_deployment(desk: Client, shop: Channel, capture: Capture, **changes: Any) -> Deployment:
    with capture(execute=True):
        desk.post(url("messenger_deployment", "add"), deployment_data(shop, **changes))
    return Deployment.objects.get(name="Front")


def test_a_new_deployment_is_live_at_once(
    desk: Client, shop: Channel, django_capture_on_commit_callbacks: Capture
) -> None:
    made = make_deployment(desk, shop, django_capture_on_commit_callbacks)
    assert made.published is not None
    assert made.configuration is not None
    assert made.configuration.name == "Front"
    assert made.published.content == {**DEFAULTS, **LOOK, "primary_color": "#4338ca"}
    page = said(desk.get(url("messenger_deployment", "change", made.pk)))
    assert f"/messenger/{made.pk}/" in page
    assert "Version 1 is live" in page


def test_a_deployment_can_show_what_another_shows(
    desk: Client, shop: Channel, django_capture_on_commit_callbacks: Capture
) -> None:
    first = make_deployment(desk, shop, django_capture_on_commit_callbacks)
    data = deployment_data(shop, name="Side", configuration=first.configuration_id)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url("messenger_deployment", "add"), data)
    assert Deployment.objects.get(name="Side").configuration == first.configuration
    assert MessengerConfiguration.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"allowed_domains": "shop.example\nhttps://acme.example/"}, "Line 2: write only the host of"),
        ({"allowed_domains": "two words"}, "Line 1: “two words” is not a host name"),
        ({"primary_color": "red"}, "Write a colour as #"),
        ({"session_duration": "5 min"}, "Too short: at least 15 min."),
        ({"session_duration": "5"}, "Write a number with its unit"),
    ],
)
def test_a_wrong_deployment_is_refused_with_the_place(
    desk: Client, shop: Channel, change: dict[str, Any], sentence: str
) -> None:
    assert sentence in said(desk.post(url("messenger_deployment", "add"), deployment_data(shop, **change)))
    assert not Deployment.objects.exists()


def test_a_web_channel_gets_its_deployment_on_the_same_page(
    desk: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    row = {"name": "Front", "allowed_domains": "Shop.Example\n\nshop.example", **LOOK}
    data = {**channel_data(kind="webmessaging"), **rows("deployments", row)}
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url("channels_app_channel", "add"), data)
    made = Deployment.objects.get(channel__name="Test")
    assert made.allowed_domains == ["shop.example"]
    assert made.published is not None
