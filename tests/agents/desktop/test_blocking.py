"""Blocking a visitor at the desk, and what the customer's panel says about who they are."""

from __future__ import annotations

import pytest

from agents.desktop.thread import render_rows
from channels_app.messenger.actions.guests import do_auto_start, do_disconnect
from channels_app.messenger.actions.identity import Identity, do_authenticate, do_sign_in
from channels_app.messenger.actions.sessions import do_configure
from channels_app.models import Block, Conversation
from routing.actions.work import do_end
from routing.models import Assignment, InboundRoute
from tests import factories
from tests.agents.desktop.conftest import Desk, get, post, thread_path, words
from tests.routing.cast import accepts, last_pass


@pytest.fixture
def talk(desk: Desk) -> Conversation:
    """Ana talks with an anonymous visitor of a messenger."""
    of = factories.deployment()
    InboundRoute.objects.create(channel=of.channel, queue=desk.orders)
    message = factories.guest_said(factories.guest(of, "tok"), of)
    desk.scene.later(seconds=1)
    conversation = Conversation.objects.get(id=message.conversation_id)
    accepts(conversation)
    return conversation


def test_the_owner_blocks_with_a_reason_after_being_asked(desk: Desk, talk: Conversation) -> None:
    asked = get(desk.ana, thread_path(talk, "block/ask/"))
    assert "Block Visitor" in words(asked)
    assert not Block.objects.exists()
    answer = post(desk.ana, thread_path(talk, "block/"), reason="rude")
    assert (answer.status_code, "desk-panel" in answer["HX-Trigger"]) == (204, True)
    made = Block.objects.get()
    assert (made.by, made.reason) == (desk.ana, "rude")
    panel = words(get(desk.ana, thread_path(talk, "panel/")))
    assert "Blocked by Ana" in panel
    assert "do-unblock" in panel
    assert post(desk.ana, thread_path(talk, "unblock/")).status_code == 204
    assert post(desk.ana, thread_path(talk, "unblock/")).status_code == 404


def test_who_cant_see_the_conversation_blocks_nobody(desk: Desk, talk: Conversation) -> None:
    for part in ("block/", "unblock/"):
        assert post(desk.cleo, thread_path(talk, part)).status_code in (403, 404)
    assert post(desk.sam, thread_path(talk, "block/")).status_code == 403
    assert get(desk.ana, thread_path(talk, "block/")).status_code == 405
    assert not Block.objects.exists()


def test_the_panel_says_that_a_visitor_is_anonymous_or_known_and_what_the_site_told(
    desk: Desk, talk: Conversation
) -> None:
    Conversation.objects.filter(id=talk.id).update(attributes={"page": "returns"})
    panel = words(get(desk.ana, thread_path(talk, "panel/")))
    assert "Anonymous visitor" in panel
    assert "<dt>page</dt><dd>returns</dd>" in panel
    of = talk.channel.deployments.get()
    made, _ = do_sign_in(of, Identity("oidc", "https://id.example#4711", name="Jonas Weber"))
    do_authenticate(of, "tok", made.id)
    panel = words(get(desk.ana, thread_path(talk, "panel/")))
    assert "Known customer" in panel
    assert "Jonas Weber" in panel
    assert "4711" in panel
    assert "https://id.example" not in panel
    assert "The customer signed in" in words(get(desk.ana, thread_path(talk)))


def test_what_happened_to_a_guest_is_a_line_in_the_thread(desk: Desk, talk: Conversation) -> None:
    of = talk.channel.deployments.get()
    begun = do_auto_start(factories.guest(of, "another"), of, {})
    assert begun is not None
    row = render_rows([begun.message])
    assert 'class="sys"' in row
    assert "The customer opened the messenger" in row
    do_end(talk.id, desk.ana)
    assert "Finished" in words(get(desk.ana, thread_path(talk)))


def test_a_customer_who_leaves_ends_the_work_and_comes_back_to_a_conversation_that_rested(
    desk: Desk, talk: Conversation
) -> None:
    of = talk.channel.deployments.get()
    session = do_configure(of, "tok").session
    assert do_disconnect(session)
    desk.scene.later(seconds=1)
    talk.refresh_from_db()
    assert (talk.state, last_pass(talk).closed_by) == ("resting", "customer")
    assert Assignment.objects.get(conversation=talk).state == "wrapup"
    factories.guest_said(session, of, "One more thing")
    talk.refresh_from_db()
    assert talk.state == "active"


def test_on_other_channels_a_customer_is_blocked_without_being_told(desk: Desk) -> None:
    conversation, _ = desk.talk()
    panel = words(get(desk.ana, thread_path(conversation, "panel/")))
    assert "Block this customer" in panel
    assert "Anonymous visitor" not in panel
    asked = words(get(desk.ana, thread_path(conversation, "block/ask/")))
    assert "nobody tells them so" in asked
    assert "They are told" not in asked
    assert post(desk.ana, thread_path(conversation, "block/")).status_code == 204
    assert "Blocked by" in words(get(desk.ana, thread_path(conversation, "panel/")))
