"""The limits of the guest protocol: settings, counted for the right one, and refusals that say when to come again."""

from __future__ import annotations

import asyncio
import json
import math
import uuid
from datetime import timedelta
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from channels_app.messenger import frames, limits
from channels_app.messenger.limits import Bucket
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.messenger.policy import ChallengeFailed, ChallengeRequest, check_challenge, own_limits, policy_of
from channels_app.messenger.socket import session
from channels_app.messenger.socket.consumers import GuestConsumer
from channels_app.models import Conversation
from contactcenter.kernel import clock
from contactcenter.kernel.errors import TooFast
from tests import factories
from tests.channels_app.client import check_frame

PUBLIC, INSIDE = "8.8.8.8", "10.0.0.1"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def deployment(db: None) -> Deployment:
    return factories.deployment()


def request_of(deployment: Deployment, token: str) -> frames.ConfigureSession:
    return frames.ConfigureSession(token=token, deployment_id=str(deployment.id))


def challenged(deployment: Deployment, answer: str | None = None) -> ChallengeRequest:
    return ChallengeRequest(str(deployment.id), PUBLIC, None, answer)


def test_connections_of_a_deployment_are_counted(deployment: Deployment, settings: Settings) -> None:
    settings.CC_GUEST_CONNECTIONS_PER_MINUTE = 2
    for _ in range(2):
        session.enter(str(deployment.id), INSIDE)
    with pytest.raises(TooFast) as refused:
        session.enter(str(deployment.id), INSIDE)
    assert 0 < refused.value.retry_after <= 60
    session.enter(str(factories.deployment().id), INSIDE)


def test_connections_of_a_public_address_are_counted_and_of_a_proxy_not(
    deployment: Deployment, settings: Settings
) -> None:
    settings.CC_GUEST_ADDRESS_PER_MINUTE = 1
    session.enter(str(deployment.id), PUBLIC)
    with pytest.raises(TooFast):
        session.enter(str(deployment.id), PUBLIC)
    session.enter(str(deployment.id), "8.8.4.4")
    for _ in range(3):
        session.enter(str(deployment.id), INSIDE)


def test_a_socket_too_many_is_told_when_to_come_again_and_closed(transactional_db: None, settings: Settings) -> None:
    settings.CC_GUEST_CONNECTIONS_PER_MINUTE = 1
    deployment = factories.deployment()

    async def open_one() -> tuple[dict[str, Any], dict[str, Any]]:
        path = f"/v1?deploymentId={deployment.id}"
        socket = WebsocketCommunicator(GuestConsumer.as_asgi(), path)
        connected, _ = await socket.connect(timeout=5)
        assert connected
        frame = json.loads(await socket.receive_from()) if await socket.receive_nothing() is False else {}
        last = await socket.receive_output() if frame else {}
        if not frame:
            await socket.disconnect()
        return frame, last

    async def both() -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [await open_one(), await open_one()]

    (first, _), (second, closed) = asyncio.run(both())
    assert first == {}
    check_frame(second)
    assert second["class"] == "TooManyRequestsErrorMessage"
    assert (closed["type"], closed["code"]) == ("websocket.close", 1013)


def test_a_limit_of_0_is_off(deployment: Deployment, settings: Settings) -> None:
    settings.CC_GUEST_CONNECTIONS_PER_MINUTE = settings.CC_GUEST_ADDRESS_PER_MINUTE = 0
    for _ in range(5):
        session.enter(str(deployment.id), PUBLIC)
    assert [Bucket(0, 0).take() for _ in range(5)] == [0] * 5


def test_a_session_is_configured_so_many_times_a_minute(deployment: Deployment, settings: Settings) -> None:
    settings.CC_GUEST_CONFIGURES_PER_MINUTE = 2
    for _ in range(2):
        session.configure(deployment, request_of(deployment, "a"), challenged(deployment))
    with pytest.raises(TooFast):
        session.configure(deployment, request_of(deployment, "a"), challenged(deployment))
    session.configure(deployment, request_of(deployment, "b"), challenged(deployment))


