"""The floor of the contact centre in the simulation: what routing does by itself, and what agents do.

It hears the same events as the product's sinks, and does what an agent's hands would do then. What the engine would
do it plays by the engine's own steps (`engine.DUE`), at the moments at which they become due.
Only conversations of the simulation are touched: a live customer's may wait in the same queues.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from agents.actions.status import do_choose_presence
from agents.events import RoutingStatusChanged
from agents.models import Skill, User
from agents.presence import Presence, RoutingStatus
from channels_app.actions.lifecycle import do_end as do_end_for_good
from channels_app.actions.lifecycle import do_end_rested
from channels_app.events import ConversationEnded, ConversationRested, MessageAdded
from channels_app.models import Conversation
from contactcenter.demo.hours import MEAL, Shift
from contactcenter.demo.world import Process, World
from contactcenter.kernel.db import Action
from contactcenter.kernel.events import Event, Recorded
from routing import events
from routing.acd import select, snapshot
from routing.actions import engine
from routing.actions.availability import do_go_on_queue, do_leave_queue
from routing.actions.offers import do_accept, do_decline, do_offer_decided, do_withdraw
from routing.actions.work import codes_of, do_end, do_wrap_up
from routing.models import Offer, Queue, RoutingPass, WrapUpCode

#: one offer in so many is declined, or not answered: by count, so that a short week has some too
DECLINED_EVERY, IGNORED_EVERY = 29, 37
FORGETS_WRAP_UP = 0.12
SKIPS_WRAP_UP = 0.35
USUAL_CODE = "Question answered"
_TIME_BOXED = (Queue.WrapUpPrompt.TIMEOUT, Queue.WrapUpPrompt.FORCED_TIMEOUT)
_FREES = (RoutingStatusChanged, events.OfferClosed, events.AssignmentLeft, events.AssignmentParked, events.WrapUpDone)


class Floor:
    """Agents at their desks, and the state of work as the events tell it."""

    def __init__(self, world: World, agents: list[User]) -> None:
        self.world = world
        self.agents = {agent.id: agent for agent in agents}
        self.queues = {queue.id: queue for queue in Queue.objects.all()}
        self.codes: dict[uuid.UUID, str] = {}  # conversation -> the code that its agent will choose
        self.owner: dict[uuid.UUID, User] = {}
        self.queue_of: dict[uuid.UUID, Queue] = {}
        self.parked: set[uuid.UUID] = set()
        self.alerting: dict[uuid.UUID, events.OfferMade] = {}
        self.wrapping: dict[uuid.UUID, events.AssignmentLeft] = {}
        self.waiting: dict[uuid.UUID, None] = {}  # conversations, in order
        self.live: set[uuid.UUID] = set()
        self.back_at: dict[uuid.UUID, datetime] = {}  # agents on a break
        self._at_work: set[uuid.UUID] = set()
        self._on_queue: set[uuid.UUID] = set()
        self._look = False
        self._offers = 0
        self._offered: dict[uuid.UUID, list[WrapUpCode]] = {key: list(codes_of(q)) for key, q in self.queues.items()}
        self._german = _speakers("German")
        world.listeners.append(self.hear)
        world.settle = self.settle

    # --- what happens --------------------------------------------------------------------------

    def hear(self, recorded: Recorded) -> None:
        """Take note of an event, and do what follows from it."""
        event = recorded.event
        self._look |= isinstance(event, _FREES)
        handle = _HANDLERS.get(type(event))
        if handle is not None:
            handle(self, event)

    def on_message(self, event: MessageAdded) -> None:
        conversation = event.conversation_id
        if event.direction != "inbound" or conversation is None:
            return
        if conversation in self.parked:
            self.play("wake_parked", conversation)
        elif conversation not in self.live:
            self.play("open_passes", conversation)

    def play(self, name: str, conversation: uuid.UUID) -> None:
        """A step of the engine for one conversation, if it is due now."""
        step = engine.STEPS[name]
        for key in list(step.due(self.world.now).filter(**{step.conversation: conversation})):
            assert isinstance(step.do, Action)
            self.world.act(step.do, key)

    def _lift(self, conversation: uuid.UUID) -> None:
        if conversation in self.waiting:
            self.play("lift_reservations", conversation)
            self._look_again()

    def on_opened(self, event: events.PassOpened) -> None:
        self.live.add(_conversation(event))

    def on_entered(self, event: events.VisitEntered) -> None:
        assert event.queue_id is not None
        self.owner.pop(_conversation(event), None)
        self.parked.discard(_conversation(event))
        self.queue_of[_conversation(event)] = self.queues[event.queue_id]
        self.waiting[_conversation(event)] = None
        self._look = True
        kept_until = RoutingPass.objects.filter(id=event.pass_id).values_list("due_at", flat=True).first()
        if kept_until is not None:
            self.world.at(kept_until, partial(self._lift, _conversation(event)))

    def on_offer(self, event: events.OfferMade) -> None:
        self.waiting.pop(_conversation(event), None)
        self.alerting[event.offer_id] = event
        self.world.start(self._respond(event))

    def on_offer_closed(self, event: events.OfferClosed) -> None:
        self.alerting.pop(event.offer_id, None)
        conversation = _conversation(event)
        if event.state == "accepted":
            return
        if conversation in self.owner:
            self.world.signal("connected", conversation)  # a transfer that wasn't taken: it stays
        elif conversation in self.live:
            self.waiting[conversation] = None
        if event.state == "declined":  # who declined may get it again after a while
            self.world.after(snapshot.DECLINE_PAUSE.total_seconds() + 1, self._look_again)

    def _look_again(self) -> None:
        self._look = True
        self.settle()

    def on_connected(self, event: events.AssignmentStarted | events.AssignmentResumed) -> None:
        assert event.agent_id is not None
        conversation = _conversation(event)
        self.waiting.pop(conversation, None)
        self.parked.discard(conversation)
        self.owner[conversation] = self.agents[event.agent_id]
        self.world.signal("connected", conversation)

    def on_parked(self, event: events.AssignmentParked) -> None:
        self.parked.add(_conversation(event))

    def on_left(self, event: events.AssignmentLeft) -> None:
        conversation = _conversation(event)
        self.parked.discard(conversation)
        if event.agent_id is not None and self.owner.get(conversation) == self.agents[event.agent_id]:
            del self.owner[conversation]
        self.wrapping[event.assignment_id] = event
        self.world.start(self._wrap_up(event, self.codes.get(conversation, USUAL_CODE)))

    def on_closed(self, event: events.PassClosed) -> None:
        conversation = _conversation(event)
        self.live.discard(conversation)
        self.waiting.pop(conversation, None)
        self.owner.pop(conversation, None)

    def on_wrapped_up(self, event: events.WrapUpDone) -> None:
        self.wrapping.pop(event.assignment_id, None)

    def on_rested(self, event: ConversationRested) -> None:
        over = self.world.now + timedelta(seconds=event.window_s)
        if over < self.world.end:
            self.world.at(over, partial(self.world.act, do_end_rested, over))

    def on_ended(self, event: ConversationEnded) -> None:
        if _conversation(event) in self.live:
            self.play("withdraw_ended", _conversation(event))

    def on_status(self, event: RoutingStatusChanged) -> None:
        assert event.agent_id is not None
        if event.status == RoutingStatus.OFF_QUEUE:
            self._on_queue.discard(event.agent_id)
        else:
            self._on_queue.add(event.agent_id)

    # --- matching ------------------------------------------------------------------------------

    def settle(self) -> None:
        """Match what waits, if anything changed that could let it."""
        if not (self._look and self.waiting and self._on_queue):
            return
        self._look = False
        team = snapshot.candidates(self._on_queue)
        page = [one for one in snapshot.waiting(self.world.now, team) if uuid.UUID(one.conversation_id) in self.waiting]
        items = {item.pass_id: item for item in page}
        for decision in select.decide(page, team, self.world.now):
            self.world.attempt(do_offer_decided, items[decision.pass_id], decision)

    # --- agents --------------------------------------------------------------------------------

    def work(self, shift: Shift, agent: User) -> Process:
        """One agent's day at the desk."""
        self._at_work.add(agent.id)
        self.world.act(do_go_on_queue, agent)
        if shift.meal is not None:
            yield (shift.meal - self.world.now).total_seconds()
            yield from self.leave_for(agent, Presence.MEAL, MEAL)
        yield (shift.end - self.world.now).total_seconds()
        self._at_work.discard(agent.id)
        self.world.act(do_leave_queue, agent.id)
        self._withdraw(agent, "off_queue")
        yield self.world.about(1500, least=600)
        self.world.act(do_choose_presence, agent.id, Presence.OFFLINE)

    def leave_for(self, agent: User, presence: Presence, span: timedelta) -> Process:
        """A break: nothing new; what the customer says meanwhile is answered afterwards."""
        self.back_at[agent.id] = max(self.world.now + span, self.back_at.get(agent.id, self.world.now))
        self.world.act(do_choose_presence, agent.id, presence)
        self._withdraw(agent, f"presence_{presence}")
        yield span.total_seconds()
        if agent.id in self._at_work and self.back_at[agent.id] <= self.world.now:
            self.world.act(do_go_on_queue, agent)

    def _withdraw(self, agent: User, reason: str) -> None:
        for offer_id in [key for key, offer in self.alerting.items() if offer.agent_id == agent.id]:
            self.world.act(do_withdraw, offer_id, reason)

    def _respond(self, offer: events.OfferMade) -> Process:
        """Accept after some seconds; now and then decline, or not be there at all."""
        assert offer.agent_id is not None
        assert offer.queue_id is not None
        agent, self._offers = self.agents[offer.agent_id], self._offers + 1
        declines = self._offers % DECLINED_EVERY == 7 and offer.kind == Offer.Kind.ACD
        alert = self.queues[offer.queue_id].alert_timeout.total_seconds()
        if self._offers % IGNORED_EVERY == 19:
            yield alert
            if offer.offer_id in self.alerting:
                self.play("expire_offers", _conversation(offer))
                yield self.world.about(150, least=40)
                if agent.id in self._at_work and self.back_at.get(agent.id, self.world.now) <= self.world.now:
                    self.world.act(do_go_on_queue, agent)
            return
        yield self.world.about(6, most=alert - 2)
        if offer.offer_id in self.alerting:
            if declines:
                self.world.act(do_decline, offer.offer_id, agent)
            else:
                self.world.act(do_accept, offer.offer_id, agent)

    def _wrap_up(self, left: events.AssignmentLeft, code: str) -> Process:
        """Choose a code within the time; now and then forget it, or skip it where that is allowed."""
        assert left.agent_id is not None
        assert left.queue_id is not None
        queue, world = self.queues[left.queue_id], self.world
        boxed = queue.wrapup_prompt in _TIME_BOXED
        if boxed and world.chance(FORGETS_WRAP_UP):
            yield queue.wrapup_timeout.total_seconds()
            self.play("time_out_wrap_ups", _conversation(left))
            return
        yield world.about(18, least=3, most=queue.wrapup_timeout.total_seconds() - 2 if boxed else 240)
        skip = queue.wrapup_prompt == Queue.WrapUpPrompt.OPTIONAL and world.chance(SKIPS_WRAP_UP)
        self.wrap_up(left, None if skip else code)

    def wrap_up(self, left: events.AssignmentLeft, code: str | None) -> None:
        """With the code of this name, or the queue's first where it doesn't offer that; None: skipped."""
        assert left.agent_id is not None
        agent = self.agents[left.agent_id]
        if code is None:
            self.world.act(do_wrap_up, left.assignment_id, agent, skip=True)
            return
        assert left.queue_id is not None
        offered = self._offered[left.queue_id]
        chosen = next((one for one in offered if one.name == code), offered[0])
        self.world.act(do_wrap_up, left.assignment_id, agent, code=chosen)

    def german_speaker(self, other_than: User) -> User | None:
        """Somebody on queue who speaks German, if the agent doesn't."""
        if other_than.id in self._german:
            return None
        return next((self.agents[one] for one in self._german if one in self._on_queue and one in self.agents), None)

    # --- the end -------------------------------------------------------------------------------

    def go_home(self) -> None:
        """Whatever is open still is finished now, and everybody leaves."""
        for agent in self.agents.values():
            self.world.act(do_leave_queue, agent.id)
            self._withdraw(agent, "off_queue")
        for conversation, agent in list(self.owner.items()):
            self.world.act(do_end, conversation, agent)
        for conversation in list(self.waiting):
            self.world.act(do_end_for_good, conversation, Conversation.EndReason.CLEARED)
        for left in list(self.wrapping.values()):
            self.wrap_up(left, self.codes.get(_conversation(left), USUAL_CODE))
        for agent in self.agents.values():
            self.world.act(do_choose_presence, agent.id, Presence.OFFLINE)


def _speakers(language: str) -> list[uuid.UUID]:
    return list(
        Skill.objects.filter(name=language, user_skills__proficiency__gte=3)
        .order_by("-user_skills__proficiency")
        .values_list("user_skills__user_id", flat=True)
    )


def _conversation(event: Event) -> uuid.UUID:
    assert event.conversation_id is not None
    return event.conversation_id


_HANDLERS: dict[type[Event], Callable[[Floor, Any], None]] = {
    MessageAdded: Floor.on_message,
    ConversationRested: Floor.on_rested,
    ConversationEnded: Floor.on_ended,
    RoutingStatusChanged: Floor.on_status,
    events.PassOpened: Floor.on_opened,
    events.PassClosed: Floor.on_closed,
    events.VisitEntered: Floor.on_entered,
    events.OfferMade: Floor.on_offer,
    events.OfferClosed: Floor.on_offer_closed,
    events.AssignmentStarted: Floor.on_connected,
    events.AssignmentResumed: Floor.on_connected,
    events.AssignmentParked: Floor.on_parked,
    events.AssignmentLeft: Floor.on_left,
    events.WrapUpDone: Floor.on_wrapped_up,
}
