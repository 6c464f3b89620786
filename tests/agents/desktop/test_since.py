"""What the socket pushes, what `since` tells and what a fresh load shows are the same: state, act, apply, compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agents.desktop import live as desk_live
from channels_app.actions.changes import do_edit_message, do_remove_message
from channels_app.actions.inbound import do_receive
from channels_app.actions.lifecycle import do_end as do_end_for_good
from channels_app.actions.outbound import do_customer_receipt, do_note, do_reply, do_staff_receipt
from channels_app.actions.receipts import do_provider_receipt
from channels_app.adapters.values import InboundMessage, InboundReceipt, ReceiptState, Sender
from channels_app.models import Conversation, Delivery, DeliveryPart, Message
from contactcenter.kernel import live
from routing.actions.transfers import do_transfer_to_agent, do_transfer_to_queue
from tests import factories
from tests.agents.desktop.conftest import Desk, browser, thread_path

PIECE = re.compile(
    r'(?:<article class="msg .*?</article>|<div class="sys".*?</div>|<i hidden id="state-.*?</i>)', re.DOTALL
)
ID = re.compile(r'id="((?:message|state)-[0-9a-f-]+)"')


def pieces(html: str) -> dict[str, str]:
    """The rows and the state of a page or of fragments, by DOM id, in order."""
    found = {}
    for piece in PIECE.findall(html):
        if name := ID.search(piece):
            found[name[1]] = piece.replace(" old", "")
    return found


class Published:
    """What was published on the streams of conversations while the test ran."""

    def __init__(self) -> None:
        self.pushes: list[dict[str, Any]] = []

    def __call__(self, stream: str, message: live.Message) -> None:
        made = dict(message() if callable(message) else message)  # drawn only if somebody looks
        if stream.startswith("conversation:") and "html" in made:
            self.pushes.append(made)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    caught = Published()
    monkeypatch.setattr(live, "publish", caught)
    assert desk_live.live is live
    return caught


class Watching:
    """Ana's page of a conversation, kept by pushes, and another one kept by `since`."""

    def __init__(self, desk: Desk, published: Published) -> None:
        self.desk, self.published = desk, published
        self.conversation, _ = desk.talk()
        do_reply(self.conversation.id, author=desk.ana, text="How can I help?")
        do_note(self.conversation.id, author=desk.ana, text="An old friend")
        published.pushes.clear()
        self.client: Client = browser(desk.sam)
        self.pushed = self.fresh()
        self.asked = dict(self.pushed)
        self.seq = self.head()

    def head(self) -> int:
        return Conversation.objects.get(id=self.conversation.id).change_seq

    def get(self, end: str = "") -> Any:
        return self.client.get(thread_path(self.conversation, end), headers={"HX-Request": "true"})

    def fresh(self) -> dict[str, str]:
        return pieces(self.get().content.decode())

    def apply(self) -> None:
        """As the browser does it."""
        seq = self.seq
        for push in self.published.pushes:
            assert push["seq"] == seq + 1, "every change is pushed, in order"
            seq = push["seq"]
            self.pushed |= pieces(push["html"]["en"])
        answer = self.get(f"since/?seq={self.seq}")
        self.asked |= pieces(answer.content.decode())
        assert int(answer["Desk-Head"]) == seq == self.head()


def rich(watching: Watching) -> None:
    sender = Sender("jonas", name="Jonas", verified=True)
    content = [{"type": "card", "title": "Rain jacket"}]
    do_receive(watching.desk.channel, InboundMessage("rich", sender, text="Look", content=content))


def failed(watching: Watching) -> None:
    delivery = Delivery.objects.latest("queued_at")
    Delivery.objects.filter(id=delivery.id).update(parts_expected=1, state="sent")
    DeliveryPart.objects.create(delivery=delivery, channel=delivery.channel, number=0, provider_id="p-1")
    receipt = InboundReceipt("p-1", ReceiptState.FAILED)
    do_provider_receipt(watching.desk.channel, receipt)


def said(watching: Watching, direction: str) -> Message:
    """What was said in this direction, of notes Ana's; no system line."""
    rows = watching.conversation.messages.exclude(kind="system").filter(direction=direction, removed_at=None)
    return rows.filter(author=watching.desk.ana if direction == "internal" else None).latest("seq")


