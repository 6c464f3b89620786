"""How a guest's conversation begins, who joins it, how it is cleared: over real sockets and by the strict client."""

from __future__ import annotations

import uuid

from channels_app.actions.outbound import do_reply
from channels_app.messenger.models import Deployment
from channels_app.models import Conversation, Message
from contactcenter.kernel import live
from tests.channels_app.client.guest import Frame, presence_of, text_of
from tests.channels_app.conftest import Opener
from tests.channels_app.talks import ana, configured, do_connect, do_finish, tab_of, talking, two_tabs


def presences(entities: list[Frame]) -> list[str | None]:
    """What each one of a history tells of somebody's coming or going, if it does."""
    return [presence_of({"class": "StructuredMessage", "body": one}) for one in entities]


# --- a join starts it -----------------------------------------------------------------------------


def test_a_join_starts_the_conversation_where_that_is_on(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, auto_start=True)
    jonas = guest()
    assert jonas.configure()["autoStarted"] is False
    jonas.presence("Join", channel={"metadata": {"customAttributes": {"page": "returns"}}})
    assert jonas.until_presence("Join")["body"]["direction"] == "Inbound"
    started = Conversation.objects.get()
    assert (started.state, started.attributes) == ("active", {"page": "returns"})
    assert guest(token=jonas.token).configure()["autoStarted"] is True
    jonas.presence("Join")
    jonas.until_presence("Join")
    assert Message.objects.count() == 1


def test_a_join_starts_nothing_where_that_is_off_and_its_attributes_go_with_the_first_message(guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    jonas.presence("Join", channel={"metadata": {"customAttributes": {"page": "returns"}}})
    jonas.until_presence("Join")
    assert not Conversation.objects.exists()
    jonas.say("Hello")
    assert Conversation.objects.get().attributes == {"page": "returns"}


def test_the_history_begins_with_the_join_that_began_it(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, auto_start=True, conversation_disconnect="read_only")
    jonas = guest()
    jonas.configure()
    jonas.presence("Join")
    jonas.until_presence("Join")
    do_finish()
    jonas.until_presence("Disconnect")
    assert presences(jonas.history()) == ["Join", "Disconnect"]


# --- who joined -----------------------------------------------------------------------------------


def test_who_joins_is_told_with_name_and_picture_to_those_who_asked(guest: Opener) -> None:
    plain, curious = two_tabs(guest, features="notices,receipts")
    do_connect(ana())
    join = curious.until_presence("Join")
    assert join["body"]["channel"]["from"]["nickname"] == ana().nickname
    assert plain.hears_nothing()
    do_finish()
    curious.until_presence("Disconnect")
    assert presences(curious.history(features="notices")) == [None, "Join", "Disconnect"]
    assert presences(plain.history()) == [None, "Disconnect"]


def test_without_humanize_nobody_is_named(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, humanize=False)
    jonas = talking(guest, features="notices")
    do_connect(ana())
    assert jonas.until_presence("Join")["body"]["channel"]["from"] == {}
    do_reply(Conversation.objects.get().id, author=ana(), text="Good day")
    assert jonas.until(lambda frame: text_of(frame) == "Good day")["body"]["channel"]["from"] == {}
    assert all("Ana" not in str(entity) for entity in jonas.history())


# --- clear ----------------------------------------------------------------------------------------


def test_a_cleared_conversation_is_gone_for_both_tabs_and_isnt_shown_again(guest: Opener) -> None:
    jonas = talking(guest, "A secret")
    tab = tab_of(jonas, guest)
    jonas.presence("Clear")
    jonas.until_class("SessionClearedEvent")
    assert presence_of(jonas.next()) == "Clear", "first the session's event, then the guest's own"
    assert jonas.next()["class"] == "ConnectionClosedEvent"
    tab.until_class("SessionClearedEvent")
    assert tab.next()["class"] == "ConnectionClosedEvent"
    assert jonas.hears_nothing(1), "each is told once"
    assert tab.hears_nothing(0.5)
    assert jonas.history() == []
    assert Conversation.objects.get().end_reason == "cleared"


def test_who_comes_back_after_a_clear_has_a_new_session_once(guest: Opener) -> None:
    """As the mobile SDK's own tests do: clear, be told of the closing, connect with the same token, go on."""
    jonas = talking(guest, "A secret")
    jonas.presence("Clear")
    jonas.until_class("ConnectionClosedEvent")
    jonas.close()
    back = guest(token=jonas.token)
    assert back.configure()["newSession"] is True
    assert guest(token=jonas.token).configure()["newSession"] is False
    back.say("Anew")
    assert [one.get("text") for one in back.history()] == ["Anew"]
    assert guest(token=jonas.token).configure()["newSession"] is False


def test_a_client_that_doesnt_close_after_a_clear_may_go_on_and_ours_isnt_asked_to(guest: Opener) -> None:
    jonas = talking(guest, "A secret")
    own = tab_of(jonas, guest, features="notices")
    jonas.presence("Clear")
    jonas.until_class("ConnectionClosedEvent")
    own.until_class("SessionClearedEvent")
    assert own.hears_nothing(0.5)
    assert jonas.say("On")["text"] == "On"
    assert text_of(own.next()) == "On"


def test_where_clearing_is_off_it_is_refused_with_the_sentence_that_clients_know(
    deployment: Deployment, guest: Opener
) -> None:
    configured(deployment, conversation_clear=False)
    jonas = talking(guest, "Stays")
    events = [{"eventType": "Presence", "presence": {"type": "Clear"}}]
    refused = jonas.ask("onMessage", message={"type": "Event", "events": events})
    assert (refused["code"], refused["body"]) == (403, "Presence events Conversation Clear are not supported")
    assert Conversation.objects.get().state == "active"


# --- typing, files --------------------------------------------------------------------------------


def test_typing_is_refused_where_it_is_off_and_passed_on_where_it_isnt(deployment: Deployment, guest: Opener) -> None:
    jonas = talking(guest)
    address = Conversation.objects.get().address_id
    live.publish(f"guest:{address}", {"typing": {"agent": "Ana"}})
    typing = jonas.until(lambda frame: frame["class"] == "StructuredMessage" and frame["body"]["type"] == "Event")
    assert typing["body"]["events"][0]["typing"] == {"type": "On", "duration": 5000}
    configured(deployment, typing_agent=False, typing_customer=False)
    strict = tab_of(jonas, guest)
    events = [{"eventType": "Typing", "typing": {"type": "On"}}]
    refused = strict.ask("onMessage", message={"type": "Event", "events": events})
    assert (refused["code"], refused["body"]) == (403, "Turn on the Feature Toggle or fix the configuration.")
    live.publish(f"guest:{address}", {"typing": {"agent": "Ana"}})
    assert strict.hears_nothing()


def test_where_files_are_off_none_is_taken(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, attachments=False)
    jonas = guest()
    jonas.configure()
    own = str(uuid.uuid4())
    wanted = {"fileName": "a.png", "fileType": "image/png", "fileSize": 10, "attachmentId": own}
    assert jonas.ask("onAttachment", **wanted)["code"] == 4000
    refused = jonas.ask("onAttachment", **wanted, errorsAsJson=True)
    assert (refused["class"], refused["body"]["errorCode"]) == ("GenerateUrlError", 4000)
