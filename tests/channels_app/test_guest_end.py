"""How a conversation ends for its guest, and how it goes on or begins anew, over real sockets."""

from __future__ import annotations

import uuid

import pytest

from channels_app.actions.outbound import do_note, do_reply
from channels_app.messenger.models import Deployment
from channels_app.models import Conversation, Message
from tests.channels_app.client.guest import text_of
from tests.channels_app.conftest import Opener
from tests.channels_app.talks import ana, configured, do_finish, finished, tab_of, talking, two_tabs
from tests.product import eventually


def test_the_end_is_told_and_the_guest_may_go_on(guest: Opener) -> None:
    jonas = talking(guest)
    do_finish()
    end = jonas.until_presence("Disconnect")
    assert end["body"]["metadata"]["readOnly"] == "false"
    assert end["body"]["direction"] == "Outbound"
    jonas.say("One more thing")
    assert Conversation.objects.get().state == "active"


def test_a_customer_who_disconnects_ends_the_pass_and_hears_it(guest: Opener) -> None:
    jonas = talking(guest)
    jonas.send({"action": "disconnectCustomer", "token": jonas.token})
    jonas.until_presence("Disconnect")
    assert Conversation.objects.get().state == "resting"


def test_an_end_that_isnt_announced_is_told_only_to_those_who_asked(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="off")
    plain, curious = two_tabs(guest, features="notices")
    do_finish()
    assert curious.until_presence("Disconnect")["body"]["metadata"]["readOnly"] == "false"
    assert plain.hears_nothing()


def test_where_the_end_isnt_announced_the_history_keeps_it_too(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="off")
    jonas = talking(guest)
    do_finish()
    assert [one.get("text") for one in jonas.history()] == ["Hello"]


# --- where it closes the conversation -------------------------------------------------------------


def test_where_the_end_closes_the_guest_reads_and_begins_anew(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas = talking(guest)
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
    jonas = talking(guest)
    tab = tab_of(jonas, guest)
    do_finish()
    jonas.until_presence("Disconnect")
    closed = jonas.get("closeSession", closeAllConnections=True)
    assert (closed["connected"], closed["readOnly"]) == (False, True)
    tab.until_class("ConnectionClosedEvent")
    assert jonas.configure(startNew=True)["connected"] is True
    jonas.say("A new matter")


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
    marta = guest()
    finished(guest)
    marta.configure()
    assert marta.say("Me too")["text"] == "Me too"
    eventually(lambda: Conversation.objects.filter(state="active").count() == 1)


# --- the company writes after it ------------------------------------------------------------------


def test_an_agent_who_writes_opens_a_read_only_session(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas = finished(guest)
    do_reply(Conversation.objects.get().id, author=ana(), text="I forgot something")
    jonas.until(lambda frame: text_of(frame) == "I forgot something")
    jonas.say("Tell me")
    assert guest(token=jonas.token).configure()["readOnly"] is False


def test_a_read_only_session_goes_on_when_the_company_writes(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="read_only")
    jonas = talking(guest)
    tab = tab_of(jonas, guest)
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
    jonas = finished(guest)
    do_note(Conversation.objects.get().id, author=ana(), text="Was friendly")
    assert jonas.hears_nothing(1)


def test_a_session_that_may_write_on_hears_nothing_but_the_message(deployment: Deployment, guest: Opener) -> None:
    configured(deployment, conversation_disconnect="send")
    jonas = finished(guest)
    do_reply(Conversation.objects.get().id, author=ana(), text="One more thing")
    assert text_of(jonas.next()) == "One more thing"


# --- the survey -----------------------------------------------------------------------------------


@pytest.mark.parametrize("disconnect", ["send", "read_only"])
def test_a_survey_answer_after_the_end_wakes_nobody(deployment: Deployment, guest: Opener, disconnect: str) -> None:
    configured(deployment, conversation_disconnect=disconnect)
    jonas = finished(guest)
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
