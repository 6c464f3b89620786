"""A blocked visitor: told so, nothing stored, and able to write again once it is undone."""

from __future__ import annotations

import uuid

import httpx
import pytest

from agents.models import User
from channels_app.actions.blocks import Blocked, do_block, do_unblock
from channels_app.messenger.actions.identity import Identity, do_authenticate, do_sign_in
from channels_app.messenger.actions.sessions import do_configure
from channels_app.messenger.models import Deployment
from channels_app.models import Block, Channel, Conversation, Message
from contactcenter.kernel.errors import AlreadyTaken, NotFound
from contactcenter.kernel.events import Event
from tests import factories
from tests.channels_app import talks
from tests.channels_app.client.guest import text_of
from tests.channels_app.conftest import Opener
from tests.product import Product


def test_a_blocked_visitors_sockets_are_told_and_closed_and_others_arent(product: Product, guest: Opener) -> None:
    jonas, marta = guest(), guest()
    jonas.configure()
    marta.configure()
    jonas.say("Something rude")
    history = jonas.get("getJwt")["jwt"]
    do_block(Conversation.objects.get().id, agent=talks.ana())
    refused = jonas.until_class("string")
    assert (refused["code"], refused["body"]) == (403, "You can't write here any more.")
    assert jonas.until_closed() == 1000
    assert marta.say("Hello")["text"] == "Hello"
    again = guest(token=jonas.token)
    assert again.ask("configureSession", deploymentId=again.deployment)["code"] == 403
    address = f"{product.url}/api/v2/webmessaging/messages"
    assert httpx.get(address, headers={"Authorization": f"bearer {history}"}).status_code == 401


def test_a_message_that_crosses_the_block_isnt_stored(guest: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    from contactcenter.kernel import events

    jonas = talks.talking(guest, "Something rude")
    monkeypatch.setattr(events, "announce", lambda recorded: None)  # its socket hasn't heard of it yet
    do_block(Conversation.objects.get().id, agent=talks.ana())
    refused = jonas.ask("onMessage", message={"type": "Text", "text": "More of it"})
    assert refused["code"] == 403
    assert Message.objects.public().count() == 1


def test_undone_they_go_on_where_they_were(guest: Opener) -> None:
    jonas = talks.talking(guest, "A misunderstanding")
    made = do_block(Conversation.objects.get().id, agent=talks.ana(), reason="  rude ")
    assert made.reason == "rude"
    jonas.until_closed()
    do_unblock(made.id, agent=talks.ana())
    again = guest(token=jonas.token)
    assert again.configure()["newSession"] is False
    again.say("Thank you")
    assert [text_of({"class": "StructuredMessage", "body": one}) for one in again.history()] == [
        "A misunderstanding",
        "Thank you",
    ]


# --- the actions -------------------------------------------------------------------------------


def a_conversation() -> tuple[Deployment, Conversation]:
    of = factories.deployment()
    return of, factories.guest_said(factories.guest(of, "tok"), of).conversation


def test_a_block_is_recorded_by_ids_only(ana: User, heard: list[Event]) -> None:
    _, conversation = a_conversation()
    heard.clear()
    made = do_block(conversation.id, agent=ana, reason="rude")
    do_unblock(made.id, agent=ana)
    assert [event.name for event in heard] == ["address.blocked", "address.unblocked"]
    assert heard[0].data() == {"address_id": str(conversation.address_id)}
    made.refresh_from_db()
    assert (made.by, made.lifted_by) == (ana, ana)


def test_a_visitor_is_blocked_once_and_undone_once(ana: User) -> None:
    _, conversation = a_conversation()
    made = do_block(conversation.id, agent=ana)
    with pytest.raises(AlreadyTaken):
        do_block(conversation.id, agent=ana)
    do_unblock(made.id, agent=ana)
    with pytest.raises(NotFound):
        do_unblock(made.id, agent=ana)
    assert do_block(conversation.id, agent=ana).id != made.id
    assert Block.objects.count() == 2


def test_a_known_customer_stays_blocked_on_another_device(ana: User) -> None:
    of = factories.deployment()
    made, _ = do_sign_in(of, Identity("customer", "4711", name="Jonas"))
    session = do_authenticate(of, "phone", made.id).session
    factories.guest_said(session, of)
    do_block(Conversation.objects.get().id, agent=ana)
    with pytest.raises(Blocked):
        do_authenticate(of, "desk", made.id)
    with pytest.raises(Blocked):
        do_sign_in(of, Identity("customer", "4711"))
    assert do_configure(of, "a stranger").new


def test_who_signs_in_doesnt_lose_the_block(ana: User) -> None:
    """A block before signing in keeps them out: they can't step up either."""
    of, conversation = a_conversation()
    do_block(conversation.id, agent=ana)
    made, _ = do_sign_in(of, Identity("customer", "4711"))
    with pytest.raises(Blocked):
        do_authenticate(of, "tok", made.id)


def test_on_other_channels_nothing_of_a_blocked_customer_is_stored_until_it_is_undone(
    ana: User, channel: Channel
) -> None:
    message = factories.said(channel, key="a")
    made = do_block(message.conversation_id, agent=ana)
    with pytest.raises(Blocked):
        factories.said(channel, key="b")
    assert Message.objects.count() == 1
    assert factories.said(channel, key="a").id == message.id, "what came before is answered again"
    assert factories.said(channel, "marta", key="c").seq == 1
    do_unblock(made.id, agent=ana)
    assert factories.said(channel, key="b").seq == 2


def test_a_conversation_that_isnt_there_blocks_nobody(ana: User) -> None:
    with pytest.raises(NotFound):
        do_block(uuid.uuid4(), agent=ana)