ACTS: dict[str, Callable[[Watching], object]] = {
    "a customer's message": lambda w: factories.said(w.desk.channel, text="I'd like to return it <b>now</b>"),
    "rich content": rich,
    "a reply": lambda w: do_reply(w.conversation.id, author=w.desk.ana, text="Of course", client_id="c-1"),
    "a note": lambda w: do_note(w.conversation.id, author=w.desk.sam, text="Offer a refund"),
    "our receipt": lambda w: do_staff_receipt(w.conversation.id, state="read", seq=1, agent=w.desk.ana),
    "delivered": lambda w: do_customer_receipt(w.conversation.id, state="delivered", seq=99),
    "read": lambda w: do_customer_receipt(w.conversation.id, state="read", seq=99),
    "failed": failed,
    "another text": lambda w: do_edit_message(said(w, "inbound").id, text="I'd rather keep it"),
    "a message taken back": lambda w: do_remove_message(said(w, "inbound").id),
    "a note changed": lambda w: do_edit_message(said(w, "internal").id, text="A very old friend", author=w.desk.ana),
    "a note taken back": lambda w: do_remove_message(said(w, "internal").id, author=w.desk.ana),
    "a transfer to a queue": lambda w: do_transfer_to_queue(w.conversation.id, w.desk.ana, w.desk.billing, note="?"),
    "a transfer to a person": lambda w: do_transfer_to_agent(w.conversation.id, w.desk.ana, w.desk.ben, note="!"),
    "its end": lambda w: do_end_for_good(w.conversation.id, "cleared"),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_push_and_since_lead_to_what_a_fresh_load_shows(desk: Desk, published: Published, name: str) -> None:
    desk.scene.goes_on_queue(desk.ben)
    watching = Watching(desk, published)
    before = watching.fresh()
    ACTS[name](watching)
    fresh = watching.fresh()
    assert fresh != before, "the act shows"
    watching.apply()
    assert watching.pushed == fresh
    assert watching.asked == fresh


def test_all_of_it_one_after_the_other_leads_there_too(desk: Desk, published: Published) -> None:
    desk.scene.goes_on_queue(desk.ben)
    watching = Watching(desk, published)
    for name, act in ACTS.items():
        if "transfer" not in name:
            act(watching)
    watching.apply()
    assert watching.pushed == watching.asked == watching.fresh()


def test_nothing_changed_nothing_told_but_the_state(desk: Desk, published: Published) -> None:
    watching = Watching(desk, published)
    answer = watching.get(f"since/?seq={watching.seq}")
    assert list(pieces(answer.content.decode())) == [f"state-{watching.conversation.id}"]


@pytest.mark.parametrize("seq", ["", "x", "-1", "9" * 30])
def test_a_number_that_isnt_one_means_from_the_beginning(desk: Desk, published: Published, seq: str) -> None:
    watching = Watching(desk, published)
    assert pieces(watching.get(f"since/?seq={seq}").content.decode()) == watching.fresh()


def test_a_push_carries_every_language(desk: Desk, published: Published) -> None:
    watching = Watching(desk, published)
    factories.said(desk.channel, text="Hello again")
    assert set(watching.published.pushes[-1]["html"]) == {"en", "de"}


@pytest.mark.parametrize(
    ("name", "inbound", "system"),
    [
        ("a customer's message", True, False),
        ("a message taken back", True, False),
        ("a reply", False, False),
        ("a note", False, False),
        ("read", False, False),
        ("our receipt", False, False),
        ("a transfer to a queue", False, True),
    ],
)
def test_beside_the_rows_is_told_what_a_page_wants_to_know_of_them(
    desk: Desk, published: Published, name: str, *, inbound: bool, system: bool
) -> None:
    watching = Watching(desk, published)
    ACTS[name](watching)
    newest = watching.conversation.messages.filter(direction="inbound").latest("seq").seq if inbound else 0
    told = [(push["inbound"], push["system"]) for push in watching.published.pushes]
    assert (max(number for number, _ in told), any(line for _, line in told)) == (newest, system)
    assert watching.get(f"since/?seq={watching.seq}")["Desk-Inbound"] == str(newest)
