"""What the messenger's pages and files say: configuration, words, launcher, policies, invitations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from channels_app.messenger.config import MessengerSettings
from channels_app.messenger.models import Deployment
from channels_app.messenger.page import answer_time, invite
from channels_app.messenger.page.labels import FOLDER, labels, product_labels
from channels_app.messenger.page.page_config import open_now
from tests import factories

FILES = "/webdeployments/v1/deployments"


@pytest.fixture
def deployment(db: None) -> Deployment:
    made = factories.deployment(allowed_domains=["shop.example"])
    content = {
        "company_name": "Acme",
        "primary_color": "#1f6f5c",
        "launcher": "OnDemand",
        "conversation_disconnect": "read_only",
        "file_types": ["image/*"],
        "max_file_size_kb": 2048,
        "texts": {"de": {"launcher.text": "Frag uns", "composer.send": "Ab damit"}},
        "logo_url": "https://cdn.shop.example/logo.svg",
    }
    return factories.configured(made, content)


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "de-AT, en;q=0.5"})


def page_config(answer: Any) -> dict[str, Any]:
    found = re.search(r'id="messenger-config"[^>]*>(.*?)</script>', answer.content.decode(), re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


# --- config.json and its like --------------------------------------------------------------------


def test_clients_find_everything_from_one_origin(visitor: Client, deployment: Deployment) -> None:
    found = visitor.get(f"{FILES}/{deployment.id}/config.json").json()
    assert found["apiEndpoint"] == "http://testserver"
    conversations = found["messenger"]["apps"]["conversations"]
    assert conversations["messagingEndpoint"] == "ws://testserver"
    assert conversations["conversationDisconnect"] == {"enabled": True, "type": "ReadOnly"}
    assert found["messenger"]["launcherButton"]["visibility"] == "OnDemand"
    assert found["messenger"]["fileUpload"]["modes"] == [{"fileTypes": ["image/*"], "maxFileSizeKB": 2048}]
    words = [{"key": "composer.send", "value": "Ab damit"}, {"key": "launcher.text", "value": "Frag uns"}]
    assert found["customI18nLabels"] == [{"language": "de", "localizedLabels": words}]


def test_domains_are_told(visitor: Client, deployment: Deployment) -> None:
    found = visitor.get(f"{FILES}/{deployment.id}/domains.json").json()
    assert found == {"allowAllDomains": False, "domains": ["shop.example"]}


def test_words_come_in_each_language_with_the_companys_own(visitor: Client, deployment: Deployment) -> None:
    german, english = (visitor.get(f"{FILES}/{deployment.id}/{code}.json").json() for code in ("de", "en"))
    assert (german["launcher.text"], english["launcher.text"]) == ("Frag uns", "Chat with us")
    assert visitor.get(f"{FILES}/{deployment.id}/fr.json").status_code == 404


@pytest.mark.parametrize("name", ["config.json", "domains.json", "de.json"])
def test_files_may_be_kept_and_are_asked_for_again_by_their_tag(
    visitor: Client, deployment: Deployment, name: str
) -> None:
    first = visitor.get(f"{FILES}/{deployment.id}/{name}")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=60" in first.headers["Cache-Control"]
    again = visitor.get(f"{FILES}/{deployment.id}/{name}", headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304


def test_what_is_published_has_another_tag(visitor: Client, deployment: Deployment) -> None:
    before = visitor.get(f"{FILES}/{deployment.id}/config.json").headers["ETag"]
    factories.configured(deployment, {"primary_color": "#000000"})
    assert visitor.get(f"{FILES}/{deployment.id}/config.json").headers["ETag"] != before


@pytest.mark.parametrize("path", ["config.json", "domains.json", "de.json"])
def test_a_deployment_that_is_off_has_no_files(visitor: Client, deployment: Deployment, path: str) -> None:
    Deployment.objects.update(active=False)
    assert visitor.get(f"{FILES}/{deployment.id}/{path}").status_code == 404


# --- the hosted page -----------------------------------------------------------------------------


def test_the_page_says_all_that_its_scripts_need_in_the_readers_language(
    visitor: Client, deployment: Deployment
) -> None:
    answer = visitor.get(f"/messenger/{deployment.id}/?text=Hello&utm_source=flyer&utm_x=1&next=//evil.example")
    config = page_config(answer)
    assert config["language"] == "de"
    assert config["labels"]["composer.send"] == "Ab damit"
    assert "launcher.text" not in config["labels"], "what isn't said at first comes later"
    later = visitor.get(config["wordsUrl"]).json()
    assert (later["launcher.text"], later["composer.send"]) == ("Frag uns", "Ab damit")
    assert config["look"]["companyName"] == "Acme"
    assert config["conversations"]["disconnect"] == {"enabled": True, "type": "ReadOnly"}
    assert config["limits"]["maxFileSizeKB"] == 2048
    assert config["extras"]["prefill"] == "Hello"
    assert config["extras"]["campaign"] == {"utm_source": "flyer", "utm_x": "1"}
    assert (config["embedded"], config["identity"]) == (False, False)


def policy(answer: Any, directive: str) -> list[str]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return next((words for name, *words in parts if name == directive), [])


def test_only_allowed_sites_may_frame_the_page(visitor: Client, deployment: Deployment) -> None:
    answer = visitor.get(f"/messenger/{deployment.id}/?embed=1")
    assert policy(answer, "frame-ancestors") == ["'self'", "shop.example:*", "*.shop.example:*"]
    assert "X-Frame-Options" not in answer.headers
    assert page_config(answer)["embedded"] is True


def test_every_site_may_where_none_is_listed(visitor: Client, deployment: Deployment) -> None:
    Deployment.objects.update(allowed_domains=[])
    assert policy(visitor.get(f"/messenger/{deployment.id}/"), "frame-ancestors") == ["*"]


def test_pictures_and_films_of_cards_come_from_anywhere_and_nothing_else_does(
    visitor: Client, deployment: Deployment
) -> None:
    answer = visitor.get(f"/messenger/{deployment.id}/")
    for directive in ("img-src", "media-src"):
        assert {"'self'", "https:"} <= set(policy(answer, directive))
        assert "http:" not in policy(answer, directive)
    for directive in ("default-src", "script-src", "connect-src"):
        assert "https:" not in policy(answer, directive)


def test_opening_and_answer_time_are_told_when_they_are_known(deployment: Deployment) -> None:
    deployment.refresh_from_db()
    settings = MessengerSettings(opening={"enabled": True, "time_zone": "UTC"})  # type: ignore[arg-type]
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert open_now(settings, sunday) == {"open": False, "opensAt": "2026-11-23T09:00:00Z"}
    assert open_now(settings, sunday + timedelta(days=1)) == {"open": True, "opensAt": None}
    assert open_now(MessengerSettings(), sunday) is None


@pytest.fixture
def known_wait() -> Iterator[None]:
    before = answer_time._source
    answer_time.provide(lambda channel: 180)
    yield
    answer_time.provide(before)


@pytest.mark.usefixtures("known_wait")
def test_the_expected_answer_time_is_shown_unless_it_is_switched_off(visitor: Client, deployment: Deployment) -> None:
    assert page_config(visitor.get(f"/messenger/{deployment.id}/"))["extras"]["answerTime"] == 180
    factories.configured(deployment, {"answer_time": False})
    assert page_config(visitor.get(f"/messenger/{deployment.id}/"))["extras"]["answerTime"] is None


# --- the loader ----------------------------------------------------------------------------------


def test_the_loader_and_its_data_come_small_and_readable_for_every_page(
    visitor: Client, deployment: Deployment
) -> None:
    for path in ("/messenger/embed.js", f"/messenger/{deployment.id}/launcher.js"):
        answer = visitor.get(path, headers={"accept-encoding": "gzip"})
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = visitor.get(f"/messenger/{deployment.id}/launcher.js").content.decode()
    settings = json.loads(told.partition("settings = ")[2].rstrip(";\n"))
    assert settings["page"] == f"http://testserver/messenger/{deployment.id}/"
    assert (settings["domains"], settings["labels"]["launcher.text"]) == (["shop.example"], "Frag uns")
    assert "composer.placeholder" not in settings["labels"]


def test_the_loader_knows_no_deployment_that_is_off(visitor: Client, deployment: Deployment) -> None:
    Deployment.objects.update(active=False)
    assert visitor.get(f"/messenger/{deployment.id}/launcher.js").status_code == 404


# --- words ---------------------------------------------------------------------------------------


def test_both_languages_have_the_same_words() -> None:
    for path in FOLDER.rglob("en.json"):
        assert set(json.loads(path.read_text())) == set(json.loads(path.with_name("de.json").read_text()))


def test_a_language_without_words_speaks_the_first_one() -> None:
    assert product_labels("fr") == product_labels("en")
    assert labels("en", {"en": {"launcher.text": ""}})["launcher.text"] == "Chat with us"


# --- invitations ---------------------------------------------------------------------------------


def test_an_invitation_brings_text_and_campaign_back() -> None:
    address = invite.invitation("https://cc.example/messenger/1/", text="I’d like a refund & more", utm_source="flyer")
    query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    assert invite.prefill(query) == "I’d like a refund & more"
    assert invite.campaign(query) == {"utm_source": "flyer"}
    assert invite.invitation("https://cc.example/") == "https://cc.example/"


@given(st.dictionaries(st.text(max_size=40), st.text(max_size=400), max_size=20))
def test_whatever_stands_in_an_address_the_campaign_is_small_and_its_own(query: dict[str, str]) -> None:
    found = invite.campaign(query)
    assert all(re.fullmatch(r"utm_[a-z0-9_]+|campaign|ref", key) for key in found)
    assert len(found) <= invite.CAMPAIGN
    assert all(0 < len(value) <= invite.VALUE for value in found.values())


def test_the_qr_code_is_a_picture_without_scripts() -> None:
    svg = invite.qr_code("https://cc.example/messenger/1/?text=<script>")
    assert svg.startswith("<svg")
    assert "script" not in svg
    assert invite.qr_file("https://cc.example/").startswith("data:image/svg+xml")
