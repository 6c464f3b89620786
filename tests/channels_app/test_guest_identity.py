"""Known customers over real sockets: a running anonymous session becomes theirs, and nothing of it is lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from channels_app.actions.outbound import do_reply
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Address, Contact, Conversation, Message
from tests.channels_app.client import StrictGuest
from tests.channels_app.client.guest import presence_of, text_of
from tests.channels_app.conftest import Opener
from tests.channels_app.talks import ana, do_finish, talking, two_tabs
from tests.channels_app.vouchers import own_key, own_token
from tests.product import Product

SignIn = Callable[..., dict[str, str]]


@pytest.fixture
def deployment(deployment: Deployment) -> Deployment:
    """With a key for known customers."""
    own_key(deployment)
    return deployment


@pytest.fixture
def sign_in(product: Product, deployment: Deployment) -> SignIn:
    """What the exchange gives for the company's token."""

    def ask(subject: str = "4711", **claims: Any) -> dict[str, str]:
        token = own_token(subject, **({"name": "Jonas Weber"} | claims))
        answer = httpx.post(
            f"{product.url}/api/v2/webdeployments/token/oauthcodegrantjwtexchange",
            json={"deploymentId": str(deployment.id), "oauth": {"idToken": token, "nonce": ""}},
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        return found

    return ask


def known(guest: Opener, sign_in: SignIn, text: str) -> StrictGuest:
    """A guest who signed in before saying anything, and has said this."""
    made = guest()
    made.authenticate(sign_in()["jwt"])
    made.say(text)
    return made


def revoke(product: Product, jwt: str) -> int:
    address = f"{product.url}/api/v2/webdeployments/token/revoke"
    return httpx.delete(address, headers={"Authorization": f"bearer {jwt}"}).status_code


# --- becoming known ----------------------------------------------------------------------------


def test_a_running_anonymous_session_becomes_the_customers_and_goes_on(guest: Opener, sign_in: SignIn) -> None:
    jonas = guest()
    jonas.configure()
    first = jonas.say("My parcel is lost")
    conversation = Conversation.objects.get()
    answer = jonas.authenticate(sign_in()["jwt"])
    assert (answer["connected"], answer["newSession"], answer["clearedExistingSession"]) == (True, False, False)
    signed = next(frame for frame in jonas.seen if presence_of(frame) == "SignIn")
    assert signed["body"]["direction"] == "Inbound"
    assert signed["body"]["channel"]["from"] == {"firstName": "Jonas", "lastName": "Weber"}
    jonas.say("It was a blue one")
    do_reply(conversation.id, author=ana(), text="I look for it")
    jonas.until(lambda frame: text_of(frame) == "I look for it")
    assert Conversation.objects.get() == conversation
    assert [entity["text"] for entity in jonas.history()] == ["My parcel is lost", "It was a blue one", "I look for it"]
    assert jonas.history()[0]["id"] == first["id"]


def test_the_step_may_come_with_a_new_token_on_the_same_socket(guest: Opener, sign_in: SignIn) -> None:
    """Mobile SDKs since 2.11 forget their token when they authorise, and step up with another one."""
    jonas = talking(guest, "My parcel is lost")
    conversation = Conversation.objects.get()
    old, jonas.token = jonas.token, str(uuid.uuid4())
    assert jonas.authenticate(sign_in()["jwt"])["newSession"] is False
    assert any(presence_of(frame) == "SignIn" for frame in jonas.seen)
    jonas.say("It was a blue one")
    assert Conversation.objects.get() == conversation
    assert [one["text"] for one in jonas.history()] == ["My parcel is lost", "It was a blue one"]
    assert guest(token=jonas.token).ask("configureSession", deploymentId=jonas.deployment)["code"] == 4017
    assert guest(token=old).configure()["newSession"] is True, "the old token is nobody's"


def test_a_step_that_fails_leaves_the_session_its_token(guest: Opener) -> None:
    jonas = talking(guest, "My parcel is lost")
    old, jonas.token = jonas.token, str(uuid.uuid4())
    assert jonas.ask(
        "configureAuthenticatedSession", deploymentId=jonas.deployment, startNew=False, data={"code": "x"}
    )["code"] == 401  # fmt: skip
    jonas.token = old
    assert jonas.say("Still here")["text"] == "Still here"
    assert Conversation.objects.count() == 1


def test_a_customers_session_isnt_carried_to_another_and_none_to_another_socket(guest: Opener, sign_in: SignIn) -> None:
    jonas = guest()
    jonas.configure()
    jonas.authenticate(sign_in()["jwt"])
    jonas.say("Mine")
    jonas.token = str(uuid.uuid4())
    assert jonas.authenticate(sign_in("4712", name="Mia")["jwt"])["newSession"] is True
    assert jonas.history() == []
    talking(guest, "Somebody's")
    other = guest()
    assert other.authenticate(sign_in("4713", name="Ben")["jwt"])["newSession"] is True
    assert other.history() == []


def test_the_contact_is_the_known_one_and_the_strangers_is_gone(guest: Opener, sign_in: SignIn) -> None:
    jonas = talking(guest)
    jonas.authenticate(sign_in(email="jonas@example.com")["jwt"])
    address = Address.objects.get()
    assert (address.kind, address.external_id, address.verified) == ("customer", "4711", True)
    contact = Contact.objects.get()
    assert (contact.name, contact.attributes) == ("Jonas Weber", {"email": "jonas@example.com"})
    assert Conversation.objects.get().address == address
    assert Message.objects.get(kind="system").content[0]["kind"] == "signed_in"


def test_two_open_conversations_become_one_and_nothing_is_lost(guest: Opener, sign_in: SignIn) -> None:
    """The customer has one open on another device, and writes anonymously on this one before signing in."""
    other = known(guest, sign_in, "From the phone")
    jonas = talking(guest, "From the desk, not signed in")
    answer = jonas.authenticate(sign_in()["jwt"])
    assert answer["clearedExistingSession"] is True
    closed = other.until_class("ConnectionClosedEvent")
    assert closed["body"]["reason"] == "signedIn"
    states = {one.state: one for one in Conversation.objects.all()}
    assert (states["ended"].end_reason, states["active"].messages.public().count()) == ("merged", 1)
    assert Contact.objects.count() == 1
    assert Message.objects.public().filter(direction="inbound").count() == 2, "the company has both"
    jonas.say("Signed in now")
    again = guest(token=other.token)
    again.authenticate(sign_in()["jwt"])
    assert {"From the phone", "Signed in now"} <= {entity.get("text") for entity in again.history()}


def test_a_finished_conversation_of_the_known_customer_stays_in_their_history(guest: Opener, sign_in: SignIn) -> None:
    known(guest, sign_in, "Last week")
    do_finish()
    jonas = talking(guest, "Today, not signed in")
    jonas.authenticate(sign_in()["jwt"])
    assert sorted(Conversation.objects.values_list("state", flat=True)) == ["active", "ended"]
    assert Message.objects.public().filter(conversation__address__contact=Contact.objects.get()).count() == 2


def test_a_known_customers_two_devices_share_the_conversation(guest: Opener, sign_in: SignIn) -> None:
    phone, desk = guest(), guest()
    assert phone.authenticate(sign_in()["jwt"])["newSession"] is True
    desk.authenticate(sign_in()["jwt"])
    phone.say("From the phone")
    desk.until(lambda frame: text_of(frame) == "From the phone")
    desk.say("From the desk")
    phone.until(lambda frame: text_of(frame) == "From the desk")
    assert Conversation.objects.count() == 1


def test_the_sessions_other_sockets_are_closed_and_another_guests_isnt(guest: Opener, sign_in: SignIn) -> None:
    jonas = talking(guest)
    tab, stranger = guest(token=jonas.token), guest()
    tab.configure()
    stranger.configure()
    jonas.authenticate(sign_in()["jwt"])
    assert tab.until_class("ConnectionClosedEvent")["body"] == {"reason": "signedIn", "reasonCode": "signedIn"}
    assert tab.until_closed() == 1000
    assert stranger.hears_nothing()
    assert jonas.say("Still here")["text"] == "Still here"


def test_a_stale_socket_of_the_session_writes_into_the_known_customers_conversation(
    guest: Opener, sign_in: SignIn
) -> None:
    """A socket that hasn't heard of it yet: the session's row decides, not what the socket remembers."""
    jonas, late = two_tabs(guest)
    text = {"action": "onMessage", "token": jonas.token, "message": {"type": "Text", "text": "At the same moment"}}
    late.send(text)
    jonas.authenticate(sign_in()["jwt"])
    late.until_closed()
    assert Conversation.objects.count() == 1
    assert Address.objects.count() == 1


# --- and not otherwise -------------------------------------------------------------------------


def test_a_known_session_isnt_had_without_signing_in(guest: Opener, sign_in: SignIn) -> None:
    jonas = known(guest, sign_in, "Private")
    again = guest(token=jonas.token)
    refused = again.ask("configureSession", deploymentId=again.deployment)
    assert refused["code"] == 4017
    assert again.ask("getJwt")["code"] == 4007
    assert again.hears_nothing(0.3)


def test_another_customer_on_the_same_token_sees_nothing(guest: Opener, sign_in: SignIn) -> None:
    jonas = known(guest, sign_in, "Private")
    marta = guest(token=jonas.token)
    data = {"code": sign_in("4712", name="Marta")["jwt"]}
    refused = marta.ask("configureAuthenticatedSession", deploymentId=marta.deployment, data=data)
    assert refused["code"] == 4007
    assert GuestSession.objects.get().address.external_id == "4711"


@pytest.mark.parametrize("jwt", ["x", "a.b.c", own_token.__name__])
def test_a_jwt_that_isnt_ours_is_refused_and_the_session_stays_anonymous(guest: Opener, jwt: str) -> None:
    jonas = guest()
    jonas.configure()
    refused = jonas.ask("configureAuthenticatedSession", deploymentId=jonas.deployment, data={"code": jwt})
    assert (refused["code"], refused["body"]) == (401, "Session authentication failed")
    assert jonas.say("Still anonymous")["text"] == "Still anonymous"


def test_a_companys_token_is_no_jwt_of_the_exchange(guest: Opener, deployment: Deployment) -> None:
    jonas = guest()
    data = {"code": own_token()}
    assert jonas.ask("configureAuthenticatedSession", deploymentId=jonas.deployment, data=data)["code"] == 401


# --- signing out -------------------------------------------------------------------------------


def test_signing_out_closes_all_sockets_and_the_token_shows_nothing_any_more(
    product: Product, guest: Opener, sign_in: SignIn
) -> None:
    tokens = sign_in()
    jonas = guest()
    jonas.authenticate(tokens["jwt"])
    jonas.say("On a shared machine")
    history = jonas.get("getJwt")["jwt"]
    tab = guest(token=jonas.token)
    tab.authenticate(tokens["jwt"])
    assert revoke(product, tokens["jwt"]) == 204
    for one in (jonas, tab):
        one.until_class("LogoutEvent")
        assert one.until_closed() == 1000
    address = f"{product.url}/api/v2/webmessaging/messages"
    assert httpx.get(address, headers={"Authorization": f"bearer {history}"}).status_code == 401
    next_one = guest(token=jonas.token)
    assert next_one.ask("configureSession", deploymentId=next_one.deployment)["code"] == 4006
    fresh = next_one.configure(startNew=True)
    assert (fresh["newSession"], next_one.history()) == (True, [])
    next_one.say("Somebody else")
    assert Conversation.objects.count() == 2


def test_signing_out_of_one_device_leaves_the_other_alone(product: Product, guest: Opener, sign_in: SignIn) -> None:
    mine, theirs = sign_in(), sign_in()
    phone, desk = guest(), guest()
    phone.authenticate(mine["jwt"])
    desk.authenticate(theirs["jwt"])
    assert revoke(product, mine["jwt"]) == 204
    phone.until_class("LogoutEvent")
    assert desk.say("Still here")["text"] == "Still here"
    data = {"code": mine["jwt"]}
    refused = desk.ask(
        "configureAuthenticatedSession", deploymentId=desk.deployment, token=str(uuid.uuid4()), data=data
    )
    assert refused["code"] == 401


def test_a_read_message_of_before_signing_in_still_counts(guest: Opener, sign_in: SignIn) -> None:
    jonas = talking(guest, features="receipts")
    reply = do_reply(Conversation.objects.get().id, author=ana(), text="Hi")
    jonas.until(lambda frame: text_of(frame) == "Hi")
    jonas.authenticate(sign_in()["jwt"])
    receipt = {"type": "Receipt", "id": str(reply.id), "status": "Read"}
    jonas.send({"action": "onMessage", "token": jonas.token, "message": receipt})
    jonas.say("Thanks")
    reply.delivery.refresh_from_db()
    assert reply.delivery.state == "read"
