"""What the admin only shows: conversations, messages, events and the changes; and failed payloads are replayed."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.formats import date_format

from agents.models import User
from agents.roles import Role
from channels_app.actions.inbound import do_receive
from channels_app.adapters.values import InboundMessage, Sender
from channels_app.models import Channel, Contact, InboundPayload, Message
from tests.admin.data import failed_payload
from tests.admin.pages import client_of, member, no_rows, said, url

pytestmark = pytest.mark.django_db


LOGS = ("channels_app_conversation", "channels_app_contact", "channels_app_message", "channels_app_inboundpayload")
LOGS += ("routing_decision", "reporting_eventrecord", "admin_logentry")


@pytest.mark.parametrize("log", LOGS)
def test_a_log_is_read_only_even_for_a_superuser(log: str) -> None:
    root = client_of(User.objects.create_superuser("root@acme.example", "seven silver spoons", name="Root"))
    assert root.get(url(log, "changelist")).status_code == 200
    assert root.get(url(log, "add")).status_code == 403


def hello(shop: Channel) -> Message:
    inbound = InboundMessage(key="1", sender=Sender("guest-1", name="Jonas Kern"), text="Where is my parcel?")
    return do_receive(shop, inbound).message


def test_a_conversation_shows_its_messages(desk: Client, shop: Channel) -> None:
    message = hello(shop)
    page = said(desk.get(url("channels_app_conversation", "change", message.conversation_id)))
    assert "Where is my parcel?" in page
    assert "Jonas Kern" in page


@pytest.mark.parametrize(("term", "found"), [("Jonas", True), ("guest-1", True), ("Nobody", False)])
def test_a_contact_is_found_by_name_and_address(desk: Client, shop: Channel, term: str, found: bool) -> None:
    hello(shop)
    page = said(desk.get(url("channels_app_contact", "changelist"), {"q": term}))
    assert ("Jonas Kern" in page) is found
    assert ("Nothing matches" in page) is not found


def test_a_contacts_conversations_and_addresses_have_the_time_of_the_readers_zone(desk: Client, shop: Channel) -> None:
    opened = hello(shop).conversation.created_at
    User.objects.filter(pk=desk.session["_auth_user_id"]).update(time_zone="Asia/Tokyo")
    page = said(desk.get(url("channels_app_contact", "change", Contact.objects.get().pk)))
    for zone, shown in ((ZoneInfo("Asia/Tokyo"), True), (UTC, False)):
        assert (date_format(opened.astimezone(zone), "j M Y, H:i") in page) is shown


def test_messages_and_events_are_found_by_the_id_of_their_conversation(desk: Client, shop: Channel) -> None:
    message = hello(shop)
    for log in ("channels_app_message", "reporting_eventrecord"):
        for term, found in ((str(message.conversation_id), True), (str(message.pk.__class__(int=7)), False)):
            assert ("Nothing matches" not in said(desk.get(url(log, "changelist"), {"q": term}))) is found, log


def test_the_history_says_who_changed_what(desk: Client) -> None:
    desk.post(url("agents_skill", "add"), {"name": "German", "kind": "language", **no_rows("user_skills")})
    page = said(desk.get(url("admin_logentry", "changelist")))
    assert "German" in page
    assert "Olga" in page
    assert "Added" in page


GOOD = b'{"events": [{"type": "message", "id": "m1", "from": {"id": "jonas"}, "text": "Hello"}]}'


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize(("body", "applied"), [(GOOD, True), (b"{broken", False)])
def test_a_failed_payload_is_replayed_and_says_how_it_went(body: bytes, applied: bool) -> None:
    desk = client_of(member("Olga", Role.ADMIN))
    channel = Channel.objects.create(kind="fake", name="Test")
    payload = failed_payload(channel, body)
    data = {"action": "replay", "_selected_action": [str(payload.pk)]}
    answer = desk.post(url("channels_app_inboundpayload", "changelist"), data, follow=True)
    assert ("1 payload applied." if applied else "1 payload failed again.") in said(answer)
    payload.refresh_from_db()
    assert (payload.state == InboundPayload.State.APPLIED) is applied
    assert Message.objects.filter(text="Hello").exists() is applied
