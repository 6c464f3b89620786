"""The one webhook view, with the test provider."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from agents.models import User
from channels_app import webhooks
from channels_app.actions import payloads
from channels_app.actions.inbound import do_receive
from channels_app.adapters.base import secret_names
from channels_app.adapters.fake.adapter import SIGNATURE, sign
from channels_app.adapters.registry import adapter_for
from channels_app.adapters.values import InboundMessage
from channels_app.models import Channel, DeliveryPart, InboundPayload, Message
from channels_app.tasks import send_due
from contactcenter.kernel import live
from contactcenter.kernel.db import Tx
from tests import factories

JSON = "application/json"


def said(number: int = 1, text: str = "Hello", who: str = "jonas") -> dict[str, Any]:
    return {"type": "message", "id": f"m{number}", "from": {"id": who, "name": who.title()}, "text": text}


def body_of(*events: dict[str, Any]) -> bytes:
    return json.dumps({"events": events}).encode()


def post(client: Client, channel: Channel, body: bytes, *, secret: str = factories.SECRET, **headers: str) -> int:
    """Post a signed body; gives the status."""
    answer = client.post(
        f"/webhooks/{channel.id}/", body, content_type=JSON, headers={SIGNATURE: sign(body, secret)} | headers
    )
    return answer.status_code


def kept() -> list[tuple[str, str]]:
    return list(InboundPayload.objects.order_by("id").values_list("state", "error"))


@pytest.mark.django_db
def test_a_signed_request_is_applied_and_kept(client: Client, channel: Channel) -> None:
    body = body_of(said(1, "Hello"), said(2, "Anybody there?"))
    assert post(client, channel, body) == 200
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["Hello", "Anybody there?"]
    assert kept() == [("applied", "")]
    assert bytes(InboundPayload.objects.get().body) == body


@pytest.mark.django_db
def test_a_known_customers_message_costs_the_channel_the_statement_the_raw_and_the_event(
    client: Client, channel: Channel
) -> None:
    post(client, channel, body_of(said(1)))
    with CaptureQueriesContext(connection) as queries:
        post(client, channel, body_of(said(2)))
    statements = [query["sql"].split()[0:3] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert statements[:3] == [
        ["SELECT", '"channels_app_channel"."id",', '"channels_app_channel"."kind",'],
        ["WITH", "sender", "AS"],
        ["INSERT", "INTO", '"channels_app_inboundpayload"'],
    ]
    assert statements[3:] in ([], [["INSERT", "INTO", "reporting_eventrecord"]])


@pytest.mark.django_db
def test_it_is_the_same_over_asgi(channel: Channel, async_client: AsyncClient) -> None:
    body = body_of(said(1))
    for signature, status in ((sign(body, "wrong"), 403), (sign(body, factories.SECRET), 200)):
        answer = async_to_sync(async_client.post)(
            f"/webhooks/{channel.id}/", body, content_type=JSON, headers={SIGNATURE: signature}
        )
        assert answer.status_code == status
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_a_replayed_request_changes_nothing(client: Client, channel: Channel) -> None:
    body = body_of(said(1))
    assert [post(client, channel, body) for _ in range(3)] == [200, 200, 200]
    assert Message.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("secret", ["another secret", ""])
def test_a_wrong_signature_is_refused_and_nothing_is_stored(client: Client, channel: Channel, secret: str) -> None:
    assert post(client, channel, body_of(said()), secret=secret) == 403
    assert not Message.objects.exists()
    assert kept() == []


@pytest.mark.django_db
def test_a_missing_signature_is_refused(client: Client, channel: Channel) -> None:
    assert client.post(f"/webhooks/{channel.id}/", body_of(said()), content_type=JSON).status_code == 403


@pytest.mark.django_db
def test_another_channels_signature_is_refused(client: Client, channel: Channel) -> None:
    other = factories.channel(secret="of the other")
    body = body_of(said())
    assert post(client, channel, body, secret=other.secrets["secret"]) == 403
    assert post(client, other, body, secret=other.secrets["secret"]) == 200


@pytest.mark.django_db
def test_the_signature_is_over_the_raw_bytes(client: Client, channel: Channel) -> None:
    body = body_of(said())
    again = json.dumps(json.loads(body), separators=(",", ":")).encode()
    answer = client.post(
        f"/webhooks/{channel.id}/", again, content_type=JSON, headers={SIGNATURE: sign(body, factories.SECRET)}
    )
    assert answer.status_code == 403


@pytest.mark.django_db
def test_a_channel_without_a_secret_takes_nothing(client: Client) -> None:
    open_channel = Channel.objects.create(kind="fake", name="No secret")
    assert post(client, open_channel, body_of(said()), secret="") == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"\xff\xfe\x00",
        b"[]",
        b'{"events": [{"type": "message"}]}',
        b'{"events": [{"type": "message", "id": "", "from": {"id": "jonas"}}]}',
        b'{"events": [{"type": "message", "id": "1", "from": {"id": "a"}, "attachments": [{"id": "1", "url": "x"}]}]}',
        b'{"events": ' + b"[" * 10_000,
    ],
)
def test_garbage_that_is_signed_is_kept_as_failed_and_answered(client: Client, channel: Channel, body: bytes) -> None:
    assert post(client, channel, body) == 200
    assert [state for state, _ in kept()] == ["failed"]
    assert InboundPayload.objects.get().error
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_nul_bytes_and_lone_surrogates_are_cleaned(client: Client, channel: Channel) -> None:
    assert (
        post(
            client,
            channel,
            b'{"events": [{"type": "message", "id": "a\\u0000", "from": {"id": "jonas"}, "text": "x\\u0000y"}]}',
        )
        == 200
    )
    assert Message.objects.get().text == "xy"


@pytest.mark.django_db
def test_an_oversized_request_is_refused_unread(client: Client, channel: Channel) -> None:
    assert post(client, channel, b" " * (webhooks.MAX_BODY + 1)) == 413
    assert kept() == []


@pytest.mark.django_db
def test_the_largest_request_is_read(client: Client, channel: Channel) -> None:
    body = body_of(said())
    assert post(client, channel, body + b" " * (webhooks.MAX_BODY - len(body))) == 200
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_an_unknown_or_inactive_channel_is_not_found(client: Client, channel: Channel) -> None:
    Channel.objects.update(active=False)
    assert post(client, channel, body_of(said())) == 404
    channel.delete()
    assert post(client, channel, body_of(said())) == 404


@pytest.mark.django_db
def test_the_web_messenger_takes_no_webhooks(client: Client) -> None:
    assert post(client, factories.channel("webmessaging"), body_of(said())) == 403


@pytest.mark.django_db
def test_if_applying_fails_the_payload_is_kept_and_can_be_replayed(
    client: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(do_receive, "within", _broken)
        assert post(client, channel, body_of(said(1), said(2))) == 200
        assert kept() == [("failed", "RuntimeError: no room\nRuntimeError: no room")]
        assert not Message.objects.exists()
        payload = InboundPayload.objects.get()
        assert payloads.replay(payload.id) is False
    assert kept() == [("failed", "RuntimeError: no room")]

    assert payloads.replay(payload.id) is True
    assert kept() == [("applied", "")]
    assert Message.objects.count() == 2
    payloads.replay(payload.id)
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_one_value_that_fails_does_not_hold_up_the_others(
    client: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = do_receive.within

    def picky(tx: Tx, on: Channel, value: InboundMessage, **rest: Any) -> Any:
        return _broken() if value.text == "bad" else real(tx, on, value, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(do_receive, "within", picky)
        assert post(client, channel, body_of(said(1, "good"), said(2, "bad"), said(3, "better"))) == 200
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["good", "better"]
    assert kept() == [("failed", "RuntimeError: no room")]
    assert payloads.replay(InboundPayload.objects.get().id)
    assert Message.objects.count() == 3


@pytest.mark.django_db
def test_what_only_failed_together_is_applied_one_by_one(
    client: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payloads, "do_take", _broken)
    assert post(client, channel, body_of(said(1), said(2))) == 200
    assert (Message.objects.count(), kept()) == (2, [("applied", "")])


@pytest.mark.django_db
def test_without_a_database_the_provider_is_asked_to_try_again(
    client: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(payloads, "do_take", down)
    monkeypatch.setattr(payloads, "do_apply_value", down)
    monkeypatch.setattr(payloads, "do_keep", down)
    assert post(client, channel, body_of(said(1))) == 503
    assert post(client, channel, body_of(said(1), said(2))) == 503
    monkeypatch.setattr(Channel.objects, "filter", down)
    assert post(client, channel, body_of(said(1))) == 503


@pytest.mark.django_db
def test_credentials_are_not_kept_with_the_headers(client: Client, channel: Channel) -> None:
    secret_sent = {"authorization": "Bearer abc", "x-note": f"it is {factories.SECRET}", "x-plain": "kept"}
    post(client, channel, body_of(said()), **secret_sent, cookie="session=1", **{"verify-token": "t"})
    headers = InboundPayload.objects.get().headers
    assert headers["x-plain"] == "kept"
    for name in ("authorization", "x-note", "cookie", "verify-token"):
        assert headers[name] == payloads.REDACTED
    assert factories.SECRET not in json.dumps(headers)


@pytest.mark.django_db
def test_a_challenge_is_answered_only_with_the_right_token(client: Client) -> None:
    channel = factories.channel(verify_token="right")
    address = f"/webhooks/{channel.id}/"
    answer = client.get(address, {"verify_token": "right", "challenge": "<script>42"})
    assert (answer.status_code, answer.content) == (200, b"<script>42")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("text/plain", "nosniff")
    assert client.get(address, {"verify_token": "wrong", "challenge": "42"}).status_code == 403
    assert client.get(address).status_code == 403


@pytest.mark.django_db
def test_receipts_come_by_the_webhook(client: Client, channel: Channel, ana: User) -> None:
    post(client, channel, body_of(said()))
    message = factories.replied(Message.objects.get().conversation_id, ana)
    send_due()
    receipt = {"type": "receipt", "message_id": DeliveryPart.objects.get().provider_id, "state": "read"}
    assert post(client, channel, body_of(receipt)) == 200
    assert DeliveryPart.objects.get(delivery__message=message).delivery.state == "read"


@pytest.mark.django_db
def test_typing_is_pushed_and_not_stored(client: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed: list[tuple[str, Any]] = []
    monkeypatch.setattr(live, "publish", lambda stream, message: pushed.append((stream, message)))
    typing = {"type": "typing", "from": {"id": "jonas"}}
    post(client, channel, body_of(typing))
    assert pushed == []
    post(client, channel, body_of(said()))
    pushed.clear()
    post(client, channel, body_of(typing))
    assert pushed == [(f"conversation:{Message.objects.get().conversation_id}", {"typing": {"customer": True}})]
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_rich_content_comes_in_our_vocabulary(client: Client, channel: Channel) -> None:
    file = {"id": "f1", "url": "https://files.example/a.jpg", "name": "a.jpg", "mime": "image/jpeg", "size": 12}
    rich = said(1, "") | {"attachments": [file], "quick_reply": {"text": "Yes", "payload": "yes", "message_id": "m0"}}
    assert post(client, channel, body_of(rich)) == 200
    picture, answer = Message.objects.get().content
    assert (picture["type"], picture["media_type"], picture["url"]) == ("attachment", "image", file["url"])
    assert (answer["type"], answer["kind"], answer["payload"]) == ("button_response", "quick_reply", "yes")


def _broken(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("no room")


def test_the_test_provider_names_its_secrets() -> None:
    assert "secret" in secret_names(adapter_for("fake"))
