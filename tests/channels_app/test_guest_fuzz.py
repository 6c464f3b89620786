"""Garbage over a live socket: whatever comes, it is answered or passed over, and the socket goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.messenger.models import Deployment
from channels_app.models import Channel, Message
from tests.channels_app.client import StrictGuest
from tests.channels_app.test_frames import json_like, near_valid
from tests.product import Product

LIVE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
ACTIONS = st.sampled_from([
    "configureSession", "configureAuthenticatedSession", "onMessage", "onAttachment", "getAttachment",
    "deleteAttachment", "echo", "getJwt", "getConfiguration", "resumeToken", "nothing we know",
])  # fmt: skip


@pytest.fixture
def guest(product: Product) -> Iterator[StrictGuest]:
    channel = Channel.objects.create(kind="webmessaging", name="Shop")
    made = StrictGuest(product.url, Deployment.objects.create(channel=channel, name="Shop page").id)
    made.configure()
    yield made
    made.close()


def lives_on(guest: StrictGuest) -> None:
    """An ordinary request is answered, after whatever the garbage was answered with; each answer has its shape."""
    answer = guest.ask("getConfiguration", deploymentId=guest.deployment)
    assert answer["class"] in {"GetConfigurationResponse", "TooManyRequestsErrorMessage"}


@LIVE
@given(raw=st.text(st.characters(codec="utf-8")) | st.binary())
def test_any_text_or_bytes_leave_the_socket_open(guest: StrictGuest, raw: str | bytes) -> None:
    guest.send(raw)
    lives_on(guest)


@LIVE
@given(action=ACTIONS, fields=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), json_like, max_size=4))
def test_any_fields_of_any_action_leave_the_socket_open(
    guest: StrictGuest, action: str, fields: dict[str, Any]
) -> None:
    guest.send(json.dumps({**fields, "action": action, "token": guest.token}))
    lives_on(guest)


@LIVE
@given(raw=near_valid())
def test_frames_close_to_valid_ones_leave_the_socket_open(guest: StrictGuest, raw: str) -> None:
    frame = raw.replace('"tok"', json.dumps(guest.token))
    if '"closeSession"' not in frame:
        guest.send(frame)
    lives_on(guest)


def test_what_was_garbage_is_not_in_the_conversation(guest: StrictGuest) -> None:
    guest.send('{"action":"onMessage","token":1}')
    guest.send("\x00")
    guest.say("Real")
    assert list(Message.objects.values_list("text", flat=True)) == ["Real"]