def test_history_is_fetched_so_many_times_a_minute(client: Client, deployment: Deployment, settings: Settings) -> None:
    settings.CC_GUEST_HISTORY_PER_MINUTE = 2
    token, _ = session.history_token(factories.guest(deployment), clock.now())
    other, _ = session.history_token(factories.guest(deployment), clock.now())

    def fetch(bearer: str) -> tuple[int, str]:
        answer = client.get("/api/v2/webmessaging/messages", headers={"Authorization": f"bearer {bearer}"})
        return answer.status_code, answer.get("Retry-After", "")

    assert [fetch(token)[0] for _ in range(2)] == [200, 200]
    status, wait = fetch(token)
    assert status == 429
    assert 1 <= int(wait) <= 60
    assert fetch(other) == (200, "")


def test_the_sockets_of_a_session_share_its_messages() -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    mine, tab, theirs = limits.messages_of(one), limits.messages_of(one), limits.messages_of(other)
    assert mine is tab
    assert mine is not theirs
    waits = [bucket.take() for bucket in (mine, tab) * 3]
    assert waits[:5] == [0] * 5
    assert waits[5] == 1


def accepted(processes: int, monkeypatch: pytest.MonkeyPatch, *, seconds: int = 30, together: bool = True) -> int:
    """How many messages of one session get through, if in each process one is tried every 50 ms."""
    start, session_id, passed = clock.now(), uuid.uuid4(), 0
    moment = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: moment[0])
    rate = 5
    buckets = [Bucket(rate, rate, at=0.0) for _ in range(processes)]
    for tick in range(seconds * 20):
        moment[0] = tick / 20
        with clock.at(start + timedelta(seconds=moment[0])):
            passed += sum(taken(bucket, session_id, together=together) for bucket in buckets)
    return passed


def taken(bucket: Bucket, session_id: uuid.UUID, *, together: bool) -> bool:
    """As the socket does it."""
    try:
        if bucket.take() == 0:
            if bucket.low and together:
                limits.check_messages(session_id)
            return True
    except TooFast:
        pass
    return False


def test_the_messages_of_a_session_are_limited_over_all_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = accepted(1, monkeypatch, together=False)
    assert alone == pytest.approx(5 + 30 * 5, abs=2)
    assert accepted(1, monkeypatch) == alone, "one process by itself is never counted out"
    most = 30 * 5 * (limits.WINDOW + 0.5) / limits.WINDOW
    assert accepted(2, monkeypatch, together=False) > 1.9 * alone
    assert accepted(2, monkeypatch) <= most + 2 * 5 + limits.WINDOW * 5
    assert accepted(4, monkeypatch) <= most + 4 * 5 + limits.WINDOW * 5


def test_who_writes_calmly_isnt_counted_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: moment[0])
    bucket = Bucket(5, 5, at=0.0)
    for number in range(20):
        moment[0] = number * 0.4
        assert (bucket.take(), bucket.low) == (0, False)
    assert not Bucket(0, 0).low


