"""What is done with a channel's account at its provider: files, names, credentials, health, limits, the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from agents.models import User
from channels_app import tasks
from channels_app.actions import accounts, fetching, sending
from channels_app.actions.payloads import Raw, take
from channels_app.actions.rates import do_prune_buckets
from channels_app.adapters.values import InboundMessage, RemoteFile, Sender
from channels_app.events import StaffReceipt
from channels_app.models import Attachment, Channel, Contact, Conversation, Message, ProviderCall, RateBucket
from channels_app.tasks import fetch_due, look_after
from contactcenter.kernel import clock
from contactcenter.kernel.events import Recorded
from tests import factories
from tests.channels_app import pictures
from tests.channels_app.fake_api import FakeApi, serving
from tests.channels_app.sends import MINUTE, NINE, reply, send_at, state

TOKEN = "token-of-the-account"


@pytest.fixture
def api(settings: Settings) -> Iterator[FakeApi]:
    settings.CC_OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    with serving() as served:
        yield served


@pytest.fixture
def channel(db: None, api: FakeApi) -> Channel:
    return channel_at(api)


def channel_at(api: FakeApi) -> Channel:
    made = factories.channel()
    made.settings = {"api_url": api.url, "send_url": f"{api.url}/messages"}
    made.credentials = {"token": TOKEN}
    made.save()
    return made


def pictured(channel: Channel, ref: str = "f1", name: str = "") -> Attachment:
    """A customer's message with a picture that lies with the provider."""
    file = RemoteFile({"media": ref}, name, "image/png")
    with clock.at(NINE):
        take(channel, Raw(b"{}", {}), [InboundMessage(f"m-{ref}", Sender("jonas", name="Jonas"), "Look", files=[file])])
    return Attachment.objects.get(remote_ref={"media": ref})


def fetched(at: timedelta = timedelta(0)) -> list[bool]:
    with clock.at(NINE + at):
        return [fetching.fetch(one) for one in fetching.do_claim_fetches()]


# --- files -------------------------------------------------------------------------------------


def test_a_customers_file_is_fetched_by_the_accounts_token_and_stored_like_an_upload(
    channel: Channel, api: FakeApi
) -> None:
    file = pictured(channel)
    message = file.message
    assert message is not None
    assert (file.state, message.content[0]["id"]) == ("fetching", str(file.id))
    api.says("/media/f1", pictures.picture("PNG"))
    before = message.changed_seq
    assert fetched() == [True]
    file.refresh_from_db()
    message.refresh_from_db()
    assert (file.state, file.mime, file.filename, file.width is not None) == ("uploaded", "image/png", "file.png", True)
    assert (message.content[0]["mime"], message.content[0]["size"]) == ("image/png", file.size)
    assert message.changed_seq > before, "threads see it"
    assert api.asked[0][:3] == ("GET", "/media/f1", f"Bearer {TOKEN}")
    assert fetched(MINUTE) == [], "once"


def test_a_file_that_cant_be_had_now_is_tried_again_and_one_that_is_gone_is_marked(
    channel: Channel, api: FakeApi
) -> None:
    file = pictured(channel)
    api.says("/media/f1", status=503)
    assert fetched() == [False]
    assert fetched(timedelta(seconds=5)) == [], "not at once"
    api.answers["/media/f1"] = [(410, {}, b"")]
    assert fetched(MINUTE) == [False]
    file.refresh_from_db()
    assert (file.state, file.reason, file.fetch_at) == ("rejected", fetching.GONE, None)
    assert Message.objects.get().text == "Look", "the message stays"
    assert [one.status for one in ProviderCall.objects.order_by("id")] == [503, 410]


def test_a_dangerous_file_is_refused_and_nothing_of_it_stays(channel: Channel, api: FakeApi, media: object) -> None:
    file = pictured(channel)
    api.says("/media/f1", b"<svg onload='alert(1)'/>")
    assert fetched() == [False]
    file.refresh_from_db()
    assert (file.state, file.storage_key) == ("rejected", "")


def test_a_fetcher_that_died_leaves_the_file_to_the_next(channel: Channel, api: FakeApi) -> None:
    pictured(channel)
    with clock.at(NINE):
        assert len(fetching.do_claim_fetches()) == 1
        assert fetching.do_claim_fetches() == []
    with clock.at(NINE + fetching.LEASE):
        assert len(fetching.do_claim_fetches()) == 1


