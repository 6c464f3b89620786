"""What customers of the demo do: they write, wait, read, give up, and come back on the same thread."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from agents.models import User
from channels_app.actions.inbound import Received, do_receive
from channels_app.actions.outbound import do_customer_receipt, do_note, do_staff_receipt
from channels_app.actions.receipts import do_provider_receipt
from channels_app.actions.sending import do_claim, do_record, send
from channels_app.adapters.values import InboundMessage, InboundReceipt, ReceiptState, Sender
from channels_app.messenger.actions.guests import do_clear, do_guest_message
from channels_app.messenger.actions.sessions import do_configure
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Address, Channel, Contact
from contactcenter.demo.dialogues import Dialogue, Said
from contactcenter.demo.floor import USUAL_CODE, Floor
from contactcenter.demo.hours import Calendar
from contactcenter.demo.world import Process, Signal, World
from contactcenter.kernel import ids
from routing.actions.transfers import do_agent_reply, do_transfer_to_agent, do_transfer_to_queue
from routing.actions.work import do_end, do_park

PATIENCE = 9 * 60  # seconds, about
READS, COMES_BACK = 0.85, 0.5
#: receipts are watermarks: the last of a visit covers all before it, so only some of those are played
RECEIPT = 0.35


@dataclass
class Customer:
    """Somebody with a name, and where they write from: a messenger with a session, or a number."""

    name: str
    language: str
    details: dict[str, str]
    channel: Channel
    deployment: Deployment | None = None
    number: str = ""
    contact_id: uuid.UUID | None = None
    session: GuestSession | None = None
    token: str = ""
    agent: str = ""  # who spoke with them last, as they know them


class Stories:
    """Turns dialogues into what happens."""

    def __init__(self, world: World, floor: Floor, calendar: Calendar) -> None:
        self.world = world
        self.floor = floor
        self.calendar = calendar
        self.queues = {queue.name: queue for queue in floor.queues.values()}

    def visit(self, customer: Customer, dialogue: Dialogue, lines: tuple[Said, ...]) -> Process:
        """One visit of a customer, until the work is done or they gave up."""
        conversation = self._begin(customer, lines[0])
        last = next(said for said in reversed(lines) if said.kind == "agent")
        for said in lines[1:]:
            if said.kind == "customer":
                yield self.world.about(45, least=6, most=900)
                self._say(customer, said)
                continue
            if (yield from self._waits_in_vain(customer, conversation)):
                return
            yield from self._help(customer, conversation, said, last=said is last)
        yield from self._finish(conversation, dialogue.code)
        self._maybe_later(customer, dialogue, lines)

    # --- the customer --------------------------------------------------------------------------

    def _begin(self, customer: Customer, said: Said) -> uuid.UUID:
        received = self._say(customer, said)
        if customer.contact_id is None:
            customer.contact_id = self._introduce(customer, received.address_id)
        return received.message.conversation_id

    def _introduce(self, customer: Customer, address_id: uuid.UUID) -> uuid.UUID:
        """What the shop's own systems know about them."""
        address = Address.objects.get(id=address_id)
        known = {"city": customer.details["city"], "orders": self.world.rng.randint(1, 30)}
        Contact.objects.filter(id=address.contact_id).update(attributes=known)
        return address.contact_id

    def _say(self, customer: Customer, said: Said) -> Received:
        content = [
            {"type": "button_response", "kind": "quick_reply", "text": choice, "payload": choice}
            for choice in said.choices
        ]
        sender = self._sender(customer)
        inbound = InboundMessage(
            key=f"{sender.external_id}:{self.world.rng.getrandbits(64):x}",
            sender=sender,
            text=self._text(customer, said),
            content=content,
        )
        if customer.deployment is None:
            return self.world.act(do_receive, customer.channel, inbound)
        assert customer.session is not None
        return self.world.act(do_guest_message, customer.session, customer.deployment, inbound)

    def _sender(self, customer: Customer) -> Sender:
        if customer.deployment is None:
            return Sender(customer.number, name=customer.name, locale=customer.language, verified=True)
        if customer.session is None:
            customer.session = self.world.act(do_configure, customer.deployment, customer.token).session
        return Sender(str(customer.session.id), kind="guest", name=customer.name, locale=customer.language)

    def also_writes_from(self, customer: Customer, channel: Channel, number: str) -> Customer:
        """The same person on another channel; the shop knows their number."""
        assert customer.contact_id is not None
        Address.objects.create(
            id=ids.new(self.world.now),
            channel=channel,
            kind="user",
            external_id=number,
            contact_id=customer.contact_id,
            verified=True,
            created_at=self.world.now,
        )
        return Customer(
            customer.name, customer.language, customer.details, channel, number=number, contact_id=customer.contact_id
        )

    def _waits_in_vain(self, customer: Customer, conversation: uuid.UUID) -> Process:
        """Wait for somebody; True if the customer gave up before."""
        impatience = self.world.rng.random()
        patient = customer.deployment is None or not self.calendar.is_open(self.world.now) or impatience > 0.8
        until = self.world.end if patient else self.world.now + timedelta(seconds=PATIENCE * (0.5 + impatience))
        while not (yield from self._is_served(conversation)):
            came = yield Signal(("connected", conversation), until)
            until = max(until, self.world.now + timedelta(minutes=1))
            if came or conversation not in self.floor.waiting:  # it alerts somewhere: a moment longer
                continue
            if customer.session is not None:
                self.world.act(do_clear, customer.session)
            return True
        return False

    def _is_served(self, conversation: uuid.UUID) -> Process:
        """Whether somebody has it, and isn't just away from the desk (then this takes a while)."""
        agent = self.floor.owner.get(conversation)
        if agent is None:
            return False
        back = self.floor.back_at.get(agent.id)
        if back is not None and back > self.world.now:
            yield (back - self.world.now).total_seconds()
        return conversation in self.floor.owner

    # --- the agent -----------------------------------------------------------------------------

    def _help(self, customer: Customer, conversation: uuid.UUID, said: Said, *, last: bool) -> Process:
        """One line of the agent's part."""
        if said.kind == "agent":
            if self.world.chance(RECEIPT):
                self._read(conversation)
            if customer.language == "de":
                yield from self._find_german(conversation)
            yield self.world.about(min(20 + len(said.text) / 4, 90), least=8, most=400)
            self._reply(customer, conversation, said, last=last)
        elif said.kind == "note":
            yield self.world.about(20, least=5, most=90)
            self.world.act(do_note, conversation, author=self._agent(conversation), text=self._text(customer, said))
        elif said.kind == "transfer":
            yield self.world.about(15, least=4, most=60)
            self._transfer(customer, conversation, said)
        else:
            yield from self._park(conversation)

    def _agent(self, conversation: uuid.UUID) -> User:
        return self.floor.owner[conversation]

    def _text(self, customer: Customer, said: Said) -> str:
        return said.text.format(name=customer.name.split()[0], agent=customer.agent, **customer.details)

    def _read(self, conversation: uuid.UUID) -> None:
        agent = self._agent(conversation)
        self.world.act(do_staff_receipt, conversation, state="read", seq=2**31, agent=agent)

    def _reply(self, customer: Customer, conversation: uuid.UUID, said: Said, *, last: bool) -> None:
        agent = self._agent(conversation)
        customer.agent = agent.nickname
        choices = [{"text": choice, "payload": choice} for choice in said.choices]
        message = self.world.act(
            do_agent_reply,
            conversation,
            agent,
            text=self._text(customer, said),
            content=({"type": "quick_replies", "items": choices},) if choices else (),
            client_id=f"{self.world.rng.getrandbits(64):x}",
        )
        state = "read" if self.world.chance(READS) else "delivered"
        if customer.deployment is None:
            self.world.after(0.4, lambda: self._send(state))
        elif last or self.world.chance(RECEIPT):
            seen = self.world.about(9, most=120)
            receipt = partial(self.world.act, do_customer_receipt, conversation, state=state, seq=message.seq)
            self.world.after(seen, receipt)

    def _send(self, state: str) -> None:
        """What the sender does for a provider's channel, and what the provider answers."""
        for claim in self.world.act(do_claim):
            outcome = send(claim)
            self.world.act(do_record, claim, outcome)
            receipt = InboundReceipt(outcome.sent[0].provider_id or "", ReceiptState(state))
            channel = Channel.objects.get(deliveries__id=claim.delivery_id)
            self.world.after(self.world.about(8), partial(self.world.act, do_provider_receipt, channel, receipt))

    def _find_german(self, conversation: uuid.UUID) -> Process:
        """Hand a German customer to somebody who speaks it, if that somebody takes it."""
        agent = self._agent(conversation)
        other = self.floor.german_speaker(agent)
        if other is None:
            return
        self.floor.codes[conversation] = USUAL_CODE
        offer = self.world.attempt(do_transfer_to_agent, conversation, agent, other, note="Writes German.")
        if offer is not None:
            yield Signal(("connected", conversation), offer.expires_at + timedelta(seconds=5))

    def _transfer(self, customer: Customer, conversation: uuid.UUID, said: Said) -> None:
        self.floor.codes[conversation] = USUAL_CODE
        agent, queue = self._agent(conversation), self.queues[said.queue]
        self.world.act(do_transfer_to_queue, conversation, agent, queue, note=self._text(customer, said))

    def _park(self, conversation: uuid.UUID) -> Process:
        """Until tomorrow morning, if there is one in this week; otherwise it takes some minutes."""
        until = self.calendar.next_morning(self.world.now)
        if not self.calendar.welcomes(until):
            yield self.world.about(240, least=60)
            return
        self.world.act(do_park, conversation, self._agent(conversation), resume_at=until)
        yield (until - self.world.now).total_seconds()
        if conversation in self.floor.parked:
            self.floor.play("wake_parked", conversation)
        while conversation in self.floor.live and conversation not in self.floor.owner:
            yield Signal(("connected", conversation), self.world.end)

    def _finish(self, conversation: uuid.UUID, code: str) -> Process:
        """The agent ends, or silence does."""
        self.floor.codes[conversation] = code
        if (yield from self._falls_silent(conversation, code)):
            return
        yield self.world.about(30, least=5, most=300)
        if conversation in self.floor.owner:
            self._read(conversation)
            self.world.act(do_end, conversation, self._agent(conversation))

    def _falls_silent(self, conversation: uuid.UUID, code: str) -> Process:
        silence = self.floor.queue_of[conversation].inactivity_timeout
        if code != "Customer gone" or silence is None or self.world.now + silence * 2 > self.world.end:
            return False
        yield silence.total_seconds() + 1
        self.floor.play("close_inactive", conversation)
        return conversation not in self.floor.owner

    def _maybe_later(self, customer: Customer, dialogue: Dialogue, lines: tuple[Said, ...]) -> None:
        """Some come back, hours or days later, on the same thread."""
        hours = self.world.rng.uniform(3, 62)
        if not dialogue.later or lines is dialogue.later or not self.world.chance(COMES_BACK):
            return
        moment = self.calendar.next_open(self.world.now + timedelta(hours=hours)) + timedelta(
            minutes=self.world.rng.uniform(20, 400)
        )
        if self.calendar.is_open(moment) and self.calendar.welcomes(moment):
            self.world.start(self.visit(customer, dialogue, dialogue.later), moment)
