"""What an adapter reads, applied: edits, removals, reactions, echoes, consent, windows, in whatever order they come."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import User
from channels_app.actions import payloads, sending
from channels_app.actions.outbound import OptedOut, WindowOver, do_begin, do_reply
from channels_app.actions.payloads import Raw, Taken, take
from channels_app.adapters import values
from channels_app.adapters.fake.adapter import SIGNATURE, sign
from channels_app.adapters.values import Inbound, Sender
from channels_app.models import Channel, Consent, Conversation, Delivery, InboundPayload, Message
from contactcenter.kernel import clock
from tests import factories
from tests.channels_app.sends import NINE, reply, send_at

pytestmark = pytest.mark.django_db
JONAS = Sender("jonas", name="Jonas", verified=True)
LATER = datetime(2026, 11, 23, 9, tzinfo=UTC)


def taken(channel: Channel, *found: Inbound) -> Taken:
    return take(channel, Raw(b"{}", {}), found)


def only() -> Message:
    return Message.objects.exclude(kind="system").get()


def message(key: str = "m1", text: str = "Hello", **more: Any) -> values.InboundMessage:
    return values.InboundMessage(key, JONAS, text, **more)


def test_an_edit_shows_the_new_text_and_that_it_was_edited(channel: Channel) -> None:
    taken(channel, message(), values.Edited("m1", "Hello!"))
    assert (only().text, only().edited_at is not None) == ("Hello!", True)


def test_what_was_taken_back_is_removed_and_an_edit_of_it_changes_nothing(channel: Channel) -> None:
    taken(channel, message(), values.Removed("m1"), values.Edited("m1", "Too late"))
    assert (only().text, only().removed_at is not None) == ("Hello", True)


def test_an_edit_before_its_message_waits_and_is_applied_once_it_is_there(channel: Channel) -> None:
    with clock.at(NINE):
        early = taken(channel, values.Edited("m1", "Hello!"))
    assert early.state == InboundPayload.State.WAITING
    taken(channel, message())
    assert only().text == "Hello"
    assert not payloads.waiting(NINE).exists(), "not at once"
    (due,) = payloads.waiting(NINE + timedelta(minutes=1))
    kept = Message.objects.values_list("text", flat=True)
    request = json.dumps({"events": [{"type": "edit", "message_id": "m1", "text": "Hello!"}]}).encode()
    InboundPayload.objects.filter(id=due.id).update(body=request)
    assert payloads.replay(due.id)
    assert list(kept.exclude(kind="system")) == ["Hello!"]


def test_an_edit_whose_message_never_comes_fails_after_ten_minutes_and_says_so(channel: Channel) -> None:
    with clock.at(NINE):
        taken(channel, values.Edited("m1", "Hello!"))
    payload = InboundPayload.objects.get()
    request = json.dumps({"events": [{"type": "edit", "message_id": "m1", "text": "Hello!"}]}).encode()
    InboundPayload.objects.update(body=request)
    with clock.at(NINE + timedelta(minutes=9)):
        assert not payloads.replay(payload.id)
    payload.refresh_from_db()
    assert (payload.state, payload.retry_at) == ("waiting", NINE + timedelta(minutes=10))
    with clock.at(NINE + timedelta(minutes=11)):
        assert not payloads.replay(payload.id)
    payload.refresh_from_db()
    assert (payload.state, payload.retry_at) == ("failed", None)
    assert "hasn't come yet" in payload.error


def test_a_value_that_cant_be_applied_holds_up_none_of_its_siblings(channel: Channel) -> None:
    found = taken(channel, message("m1", "One"), values.Removed("gone"), message("m2", "Two"))
    assert [one.fault.partition(":")[0] for one in found.applied] == ["", "Later", ""]
    assert sorted(Message.objects.values_list("text", flat=True)) == ["One", "Two"]


def test_a_reaction_is_a_row_about_its_message_and_can_be_taken_back(channel: Channel, ana: User) -> None:
    taken(channel, message())
    answer = reply(only().conversation, ana, "Hi")
    send_at(NINE)
    ours = answer.parts.get().provider_id or ""
    taken(channel, values.Reacted("r1", JONAS, ours, "👍"), values.Reacted("r2", JONAS, ours, ""))
    first, second = Message.objects.filter(content__0__type="reaction").order_by("seq")
    assert first.content[0]["target_message_id"] == str(answer.message_id)
    assert [one.content[0]["action"] for one in (first, second)] == ["add", "remove"]


def test_a_postback_says_what_was_pressed_and_what_stands_behind_it(channel: Channel) -> None:
    taken(channel, values.Postback("p1", JONAS, "track", "Track my parcel"))
    assert only().content[0] == {
        "type": "button_response",
        "kind": "button",
        "text": "Track my parcel",
        "payload": "track",
        "origin_message_id": None,
    }


def test_what_cant_be_read_is_seen_as_such(channel: Channel) -> None:
    taken(channel, values.Unreadable("s1", JONAS, "encrypted"))
    assert only().content == [{"type": "unsupported", "why": "encrypted"}]


def test_what_the_company_wrote_elsewhere_is_an_agents_message_without_an_agent(channel: Channel) -> None:
    taken(channel, message(), values.Echo("e1", JONAS, "From the app"))
    echo = Message.objects.get(direction="outbound", kind="text")
    assert (echo.text, echo.author_kind, echo.author_id, echo.delivery.state) == ("From the app", "agent", None, "sent")
    taken(channel, values.Echo("e1", JONAS, "From the app"))
    assert Message.objects.filter(direction="outbound", kind="text").count() == 1
    taken(channel, values.InboundReceipt("e1", values.ReceiptState.READ))
    assert Delivery.objects.get().state == "read"


def test_an_echo_of_our_own_message_is_left_alone_also_while_it_is_on_its_way(channel: Channel, ana: User) -> None:
    taken(channel, message())
    mine = reply(only().conversation, ana, "Hi")
    with clock.at(NINE):
        (claim,) = sending.do_claim()
    assert taken(channel, values.Echo("other", JONAS, "Hi")).state == InboundPayload.State.WAITING
    known = taken(channel, values.Echo("any", JONAS, "Hi", idempotency_key=str(mine.message_id)))
    assert known.applied[0].ignored is values.IgnoredReason.OWN_MESSAGE
    sending.do_record(claim, sending.Outcome(parts=1, sent={0: values.Sent("p-1")}))
    assert taken(channel, values.Echo("p-1", JONAS, "Hi")).applied[0].ignored is values.IgnoredReason.OWN_MESSAGE
    assert Message.objects.filter(direction="outbound").count() == 1


def test_the_thread_that_a_message_answers_to_wins_over_its_own(channel: Channel) -> None:
    taken(channel, message("a", "One", thread_key="t1"), message("b", "Two", thread_key="t2"))
    taken(channel, message("c", "Again", thread_key="t3", in_reply_to=["unknown", "a"]))
    taken(channel, message("d", "Stranger", thread_key="t4", in_reply_to=["unknown"]))
    threads = dict(Message.objects.values_list("text", "conversation__thread_key"))
    assert threads == {"One": "t1", "Two": "t2", "Again": "t1", "Stranger": "t4"}


def test_nobody_joins_another_customers_thread_by_naming_a_message_of_it(channel: Channel) -> None:
    taken(channel, message("a", "One", thread_key="t1"))
    stranger = values.InboundMessage("x", Sender("marta"), "Hello", thread_key="t9", in_reply_to=["a"])
    taken(channel, stranger)
    assert Conversation.objects.get(address__external_id="marta").thread_key == "t9"


def test_an_answer_names_what_was_said_before_the_newest_first(channel: Channel, ana: User) -> None:
    taken(channel, message("a", "One"), message("b", "Two"))
    conversation = Conversation.objects.get()
    first = reply(conversation, ana, "Hi")
    send_at(NINE)
    reply(conversation, ana, "And?")
    with clock.at(NINE):
        (claim,) = sending.do_claim()
    assert list(claim.message.in_reply_to) == [first.parts.get().provider_id, "b", "a"]


def test_where_a_customer_comes_from_is_kept_on_the_conversation(channel: Channel) -> None:
    taken(channel, message(referral=values.Referral(source="ad", ref="autumn")))
    assert Conversation.objects.get().attributes == {"referral.source": "ad", "referral.ref": "autumn"}


def test_the_providers_own_time_is_kept_beside_ours(channel: Channel) -> None:
    with clock.at(NINE + timedelta(hours=2)):
        taken(channel, message(at=NINE))
    assert only().created_at > NINE + timedelta(hours=1)
    assert only().metadata["_sent_at"] == NINE.isoformat()


# --- what the customer allows ------------------------------------------------------------------


def test_a_window_lets_free_messages_out_until_it_ends_and_templates_past_it(channel: Channel, ana: User) -> None:
    taken(channel, message(), values.WindowOpened(JONAS, LATER), values.WindowOpened(JONAS, NINE))
    conversation = Conversation.objects.get()
    assert conversation.window_expires_at == LATER, "it never shrinks"
    with clock.at(LATER - timedelta(seconds=1)):
        do_reply(conversation.id, author=ana, text="In time")
    with clock.at(LATER), pytest.raises(WindowOver):
        do_reply(conversation.id, author=ana, text="Too late")
    assert not Message.objects.filter(text="Too late").exists()


@pytest.mark.parametrize(
    "said", [values.ConsentChanged(JONAS, given=False, proof="STOP"), values.Followed("f", JONAS, following=False)]
)
def test_who_opted_out_isnt_written_to_first_until_they_opt_in_again(channel: Channel, said: Inbound) -> None:
    do_begin(channel, JONAS, author=Message.Author.SYSTEM, text="Welcome")
    taken(channel, said, said)
    assert Consent.objects.count() == 1
    with pytest.raises(OptedOut):
        do_begin(channel, JONAS, author=Message.Author.SYSTEM, text="News")
    assert "opted_out" in [one.content[0]["kind"] for one in Message.objects.filter(kind="system")]
    taken(channel, values.ConsentChanged(JONAS, given=True))
    assert do_begin(channel, JONAS, author=Message.Author.SYSTEM, text="News").text == "News"


def test_a_conversation_that_the_company_begins_rests_until_the_customer_answers(channel: Channel, ana: User) -> None:
    with clock.at(NINE):
        begun = do_begin(channel, Sender("eva"), author=Message.Author.FLOW, text="Your order is ready", client_id="c")
        again = do_begin(channel, Sender("eva"), author=Message.Author.FLOW, text="Your order is ready", client_id="c")
    conversation = begun.conversation
    assert (begun.id, conversation.state, conversation.ends_at) == (again.id, "resting", NINE + channel.window)
    assert (begun.author_kind, begun.author_id, begun.delivery.state) == ("flow", None, "queued")
    factories.said(channel, "eva", "I come at five")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.last_seq) == ("active", 2)
    do_begin(channel, Sender("eva"), author=ana, text="Bring the slip")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.last_seq) == ("active", 3), "who talks already just gets the message"


@pytest.mark.parametrize("author", [Message.Author.BOT, Message.Author.FLOW, Message.Author.SYSTEM])
def test_whoever_speaks_for_the_company_is_kept_as_what_they_are(
    channel: Channel, ana: User, author: Message.Author
) -> None:
    conversation = factories.said(channel).conversation_id
    assert do_reply(conversation, author=author, text="Hi").author_kind == author
    by_agent = do_reply(conversation, author=ana, text="Hi")
    assert (by_agent.author_kind, by_agent.author_id) == ("agent", ana.id)


# --- the account -------------------------------------------------------------------------------


def test_news_of_the_account_reach_the_admin_and_its_mending_too(channel: Channel) -> None:
    taken(channel, values.AccountEvent("The token ends in two days", healthy=False))
    channel.refresh_from_db()
    assert (channel.health, channel.health_note) == ("failing", "The token ends in two days")
    taken(channel, values.AccountEvent("Only news"))
    taken(channel, values.AccountEvent("Renewed", healthy=True))
    channel.refresh_from_db()
    assert channel.health == "ok"


def test_what_is_ignored_says_why(channel: Channel) -> None:
    taken(channel, values.Ignored(values.IgnoredReason.NOT_USED, "billing"))
    assert InboundPayload.objects.get().ignored == [["not_used", "billing"]]


# --- the one address of a kind -----------------------------------------------------------------


def post(client: Client, body: dict[str, Any], secret: str, path: str = "/webhooks/fake/", **headers: str) -> Any:
    raw = json.dumps(body).encode()
    return client.post(path, raw, content_type="application/json", headers={SIGNATURE: sign(raw, secret), **headers})


def events(*names: str) -> Sequence[dict[str, Any]]:
    return [{"type": "message", "id": name, "from": {"id": "jonas"}, "text": name} for name in names]


def test_a_kinds_own_address_finds_the_account_in_the_payload(client: Client) -> None:
    mine, other = factories.channel(), factories.channel()
    Channel.objects.filter(id=mine.id).update(account_id="acme")
    body = {"account": "acme", "events": events("m1")}
    assert post(client, body, factories.SECRET).status_code == 200
    assert Message.objects.get().conversation.channel_id == mine.id
    assert post(client, {"account": "nobody", "events": events("m2")}, factories.SECRET).status_code == 404
    Channel.objects.filter(id=other.id).update(account_id="other", secrets="")
    assert post(client, {"account": "other", "events": events("m3")}, factories.SECRET).status_code == 403
    assert post(client, {"events": events("m4")}, factories.SECRET).status_code == 404
    assert client.post("/webhooks/fax/", b"{}", content_type="application/json").status_code == 404
    assert Message.objects.count() == 1


def test_a_provider_reads_what_became_of_what_it_sent(client: Client, channel: Channel) -> None:
    body = {"events": [*events("m1"), {"type": "billing"}, {"type": "edit", "message_id": "gone", "text": "x"}]}
    path = f"/webhooks/{channel.id}/"
    answer = post(client, body, factories.SECRET, path, **{"x-fake-reply": "ids"})
    message_id, ignored, late = answer.json()["values"]
    assert (uuid.UUID(message_id), ignored, late) == (Message.objects.get().id, "not_used", "Later")
    assert post(client, {"events": events("m2")}, factories.SECRET, path).content == b""
