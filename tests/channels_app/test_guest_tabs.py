"""A guest's session over several sockets and devices: how many, until when, and what its tokens open."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from channels_app.actions.outbound import do_reply
from channels_app.messenger.models import GuestSession
from channels_app.models import Conversation
from contactcenter.kernel import clock
from tests.channels_app.client.guest import text_of
from tests.channels_app.conftest import Opener
from tests.channels_app.talks import ana, tab_of, talking
from tests.product import Product

# --- several sockets ------------------------------------------------------------------------------


def test_the_fourth_socket_closes_the_oldest_and_a_third_closes_none(guest: Opener) -> None:
    first = guest()
    first.configure()
    second, third = guest(token=first.token), guest(token=first.token)
    second.configure()
    third.configure()
    assert first.hears_nothing()
    fourth = tab_of(first, guest)
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
    two = tab_of(one, guest)
    one.get("closeSession", closeAllConnections=True)
    two.until_class("ConnectionClosedEvent")
    assert two.until_closed() == 1000
    assert one.get("getConfiguration", deploymentId=one.deployment)["sessionDurationSeconds"] == 259_200


# --- expiry ---------------------------------------------------------------------------------------


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
    tab = tab_of(jonas, guest)
    tab.say("Still here")
    jonas.until(lambda frame: text_of(frame) == "Still here")
    product.travel(timedelta(hours=74))
    assert jonas.hears_nothing(5)


def test_a_session_without_messages_stores_no_customer(guest: Opener) -> None:
    jonas = guest()
    jonas.configure()
    assert jonas.history() == []
    assert GuestSession.objects.get().address_id is None


# --- tokens ---------------------------------------------------------------------------------------


def test_a_resume_token_moves_the_session_to_another_client(guest: Opener) -> None:
    web = talking(guest, "Begun on the web")
    resume = web.get("resumeToken")
    assert resume["exp"] > clock.now().timestamp()
    phone = guest()
    assert phone.configure(resumeToken=resume["resumeToken"])["newSession"] is False
    assert [entity["text"] for entity in phone.history()] == ["Begun on the web"]
    phone.say("Gone on with the phone")
    assert Conversation.objects.count() == 1


def test_a_resume_token_of_another_deployment_or_a_forged_one_moves_nothing(guest: Opener) -> None:
    talking(guest, "Private")
    thief = guest()
    assert thief.configure(resumeToken="a.b.c")["newSession"] is True
    assert thief.history() == []


def test_the_history_takes_only_its_own_kind_of_token(product: Product, guest: Opener) -> None:
    jonas = talking(guest)
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
