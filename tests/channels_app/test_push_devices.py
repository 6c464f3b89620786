"""Phones of guests: registered as the Transport SDK does it, told when nobody looks, forgotten when they are gone."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from agents.models import User
from channels_app.messenger.actions.deployments import do_configure_deployment
from channels_app.messenger.models import Deployment, GuestSession, PushDevice
from channels_app.messenger.push import notice, rounds, senders
from channels_app.messenger.push.notice import LONGEST_BODY, Notice
from contactcenter.kernel import clock, live
from tests import factories

Answer = Any
DEVICE = {"deviceToken": "d-1", "notificationProvider": "FCM", "language": "de-DE", "deviceType": "android"}
TOKEN = "0a1b2c3d-0000-4000-8000-00000000000F"
ANNA = Notice("FCM", "d-1", "Acme", "Hello", "c0ffee", "dep")
sent: list[Notice] = []


def collect(one: Notice) -> None:
    """A sender for tests."""
    sent.append(one)


@pytest.fixture(autouse=True)
def nothing_sent(settings: Settings) -> Iterator[None]:
    settings.CC_PUSH_SENDER = f"{__name__}.collect"
    sent.clear()
    cache.clear()
    yield
    sent.clear()


@pytest.fixture
def deployment(db: None) -> Deployment:
    made = factories.deployment()
    do_configure_deployment(made.id, {"push": {"enabled": True}, "company_name": "Acme"})
    made.refresh_from_db()
    return made


@pytest.fixture
def guest(deployment: Deployment) -> GuestSession:
    made = factories.guest(deployment, TOKEN)
    factories.guest_said(made, deployment)
    return made


@pytest.fixture
def call(client: Client, deployment: Deployment, guest: GuestSession) -> Callable[..., Answer]:
    def ask(
        method: str, body: Any = None, *, token: str = "0a1b2c3d-0000-4000-8000-00000000000f", of: Any = None
    ) -> Answer:
        path = f"/api/v2/webmessaging/deployments/{of or deployment.id}/pushdevices/{token}"
        return client.generic(method, path, json.dumps(body) if body is not None else "", "application/json")

    return ask


def code_of(answer: Answer) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"message", "code", "status", "contextId", "details"}
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


# --- registering -------------------------------------------------------------------------------


def test_a_phone_is_registered_changed_and_taken_back(call: Callable[..., Answer], guest: GuestSession) -> None:
    assert call("POST", DEVICE).status_code == 204
    device = PushDevice.objects.get()
    assert (device.session, device.device_token, device.provider, device.language) == (guest, "d-1", "FCM", "de-DE")
    assert call("PATCH", {"deviceToken": "d-2", "language": "en"}).status_code == 204
    device.refresh_from_db()
    assert (device.device_token, device.language, device.device_type) == ("d-2", "en", "android")
    assert call("DELETE").status_code == 204
    assert not PushDevice.objects.exists()


def test_the_sdk_sends_the_token_in_small_letters_though_ios_makes_it_in_capitals(
    call: Callable[..., Answer], deployment: Deployment
) -> None:
    capitals = str(uuid.uuid4()).upper()
    factories.guest(deployment, capitals)
    assert call("POST", DEVICE, token=capitals.lower()).status_code == 204


def test_errors_have_the_codes_that_the_sdk_reads(call: Callable[..., Answer], deployment: Deployment) -> None:
    assert code_of(call("PATCH", {"language": "en"})) == (404, "device.not.found")
    assert code_of(call("DELETE")) == (404, "device.not.found")
    assert code_of(call("POST", {"deviceToken": "d"})) == (400, "required.fields.missing")
    assert code_of(call("POST", DEVICE | {"notificationProvider": "PIGEON"})) == (400, "required.fields.missing")
    assert code_of(call("POST", DEVICE | {"deviceToken": "has a space"})) == (400, "device.registration.failure")
    assert call("POST", DEVICE).status_code == 204
    assert code_of(call("POST", DEVICE)) == (409, "device.already.registered")
    assert code_of(call("PATCH", {})) == (400, "update.fields.missing")
    assert code_of(call("PATCH", {"deviceToken": "a b"})) == (400, "device.update.failure")
    assert code_of(call("POST", DEVICE, token="unknown")) == (404, "device.registration.failure")
    assert code_of(call("PATCH", {"language": "en"}, token="unknown")) == (404, "device.not.found")
    assert code_of(call("POST", DEVICE, of="x")) == (400, "invalid.path.parameter")
    wrong = call("POST", DEVICE, of=uuid.uuid4())
    assert code_of(wrong) == (400, "invalid.path.parameter")
    assert wrong.json()["message"].startswith("Deployment Id in the request does not match")
    assert call("GET").status_code == 405


def test_where_notifications_are_off_none_is_registered(call: Callable[..., Answer], deployment: Deployment) -> None:
    do_configure_deployment(deployment.id, {"push": {}})
    assert code_of(call("POST", DEVICE)) == (403, "feature.toggle.disabled")


# --- telling -----------------------------------------------------------------------------------


def reply(guest: GuestSession, ana: User, text: str) -> None:
    from channels_app.models import Conversation

    factories.replied(Conversation.objects.get(address_id=guest.address_id), ana, text)


def test_a_phone_is_told_once_of_the_newest_message(
    call: Callable[..., Answer], guest: GuestSession, ana: User
) -> None:
    call("POST", DEVICE)
    assert rounds.notify_all() == 0
    reply(guest, ana, "One")
    reply(guest, ana, "Two")
    assert rounds.notify_all() == 1
    assert rounds.notify_all() == 0
    assert [(one.title, one.body, one.device_token) for one in sent] == [("Acme", "Neue Nachricht", "d-1")]


def test_the_text_is_shown_only_where_the_configuration_says_so(
    call: Callable[..., Answer], guest: GuestSession, ana: User, deployment: Deployment
) -> None:
    do_configure_deployment(deployment.id, {"push": {"enabled": True, "content": "include"}})
    call("POST", DEVICE)
    reply(guest, ana, "Your parcel is found")
    rounds.notify_all()
    assert [(one.title, one.body) for one in sent] == [("Neue Nachricht", "Your parcel is found")]


def test_what_a_guest_writes_and_a_note_wake_no_phone(
    call: Callable[..., Answer], guest: GuestSession, ana: User, deployment: Deployment
) -> None:
    from channels_app.actions.outbound import do_note
    from channels_app.models import Conversation

    call("POST", DEVICE)
    factories.guest_said(guest, deployment, "Anybody there?")
    do_note(Conversation.objects.get().id, author=ana, text="canary")
    assert rounds.notify_all() == 0
    assert sent == []


def test_while_a_socket_is_open_the_phone_is_silent_and_isnt_told_later(
    call: Callable[..., Answer], guest: GuestSession, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("POST", DEVICE)
    reply(guest, ana, "On the screen")
    with monkeypatch.context() as patched:
        patched.setattr(live, "heard", set)
        assert rounds.notify_all() == 0
    assert rounds.notify_all() == 0
    reply(guest, ana, "With the app closed")
    assert rounds.notify_all() == 1


def test_a_provider_that_fails_is_asked_again_and_a_phone_that_is_gone_forgotten(
    call: Callable[..., Answer], guest: GuestSession, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("POST", DEVICE)
    reply(guest, ana, "Hello")

    def fails(_: Notice) -> None:
        raise senders.PushFailed("503")

    def gone(_: Notice) -> None:
        raise senders.Unregistered

    monkeypatch.setattr(senders, "sender", lambda: fails)
    assert rounds.notify_all() == 0
    monkeypatch.setattr(senders, "sender", lambda: collect)
    assert rounds.notify_all() == 1
    reply(guest, ana, "Hello again")
    monkeypatch.setattr(senders, "sender", lambda: gone)
    assert rounds.notify_all() == 0
    assert not PushDevice.objects.exists()


def test_old_news_arent_told(call: Callable[..., Answer], guest: GuestSession, ana: User) -> None:
    call("POST", DEVICE)
    reply(guest, ana, "Hello")
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert rounds.notify_all() == 0


# --- what it says, and who carries it --------------------------------------------------------------


@given(text=st.text(), language=st.text(max_size=10), with_content=st.booleans(), company=st.text(max_size=20))
def test_a_notification_always_says_something_short(text: str, language: str, with_content: bool, company: str) -> None:
    title, body = notice.words(text, language=language, with_content=with_content, from_company=company)
    assert title
    assert 0 < len(body) <= LONGEST_BODY
    assert with_content or body in {"New message", "Neue Nachricht"}


def test_without_credentials_only_the_log_hears_of_it(settings: Settings) -> None:
    settings.CC_PUSH_SENDER = "channels_app.messenger.push.senders.by_provider"
    with respx.mock:  # any request would fail
        senders.sender()(ANNA)
        senders.sender()(Notice("APNS", "t", "a", "b", "k", "d"))


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@respx.mock
def test_firebase_gets_a_message_with_a_token_for_our_assertion(settings: Settings, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    account = {
        "project_id": "shop", "client_email": "push@shop", "token_uri": "https://oauth2.googleapis.com/token",
        "private_key": pem(key),
    }  # fmt: skip
    path = tmp_path / "account.json"
    path.write_text(json.dumps(account))
    settings.CC_PUSH_FCM_ACCOUNT = str(path)
    token = respx.post(account["token_uri"]).respond(json={"access_token": "at"})
    send = respx.post("https://fcm.googleapis.com/v1/projects/shop/messages:send").respond(json={"name": "x"})
    senders.by_provider(ANNA)
    senders.by_provider(ANNA)
    assert token.call_count == 1, "kept while it is good"
    assertion = dict(httpx.QueryParams(token.calls[0].request.content.decode()))["assertion"]
    claims = jwt.decode(assertion, key.public_key(), algorithms=["RS256"], audience=account["token_uri"])
    assert claims["scope"] == senders.FCM_SCOPE
    request = send.calls[0].request
    assert request.headers["Authorization"] == "Bearer at"
    assert json.loads(request.content)["message"]["notification"] == {"title": "Acme", "body": "Hello"}
    send.respond(404, json={"error": {"status": "NOT_FOUND", "details": [{"errorCode": "UNREGISTERED"}]}})
    with pytest.raises(senders.Unregistered):
        senders.by_provider(ANNA)
    send.respond(503)
    with pytest.raises(senders.PushFailed):
        senders.by_provider(ANNA)


@respx.mock
def test_apple_gets_an_alert_with_a_provider_token(settings: Settings, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "key.p8"
    path.write_text(pem(key))
    settings.CC_PUSH_APNS_KEY, settings.CC_PUSH_APNS_KEY_ID = str(path), "KID"
    settings.CC_PUSH_APNS_TEAM, settings.CC_PUSH_APNS_TOPIC = "TEAM", "com.example.shop"
    send = respx.post("https://api.push.apple.com/3/device/a%2Fb").respond(200)
    senders.by_provider(Notice("APNS", "a/b", "Acme", "Hello", "c0ffee", "dep"))
    request = send.calls[0].request
    bearer = request.headers["authorization"].removeprefix("bearer ")
    assert jwt.get_unverified_header(bearer)["kid"] == "KID"
    assert jwt.decode(bearer, key.public_key(), algorithms=["ES256"], options={"verify_iat": False})["iss"] == "TEAM"
    assert request.headers["apns-topic"] == "com.example.shop"
    assert json.loads(request.content)["aps"]["alert"] == {"title": "Acme", "body": "Hello"}
    send.respond(410, json={"reason": "Unregistered"})
    with pytest.raises(senders.Unregistered):
        senders.by_provider(Notice("APNS", "a/b", "Acme", "Hello", "c0ffee", "dep"))
