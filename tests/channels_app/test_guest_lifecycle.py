"""How a conversation begins, ends and begins anew for its guest, over real sockets and by the strict client."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from agents.models import User
from channels_app.actions.deployments import do_configure_deployment
from channels_app.actions.lifecycle import do_rest
from channels_app.actions.outbound import do_note, do_reply, do_system_line, locked
from channels_app.models import Conversation, Deployment, GuestSession, Message
from contactcenter.kernel import clock, live
from contactcenter.kernel.db import Tx, action
from tests.channels_app.client.guest import presence_of, text_of
from tests.channels_app.conftest import Opener
from tests.product import Product, eventually


def configured(deployment: Deployment, **content: Any) -> None:
    do_configure_deployment(deployment.id, content)


def ana() -> User:
    user, _ = User.objects.get_or_create(email="ana@example.com", defaults={"name": "Ana Almeida"})
    return user


@action
def do_finish(tx: Tx) -> None:
    """As routing does when an agent ends it."""
    do_rest.within(tx, locked(Conversation.objects.get(state="active").id))


@action
def do_connect(tx: Tx, agent: User) -> None:
    """As routing does when an agent accepts."""
    conversation = locked(Conversation.objects.get(state="active").id)
    do_system_line.within(tx, conversation, "connected", {"agent_id": str(agent.id), "kind": "acd"})


# --- the end -----------------------------------------------------------------------------------


def test_the_end_is_told_and_the_guest_may_go_on(guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    do_finish()
    end = jonas.until_presence("Disconnect")
    assert end["body"]["metadata"]["readOnly"] == "false"
    assert end["body"]["direction"] == "Outbound"
    jonas.say("One more thing")
    assert Conversation.objects.get().state == "active"


def test_where_the_end_closes_the_guest_reads_and_begins_anew(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    do_finish()
    assert jonas.until_presence("Disconnect")["body"]["metadata"]["readOnly"] == "true"
    refused = jonas.ask("onMessage", message={"type": "Text", "text": "Wait"})
    assert (refused["class"], refused["code"]) == ("string", 403)
    assert Message.objects.filter(text="Wait").count() == 0
    again = guest(token=jonas.token)
    assert again.configure()["readOnly"] is True
    assert [entity.get("text") for entity in again.history()] == ["Hello", None], "and the end"
    fresh = again.configure(startNew=True)
    assert (fresh["readOnly"], fresh["newSession"]) == (False, True)
    again.say("A new matter")
    assert sorted(Conversation.objects.values_list("state", "end_reason")) == [("active", ""), ("ended", "restarted")]


def test_the_transport_sdks_way_to_begin_anew(deployment: Deployment, guest: Opener) -> None:
    """MessagingClientImpl.startNewChat: close all connections, wait for connected=false, configure with startNew."""
    configured(deployment, conversation_disconnect="read_only")
    jonas, tab = guest(), None
    jonas.configure()
    jonas.say("Hello")
    tab = guest(token=jonas.token)
    tab.configure()
    do_finish()
    jonas.until_presence("Disconnect")
    closed = jonas.get("closeSession", closeAllConnections=True)
    assert (closed["connected"], closed["readOnly"]) == (False, True)
    tab.until_class("ConnectionClosedEvent")
    assert jonas.configure(startNew=True)["connected"] is True
    jonas.say("A new matter")


def test_an_agent_who_writes_opens_a_read_only_session(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    do_finish()
    jonas.until_presence("Disconnect")
    do_reply(Conversation.objects.get().id, author=ana(), text="I forgot something")
    jonas.until(lambda frame: text_of(frame) == "I forgot something")
    jonas.say("Tell me")
    assert guest(token=jonas.token).configure()["readOnly"] is False


def test_an_end_that_isnt_announced_is_told_only_to_those_who_asked(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="off")
    plain, curious = guest(), guest(features="notices")
    curious.token = plain.token
    plain.configure()
    curious.configure()
    plain.say("Hello")
    curious.until(lambda frame: text_of(frame) == "Hello")
    do_finish()
    assert curious.until_presence("Disconnect")["body"]["metadata"]["readOnly"] == "false"
    assert plain.hears_nothing()


def test_a_customer_who_disconnects_ends_the_pass_and_hears_it(guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    jonas.send({"action": "disconnectCustomer", "token": jonas.token})
    jonas.until_presence("Disconnect")
    assert Conversation.objects.get().state == "resting"


# --- who joined --------------------------------------------------------------------------------


def test_who_joins_is_told_with_name_and_picture_to_those_who_asked(guest: Opener) -> None:
    plain, curious = guest(), guest(features="notices,receipts")
    curious.token = plain.token
    plain.configure()
    curious.configure()
    plain.say("Hello")
    curious.until(lambda frame: text_of(frame) == "Hello")
    do_connect(ana())
    join = curious.until_presence("Join")
    assert join["body"]["channel"]["from"]["nickname"] == ana().nickname
    assert plain.hears_nothing()
    do_finish()
    curious.until_presence("Disconnect")
    kinds = [presence_of({"class": "StructuredMessage", "body": one}) for one in curious.history(features="notices")]
    assert kinds == [None, "Join", "Disconnect"]
    plainly = [presence_of({"class": "StructuredMessage", "body": one}) for one in plain.history()]
    assert plainly == [None, "Disconnect"]


def test_where_the_end_isnt_announced_the_history_keeps_it_too(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="off")
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    do_finish()
    assert [one.get("text") for one in jonas.history()] == ["Hello"]


def test_without_humanize_nobody_is_named(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, humanize=False)
    jonas = guest(features="notices")
    jonas.configure()
    jonas.say("Hello")
    do_connect(ana())
    assert jonas.until_presence("Join")["body"]["channel"]["from"] == {}
    do_reply(Conversation.objects.get().id, author=ana(), text="Good day")
    assert jonas.until(lambda frame: text_of(frame) == "Good day")["body"]["channel"]["from"] == {}
    assert all("Ana" not in str(entity) for entity in jonas.history())


# --- clear, start, typing ------------------------------------------------------------------------


def test_a_cleared_conversation_is_gone_for_both_tabs_and_isnt_shown_again(guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    jonas.say("A secret")
    tab = guest(token=jonas.token)
    tab.configure()
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
    jonas = guest()
    jonas.configure()
    jonas.say("A secret")
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
    jonas = guest()
    jonas.configure()
    jonas.say("A secret")
    own = guest(token=jonas.token, features="notices")
    own.configure()
    jonas.presence("Clear")
    jonas.until_class("ConnectionClosedEvent")
    own.until_class("SessionClearedEvent")
    assert own.hears_nothing(0.5)
    assert jonas.say("On")["text"] == "On"
    assert text_of(own.next()) == "On"


def test_the_history_begins_with_the_join_that_began_it(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, auto_start=True, conversation_disconnect="read_only")
    jonas = guest()
    jonas.configure()
    jonas.presence("Join")
    jonas.until_presence("Join")
    do_finish()
    jonas.until_presence("Disconnect")
    kinds = [presence_of({"class": "StructuredMessage", "body": one}) for one in jonas.history()]
    assert kinds == ["Join", "Disconnect"]


def test_where_clearing_is_off_it_is_refused_with_the_sentence_that_clients_know(
    deployment: Deployment, guest: Opener
) -> None:
    configured(deployment, conversation_clear=False)
    jonas = guest()
    jonas.configure()
    jonas.say("Stays")
    events = [{"eventType": "Presence", "presence": {"type": "Clear"}}]
    refused = jonas.ask("onMessage", message={"type": "Event", "events": events})
    assert (refused["code"], refused["body"]) == (403, "Presence events Conversation Clear are not supported")
    assert Conversation.objects.get().state == "active"


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


def test_typing_is_refused_where_it_is_off_and_passed_on_where_it_isnt(deployment: Deployment, guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    address = Conversation.objects.get().address_id
    live.publish(f"guest:{address}", {"typing": {"agent": "Ana"}})
    typing = jonas.until(lambda frame: frame["class"] == "StructuredMessage" and frame["body"]["type"] == "Event")
    assert typing["body"]["events"][0]["typing"] == {"type": "On", "duration": 5000}
    configured(deployment, typing_agent=False, typing_customer=False)
    strict = guest(token=jonas.token)
    strict.configure()
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


def test_a_read_only_session_goes_on_when_the_company_writes(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    tab = guest(token=jonas.token)
    tab.configure()
    do_finish()
    for one in (jonas, tab):
        assert one.until_presence("Disconnect")["body"]["metadata"]["readOnly"] == "true"
    assert jonas.ask("onMessage", message={"type": "Text", "text": "And?"})["code"] == 403

    do_reply(Conversation.objects.get().id, author=ana(), text="One more thing")
    for one in (jonas, tab):
        state = one.until_class("SessionResponse")
        assert (state["body"]["connected"], state["body"]["readOnly"], state["body"]["newSession"]) == (
            True,
            False,
            False,
        )
        assert text_of(one.next()) == "One more thing"
    assert jonas.say("Which?")["text"] == "Which?"
    assert text_of(tab.next()) == "Which?"
    do_reply(Conversation.objects.get().id, author=ana(), text="This")
    assert text_of(jonas.next()) == "This", "it is told once"


def test_a_note_within_the_company_keeps_a_session_read_only(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    do_finish()
    jonas.until_presence("Disconnect")
    do_note(Conversation.objects.get().id, author=ana(), text="Was friendly")
    assert jonas.hears_nothing(1)


def test_a_session_that_may_write_on_hears_nothing_but_the_message(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="send")
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    do_finish()
    jonas.until_presence("Disconnect")
    do_reply(Conversation.objects.get().id, author=ana(), text="One more thing")
    assert text_of(jonas.next()) == "One more thing"


@pytest.mark.parametrize("disconnect", ["send", "read_only"])
def test_a_survey_answer_after_the_end_wakes_nobody(deployment: Deployment, guest: Opener, disconnect: str) -> None:
    configured(deployment, conversation_disconnect=disconnect)
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    do_finish()
    jonas.until_presence("Disconnect")
    rating = {"surveyRating": "5", "customMessageId": "mine"}
    first = jonas.say("Rated 5 of 5: very good", metadata=rating)
    again = jonas.say("Rated 5 of 5: very good", metadata=rating)
    assert first["id"] == again["id"]
    rested = Conversation.objects.get()
    assert (rested.state, rested.ends_at is not None) == ("resting", True)
    assert [message.text for message in rested.messages.public().order_by("seq")] == [
        "Hello",
        "Rated 5 of 5: very good",
    ]


def test_a_survey_answer_in_a_running_conversation_is_a_message_like_any_and_words_wake(
    deployment: Deployment, guest: Opener
) -> None:
    jonas = guest()
    jonas.configure()
    assert jonas.say("Rated 1 of 5", metadata={"surveyRating": "1"})["text"] == "Rated 1 of 5"
    do_finish()
    jonas.until_presence("Disconnect")
    jonas.say("But why", metadata={"surveyRating": "no number"})
    assert Conversation.objects.get().state == "active"


# --- sockets, expiry, tokens -----------------------------------------------------------------------


def test_the_fourth_socket_closes_the_oldest_and_a_third_closes_none(guest: Opener) -> None:
    first = guest()
    first.configure()
    second, third = guest(token=first.token), guest(token=first.token)
    second.configure()
    third.configure()
    assert first.hears_nothing()
    fourth = guest(token=first.token)
    fourth.configure()
    first.until_class("ConnectionClosedEvent")
    assert first.until_closed() == 1000
    assert second.hears_nothing()
    assert fourth.say("Still here")["text"] == "Still here"


def test_sockets_that_ended_dont_count(guest: Opener) -> None:
    first = guest()
    first.configure()
    for _ in range(4):
        other = guest(token=first.token)
        other.configure()
        other.close()
    assert first.hears_nothing(1)


def test_closing_all_connections_spares_only_the_one_that_asked(guest: Opener) -> None:
    one = guest()
    one.configure()
    two = guest(token=one.token)
    two.configure()
    one.get("closeSession", closeAllConnections=True)
    two.until_class("ConnectionClosedEvent")
    assert two.until_closed() == 1000
    assert one.get("getConfiguration", deploymentId=one.deployment)["sessionDurationSeconds"] == 259_200


def test_an_open_socket_hears_that_its_session_expired(product: Product, guest: Opener) -> None:
    jonas = guest()
    expires = jonas.configure()["expirationDate"]
    assert abs(expires - (clock.now() + timedelta(hours=72)).timestamp()) < 60
    jonas.say("Hello")
    product.travel(timedelta(hours=73))
    jonas.until_class("SessionExpiredEvent", seconds=8)
    assert jonas.ask("onMessage", message={"type": "Text", "text": "too late"})["code"] == 4007
    do_reply(Conversation.objects.get().id, author=ana(), text="Are you still there?")
    assert jonas.hears_nothing(1), "it isn't the session's any more"


def test_a_session_that_another_tab_kept_alive_doesnt_expire(product: Product, guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    product.travel(timedelta(hours=71))
    tab = guest(token=jonas.token)
    tab.configure()
    tab.say("Still here")
    jonas.until(lambda frame: text_of(frame) == "Still here")
    product.travel(timedelta(hours=74))
    assert jonas.hears_nothing(5)


def test_a_resume_token_moves_the_session_to_another_client(guest: Opener) -> None:
    web = guest()
    web.configure()
    web.say("Begun on the web")
    resume = web.get("resumeToken")
    assert resume["exp"] > clock.now().timestamp()
    phone = guest()
    assert phone.configure(resumeToken=resume["resumeToken"])["newSession"] is False
    assert [entity["text"] for entity in phone.history()] == ["Begun on the web"]
    phone.say("Gone on with the phone")
    assert Conversation.objects.count() == 1


def test_a_resume_token_of_another_deployment_or_a_forged_one_moves_nothing(guest: Opener) -> None:
    web = guest()
    web.configure()
    web.say("Private")
    thief = guest()
    assert thief.configure(resumeToken="a.b.c")["newSession"] is True
    assert thief.history() == []


def test_the_history_takes_only_its_own_kind_of_token(product: Product, guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    jonas.say("Hello")
    resume = jonas.get("resumeToken")["resumeToken"]
    address = f"{product.url}/api/v2/webmessaging/messages"
    for token in (resume, jonas.get("getJwt")["jwt"] + "x", "e30", jonas.token):
        answer = httpx.get(address, headers={"Authorization": f"bearer {token}"})
        assert answer.status_code == 401
        assert set(answer.json()) == {"message", "code", "status", "contextId", "details"}


def test_a_token_for_the_history_ends_after_an_hour(product: Product, guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    body = jonas.get("getJwt")
    assert body["exp"] - clock.now().timestamp() == pytest.approx(3600, abs=60)
    product.travel(timedelta(minutes=61))
    answer = httpx.get(
        f"{product.url}/api/v2/webmessaging/messages", headers={"Authorization": f"Bearer {body['jwt']}"}
    )
    assert answer.status_code == 401


def test_a_page_past_the_end_is_empty_and_counts_on(guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    for number in range(3):
        jonas.say(f"n {number}")
    jwt = jonas.get("getJwt")["jwt"]
    page = jonas.history_page(jwt, 7, 2)
    assert (page["entities"], page["total"], page["pageCount"], page["pageNumber"]) == ([], 3, 2, 7)


def test_a_session_without_messages_stores_no_customer(guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    assert jonas.history() == []
    assert GuestSession.objects.get().address_id is None


def test_a_resent_message_is_answered_also_when_the_session_is_read_only_now(
    deployment: Deployment, guest: Opener
) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas = guest()
    jonas.configure()
    own = {"customMessageId": str(uuid.uuid4())}
    first = jonas.say("Arrived, but the answer was lost", metadata=own)
    do_finish()
    jonas.until_presence("Disconnect")
    assert jonas.say("Arrived, but the answer was lost", metadata=own)["id"] == first["id"]


def test_a_read_only_session_of_one_guest_leaves_the_others_alone(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas, marta = guest(), guest()
    jonas.configure()
    jonas.say("Hello")
    do_finish()
    jonas.until_presence("Disconnect")
    marta.configure()
    assert marta.say("Me too")["text"] == "Me too"
    eventually(lambda: Conversation.objects.filter(state="active").count() == 1)