# --- names and signals -------------------------------------------------------------------------


def test_a_new_customers_name_is_asked_for_and_one_that_is_known_stays(channel: Channel, api: FakeApi) -> None:
    conversation = Conversation.objects.get(id=factories.said(channel).conversation_id)
    Contact.objects.update(name="")
    api.says("/profiles/jonas", {"name": "Jonas Weber", "locale": "de"})
    assert accounts.fetch_profile(conversation.id)
    assert Contact.objects.get().name == "Jonas Weber"
    assert not accounts.fetch_profile(conversation.id)
    assert len(api.asked) == 1


def test_typing_and_read_marks_go_to_a_provider_that_takes_them_and_to_no_other(channel: Channel, api: FakeApi) -> None:
    said = factories.said(channel, key="m1")
    api.says("/signals")
    assert accounts.signal(said.conversation_id, "typing")
    assert accounts.signal(said.conversation_id, "read")
    assert '"kind":"read","to":"jonas","message_id":"m1"' in api.asked[1][3].replace(" ", "")
    silent = factories.said(factories.channel())
    assert not accounts.signal(silent.conversation_id, "typing")
    api.answers["/signals"] = [(500, {}, b"")]
    assert not accounts.signal(said.conversation_id, "typing"), "lost is lost"


def test_a_worker_is_asked_to_signal_only_where_a_provider_takes_it(
    channel: Channel, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(tasks, "_signal_soon", lambda *key: asked.append(key))
    ours = factories.deployment()
    theirs, mine = factories.said(channel), factories.guest_said(factories.guest(ours), ours)
    for message in (theirs, mine):
        found = Conversation.objects.get(id=message.conversation_id)
        tasks.signal_soon(found.id, found.channel_id, "typing")
        event = StaffReceipt(conversation_id=found.id, state="read", seq=1, change_seq=2)
        tasks.nudge_sender([Recorded(found.id, NINE, event, found)])
    assert asked == [(str(theirs.conversation_id), "typing"), (str(theirs.conversation_id), "read")]


# --- credentials and health --------------------------------------------------------------------


def test_credentials_that_end_are_renewed_and_no_other(channel: Channel, api: FakeApi) -> None:
    Channel.objects.filter(id=channel.id).update(credentials_expire_at=NINE + MINUTE)
    lasting = factories.channel()
    api.says("/token", {"token": "a-fresh-token", "expires_in": 3600})
    with clock.at(NINE):
        assert list(accounts.ending(NINE)) == [channel]
        look_after()
    channel.refresh_from_db()
    assert channel.credentials == {"token": "a-fresh-token"}
    assert channel.credentials_expire_at == NINE + timedelta(hours=1)
    lasting.refresh_from_db()
    assert lasting.credentials == {}
    call = ProviderCall.objects.get()
    assert "a-fresh-token" not in call.response
    assert factories.SECRET not in call.request


def test_a_refused_renewal_shows_on_the_channel_and_is_tried_again(channel: Channel, api: FakeApi) -> None:
    Channel.objects.filter(id=channel.id).update(credentials_expire_at=NINE + MINUTE)
    api.says("/token", status=403)
    with clock.at(NINE):
        assert not accounts.refresh(channel)
    channel.refresh_from_db()
    assert (channel.health, channel.credentials) == ("failing", {"token": TOKEN})
    assert not accounts.ending(NINE).exists()
    assert accounts.ending(NINE + MINUTE).exists()


@pytest.mark.parametrize(
    ("status", "told", "ok", "note"),
    [
        (200, {"ok": True, "note": "Number verified"}, True, "Number verified"),
        (200, {"ok": False, "note": "Number blocked"}, False, "Number blocked"),
        (401, {}, False, "status 401"),
    ],
)
def test_an_admin_asks_whether_a_channel_works(
    channel: Channel, api: FakeApi, status: int, told: dict[str, object], ok: bool, note: str
) -> None:
    api.says("/account", told, status=status)
    found = accounts.check(channel)
    channel.refresh_from_db()
    assert (found.ok, found.note, channel.health) == (ok, note, "ok" if ok else "failing")


def test_a_channel_that_isnt_set_up_says_what_is_wrong(db: None) -> None:
    channel = factories.channel()
    channel.settings = {"text_limit": "many"}
    channel.save()
    assert accounts.check(channel).note == "This channel isn't set up: text_limit."


# --- the log of calls --------------------------------------------------------------------------


def test_why_a_send_failed_can_be_read_without_a_secret_in_it(channel: Channel, api: FakeApi, ana: User) -> None:
    conversation = Conversation.objects.get(id=factories.said(channel).conversation_id)
    delivery = reply(conversation, ana, f"My secret is {factories.SECRET}")
    api.says("/messages", {"error": f"bad token {TOKEN}"}, status=400)
    send_at(NINE)
    assert state(delivery) == "failed"
    call = ProviderCall.objects.get()
    assert (call.message_id, call.method, call.status) == (delivery.message_id, "POST", 400)
    assert "My secret is [redacted]" in call.request
    assert "bad token [redacted]" in call.response


# --- limits and pauses -------------------------------------------------------------------------


def test_what_is_past_the_providers_limit_waits_for_its_turn_and_is_no_failed_try(db: None, ana: User) -> None:
    channel = factories.channel()
    channel.settings = {"per_minute": 2}
    channel.save()
    talks = [Conversation.objects.get(id=factories.said(channel, who).conversation_id) for who in ("a", "b", "c")]
    sends = [reply(one, ana, "Hello") for one in talks]
    send_at(NINE)
    assert sorted(state(one) for one in sends) == ["queued", "sent", "sent"]
    (waits,) = [one for one in sends if one.state == "queued"]
    assert (waits.error_code, waits.attempts, waits.first_attempt_at) == ("waits_for_rate", 0, None)
    send_at(NINE + timedelta(seconds=29))
    assert state(waits) == "queued"
    send_at(NINE + timedelta(seconds=31))
    assert state(waits) == "sent"


def test_a_bucket_that_nobody_needs_any_more_is_thrown_away_and_one_in_use_stays(db: None) -> None:
    RateBucket.objects.create(key="old", free_at=NINE - timedelta(days=2))
    RateBucket.objects.create(key="new", free_at=NINE - MINUTE)
    with clock.at(NINE):
        assert do_prune_buckets() == 1
    assert RateBucket.objects.get().key == "new"


@pytest.mark.parametrize(("scope", "others"), [("channel", "sent"), ("app", "queued")])
def test_a_pause_holds_for_the_channel_or_for_all_of_its_app(
    channel: Channel, api: FakeApi, ana: User, scope: str, others: str
) -> None:
    sibling = factories.channel()
    for one in (channel, sibling):
        one.settings = {**one.settings, "app": "shared"}
        one.save()
    talks = [Conversation.objects.get(id=factories.said(one).conversation_id) for one in (channel, sibling)]
    api.says("/messages", status=429, retry_after="60", x_fake_scope=scope)
    mine = reply(talks[0], ana, "Hello")
    send_at(NINE)
    theirs = reply(talks[1], ana, "Hello")
    send_at(NINE + timedelta(seconds=30))
    assert (state(mine), state(theirs)) == ("queued", others)
    api.answers["/messages"] = [(200, {}, b'{"id": "p-1"}')]
    send_at(NINE + timedelta(seconds=61))
    assert (state(mine), state(theirs)) == ("sent", "sent")


def test_a_channel_with_thousands_waiting_holds_up_no_other(db: None, ana: User) -> None:
    busy, calm = factories.channel(), factories.channel()
    for number in range(sending.BATCH * 2):
        talk = Conversation.objects.get(id=factories.said(busy, f"customer-{number}").conversation_id)
        reply(talk, ana, "Hello", NINE)
    late = reply(
        Conversation.objects.get(id=factories.said(calm).conversation_id), ana, "Hello", NINE + timedelta(seconds=1)
    )
    with clock.at(NINE + MINUTE):
        claims = sending.do_claim()
    assert len(claims) == sending.BATCH
    assert late.id in {one.delivery_id for one in claims}


def test_the_task_fetches_what_is_due(transactional_db: None, api: FakeApi) -> None:
    pictured(channel_at(api))
    api.says("/media/f1", pictures.picture("PNG"))
    assert fetch_due() == 1