def test_a_socket_in_a_hurry_is_told_that_others_of_its_session_write(
    transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CC_GUEST_MESSAGES_PER_SECOND = 2
    monkeypatch.setattr(limits, "WINDOW", 3600)
    made = factories.guest(factories.deployment(), token="hurried")
    for _ in range(math.ceil(2 * 3600.5)):
        limits.check_messages(made.id)

    async def say() -> list[str]:
        socket = WebsocketCommunicator(GuestConsumer.as_asgi(), f"/v1?deploymentId={made.deployment_id}")
        await socket.connect(timeout=5)
        found = []
        own = {"token": "hurried", "deploymentId": str(made.deployment_id)}
        message = {"action": "onMessage", "message": {"type": "Text", "text": "Hello"}, "tracingId": "x", **own}
        for frame in ({"action": "configureSession", **own}, message, message):
            await socket.send_to(json.dumps(frame))
            answer = json.loads(await socket.receive_from(timeout=5))
            check_frame(answer)
            found.append(answer["class"])
        await socket.disconnect()
        return found

    assert asyncio.run(say()) == ["SessionResponse", "StructuredMessage", "TooManyRequestsErrorMessage"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind", "found"),
    [
        ("10.0.0.1", None, True, "10.0.0.1"),
        ("10.0.0.1", "8.8.8.8", True, "8.8.8.8"),
        ("10.0.0.1", "6.6.6.6, 8.8.8.8", True, "8.8.8.8"),
        ("8.8.4.4", "6.6.6.6", False, "8.8.4.4"),
    ],
)
def test_who_asks_is_the_peer_or_what_our_own_proxy_says(
    settings: Settings, peer: str, forwarded: str | None, behind: bool, found: str
) -> None:
    settings.CC_BEHIND_PROXY = behind
    assert limits.client_address(peer, forwarded) == found


@pytest.mark.parametrize("address", ["", "unix", "127.0.0.1", "::1", "192.168.1.1", "fe80::1", "169.254.1.1"])
def test_what_isnt_a_public_address_isnt_one_person(address: str) -> None:
    assert not limits.is_public(address)


def test_sizes_are_settings_and_a_deployment_narrows_files(deployment: Deployment, settings: Settings) -> None:
    from channels_app.messenger.actions.deployments import do_configure_deployment

    settings.CC_GUEST_TEXT_BYTES, settings.CC_GUEST_ATTRIBUTES_BYTES = 10, 20
    assert (own_limits().text_bytes, own_limits().custom_attributes_bytes) == (10, 20)
    do_configure_deployment(deployment.id, {"file_types": ["image/png"], "max_file_size_kb": 5})
    deployment.refresh_from_db()
    narrowed = policy_of(deployment).limits
    assert (narrowed.file_types, narrowed.max_file_size_kb, narrowed.text_bytes) == (("image/png",), 5, 10)


# --- what is said about a conversation -----------------------------------------------------------


def test_attributes_of_messages_are_merged_and_the_newest_remain_past_the_limit(
    deployment: Deployment, settings: Settings
) -> None:
    settings.CC_GUEST_ATTRIBUTES_BYTES = 30
    made = factories.guest(deployment)

    def say(**attributes: str) -> dict[str, str]:
        request = frames.OnMessage(token="t", text="Hello", custom_attributes=attributes)
        place = session.receive(made, deployment, request, {}).place
        found: dict[str, str] = Conversation.objects.get(id=place["conversation"]).attributes
        return found

    assert say(page="returns") == {"page": "returns"}
    assert say(plan="gold") == {"page": "returns", "plan": "gold"}
    assert say(page="orders") == {"page": "orders", "plan": "gold"}
    assert say() == {"page": "orders", "plan": "gold"}
    assert say(basket="x" * 20) == {"basket": "x" * 20}


def test_a_messages_own_attributes_come_back_with_it_and_are_no_metadata(deployment: Deployment) -> None:
    made = factories.guest(deployment)
    request = frames.OnMessage(
        token="t", text="Hello", custom_attributes={"page": "returns"}, metadata={"customMessageId": "c"}
    )
    body = session.receive(made, deployment, request, {}).frame["body"]
    assert body["channel"]["metadata"] == {"customAttributes": {"page": "returns"}}
    assert set(body["metadata"]) == {"correlationId", "customMessageId"}


# --- a challenge of the installation's own -------------------------------------------------------


def humans_only(challenged: ChallengeRequest) -> bool:
    """As a company would write one."""
    return challenged.answer == "I am human"


def test_a_challenge_decides_who_may_configure_a_session(deployment: Deployment, settings: Settings) -> None:
    settings.CC_GUEST_CHALLENGE = f"{__name__}.humans_only"
    session.configure(deployment, request_of(deployment, "a"), challenged(deployment, "I am human"))
    with pytest.raises(ChallengeFailed) as refused:
        session.configure(deployment, request_of(deployment, "b"), challenged(deployment, "beep"))
    assert (refused.value.status, refused.value.message) == (403, "Try to authenticate again")
    assert GuestSession.objects.count() == 1


def test_without_a_challenge_everybody_may(settings: Settings) -> None:
    assert settings.CC_GUEST_CHALLENGE == ""
    check_challenge(ChallengeRequest("d", PUBLIC, None, None))


def test_the_answer_to_a_challenge_comes_in_data() -> None:
    raw = '{"action":"configureSession","token":"t","deploymentId":"d","data":{"challenge":"I am human"}}'
    request = frames.parse(raw)
    assert isinstance(request, frames.ConfigureSession)
    assert request.challenge == "I am human"
