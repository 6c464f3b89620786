"""The engine: everything that routing does by itself. Run on a nudge, and every second by the sweep.

    events ──► nudge ──► react ─┐        each step of DUE:   due(now) ──► keys ──► do(key), a transaction of its own
    the clock ─────────► sweep ─┴──►     CHANGED: withdraw_ended, open_passes, wake_parked
                                         TIMED:   expire_offers, time_out_wrap_ups, … (the sweep only)
                                         then match(): snapshot ──► select.decide ──► do_offer_decided

    conversation ──open_passes──► waiting ──match──► offered ──(agent)──► connected ──(agent)──► wrap-up ──► done
                                     ▲    ◄──expire_offers──┘                │ ▲
                                     ├────────wake_parked──── parked ◄───────┘ │  (agent parks and resumes)
                                     │                                         │
                                     └── lift_reservations: for anyone         └── reclaim_vanished, close_inactive,
                                                                                   withdraw_ended: closed

It looks at states, not at messages: whatever a lost nudge was about is found again. Each step is an action of its
own, checks again under its locks, and may run twice. A simulation plays the same steps at the moments at which they
are due (`contactcenter.demo.floor`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from agents.presence import TAKES_WORK
from channels_app.actions.lifecycle import BATCH as ENDED_AT_ONCE
from channels_app.actions.lifecycle import do_end_rested, do_rest
from channels_app.models import Conversation, Message
from contactcenter.kernel import clock
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import ContactCentreError
from routing.actions import load
from routing.actions.availability import do_leave_vanished, off_queue_with_offers, vanished, withdraw_from
from routing.actions.locks import lock, lock_assignment, owner_of
from routing.actions.matching import match
from routing.actions.offers import do_expire
from routing.actions.passes import Destination, alerting, do_open_pass, enter_queue, has_slot, needs_of, seen
from routing.actions.work import do_time_out_wrap_up, finish, resume
from routing.models import Assignment, InboundRoute, Offer, RoutingPass, Unseen

log = structlog.get_logger(__name__)
BATCH = 200
CUSTOMER_WAITS = timedelta(minutes=2)
Keys = QuerySet[Any, uuid.UUID]


class Step(NamedTuple):
    """Something that routing does by itself. due: what waits for it at a moment, as keys for `do`, which checks again.

    conversation: the lookup from what is due to its conversation; empty: it is about agents' desks.
    """

    name: str
    due: Callable[[datetime], Keys]
    do: Callable[[uuid.UUID], object]
    conversation: str = ""


def react() -> None:
    """After a nudge: what ended, new work, replies to parked work, then matching."""
    for step in CHANGED:
        run(step)
    match()


def sweep() -> None:
    """Every second: all that is due, then the same."""
    for step in TIMED:
        run(step)
    while do_end_rested(clock.now()) == ENDED_AT_ONCE:
        pass
    react()


def run(step: Step) -> None:
    """What is due of it, one after the other, at most a batch.

    A refusal (somebody was faster) is normal, and one bad row doesn't stop the rest.
    """
    for key in list(step.due(clock.now())[:BATCH]):
        try:
            step.do(key)
        except ContactCentreError as refused:
            log.info("step refused", step=step.name, id=str(key), why=refused.message)
        except Exception:  # a named edge: the others go on, this one is tried again a second later
            log.exception("step failed", step=step.name, id=str(key))


# --- new work ----------------------------------------------------------------------------------


def _to_open(now: datetime) -> Keys:
    """Unseen active conversations whose channel has a route or which a queue had before. Those with a live pass are
    there only to be seen."""
    live = RoutingPass.objects.filter(conversation=OuterRef("pk")).exclude(state=RoutingPass.State.CLOSED)
    routed = InboundRoute.objects.filter(channel=OuterRef("conversation__channel"), active=True)
    had = Assignment.objects.filter(conversation=OuterRef("pk"), queue__isnull=False)
    unseen = Unseen.objects.filter(
        Exists(routed) | Exists(had) | Exists(live), conversation__state=Conversation.State.ACTIVE
    )
    return unseen.order_by("conversation__active_since").values_list("pk", flat=True)


def _to_wake(now: datetime) -> Keys:
    """Parked work whose customer replied, or whose time has come."""
    reply = Message.objects.public().filter(
        conversation=OuterRef("conversation"), seq__gt=OuterRef("parked_seq"), direction=Message.Direction.INBOUND
    )
    replied = Q(Exists(reply), resume_on_reply=True, conversation__last_seq__gt=F("parked_seq"))
    parked = Assignment.objects.filter(state=Assignment.State.PARKED, routing_pass__state=RoutingPass.State.PARKED)
    return parked.filter(replied | Q(resume_at__lte=now)).values_list("id", flat=True)


@action
def do_wake_parked(tx: Tx, assignment_id: uuid.UUID) -> bool:
    """Parked work goes on: connected if its agent has a slot, else it waits for them, then for anyone."""
    _, live, owner = lock_assignment(assignment_id)
    if live is None or not _to_wake(tx.now).filter(id=assignment_id).exists():
        return False
    if has_slot(owner.agent_id, owner.medium, 1 - owner.weight):
        load.add(tx, owner.agent_id, owner.medium, 1 - owner.weight)
        resume(tx, live, owner)
        return True
    if owner.queue is None or alerting(live).exists():  # nowhere to wait, or on its way to somebody else
        return False
    load.free(tx, owner.agent_id, owner.medium, owner.weight)  # waiting isn't parked: its offer will take a slot
    owner.weight = Decimal(0)
    owner.save(update_fields=["weight"])
    live.waiting_since = None
    needs, kept = needs_of(live.needs.all()), owner.queue.reclaim_after
    enter_queue(tx, live, Destination(owner.queue, live.priority, needs, owner.agent_id, kept))
    return True


# --- what is due -------------------------------------------------------------------------------


def _unanswered(now: datetime) -> Keys:
    """Offers nobody answered."""
    due = Offer.objects.filter(state=Offer.State.ALERTING, expires_at__lte=now)
    return due.order_by("expires_at").values_list("id", flat=True)


def _not_wrapped_up(now: datetime) -> Keys:
    """Wrap-ups whose time is over."""
    due = Assignment.objects.filter(state=Assignment.State.WRAPUP, wrapup_due_at__lte=now)
    return due.values_list("id", flat=True)


def _kept_too_long(now: datetime) -> Keys:
    """Waiting passes that were kept for one agent long enough, or whose last agent can't take them now."""
    kept = RoutingPass.objects.filter(state=RoutingPass.State.WAITING, only_agent__isnull=False)
    parked = Assignment.objects.filter(routing_pass=OuterRef("pk"), state=Assignment.State.PARKED)
    gone = ~Q(only_agent__state__status__in=TAKES_WORK) & ~Exists(parked)  # parked work waits for its agent's return
    return kept.filter(Q(due_at__lte=now) | gone).values_list("conversation_id", flat=True)


@action
def do_lift_reservation(tx: Tx, conversation_id: uuid.UUID) -> bool:
    """From now on anyone eligible may get it."""
    _, live = lock(conversation_id)
    if live is None or not _kept_too_long(tx.now).filter(id=live.id).exists():
        return False
    live.only_agent, live.due_at = None, None
    live.save(update_fields=["only_agent", "due_at"])
    return True


def _inactive(now: datetime) -> Keys:
    """Work without a message from either side for the queue's time: connected, waiting, or parked until a reply.

    Silence counts from the start of the present state at the earliest.

    `due_at` spares connected work the look at its conversation; `do_close_inactive` moves it on.
    """
    since = now - F("queue__inactivity_timeout")
    state = RoutingPass.State
    entered = Q(state__in=(state.WAITING, state.OFFERED), visits__left_at=None, visits__entered_at__lte=since)
    parked = Q(state=state.PARKED, assignments__in=_parked_for_a_reply(), assignments__parked_at__lte=since)
    quiet = Q(conversation__last_time__lte=since)
    found = RoutingPass.objects.filter(
        Q(state=state.CONNECTED, due_at__lte=now) | quiet & (entered | parked), queue__inactivity_timeout__isnull=False
    )
    return found.values_list("conversation_id", flat=True).distinct()


def _parked_for_a_reply() -> QuerySet[Assignment]:
    return Assignment.objects.filter(state=Assignment.State.PARKED, resume_at=None)


@action
def do_close_inactive(tx: Tx, conversation_id: uuid.UUID) -> bool:
    """Close it, or look again when its last message will be old enough."""
    conversation, live = lock(conversation_id)
    if live is None or live.queue is None or not _inactive(tx.now).filter(id=live.id).exists():
        return False
    assert live.queue.inactivity_timeout is not None
    due = conversation.last_time + live.queue.inactivity_timeout
    if due > tx.now:
        live.due_at = due
        live.save(update_fields=["due_at"])
        return False
    finish(tx, conversation, live, owner_of(live), closed_by=RoutingPass.ClosedBy.INACTIVITY)
    return True


def _ended(now: datetime) -> Keys:
    """Unseen conversations that ended (cleared, erased, merged), or rest because the customer left."""
    return Unseen.objects.exclude(conversation__state=Conversation.State.ACTIVE).values_list("pk", flat=True)


@action
def do_withdraw_ended(tx: Tx, conversation_id: uuid.UUID) -> bool:
    """The customer is gone: offers are withdrawn, the owner wraps up."""
    conversation, live = lock(conversation_id)
    if live is None or conversation.state == Conversation.State.ACTIVE:
        seen(conversation, live)
        return False
    left = conversation.state == Conversation.State.RESTING
    left = left or conversation.end_reason == Conversation.EndReason.CLEARED
    closed_by = RoutingPass.ClosedBy.CUSTOMER if left else RoutingPass.ClosedBy.SYSTEM
    finish(tx, conversation, live, owner_of(live), closed_by=closed_by, rest=False)
    seen(conversation, None)
    return True


# --- agents who vanished -----------------------------------------------------------------------


def _withdraw_left(agent_id: uuid.UUID) -> None:
    withdraw_from(agent_id, "off_queue")


def _abandoned(now: datetime) -> Keys:
    """Connected work of agents who stay away: for the queue's time, or two minutes once the customer wrote.

    Whether the agent left the queue by themselves or not: nobody sits at the desk.
    """
    gone = Assignment.objects.filter(
        state=Assignment.State.CONNECTED,
        agent__state__seen_at__lt=now - settings.CC_LOGGED_OUT_AFTER,
    )
    wrote = Message.objects.public().filter(
        conversation=OuterRef("conversation"),
        direction=Message.Direction.INBOUND,
        created_at__gt=OuterRef("agent__state__seen_at"),
        created_at__lte=now - CUSTOMER_WAITS,
    )
    gone = gone.filter(Q(agent__state__seen_at__lte=now - F("queue__abandon_after")) | Exists(wrote))
    return gone.values_list("id", flat=True)


@action
def do_reclaim_vanished(tx: Tx, assignment_id: uuid.UUID) -> bool:
    """A new pass follows, with the last agent preferred should they come back."""
    conversation, live, owner = lock_assignment(assignment_id)
    if live is None or not _abandoned(tx.now).filter(id=assignment_id).exists():
        return False
    finish(tx, conversation, live, owner, closed_by=RoutingPass.ClosedBy.SYSTEM, rest=False)
    if _answered(conversation):
        do_rest.within(tx, conversation)  # nobody waits for an answer: no new pass is needed
    return True


def _answered(conversation: Conversation) -> bool:
    last = conversation.messages.public().exclude(kind=Message.Kind.SYSTEM).order_by("-seq").only("direction").first()
    return last is not None and last.direction == Message.Direction.OUTBOUND


# --- all of it ---------------------------------------------------------------------------------

#: what becomes due by the clock, in the order of the sweep
TIMED: tuple[Step, ...] = (
    Step("leave_vanished", vanished, do_leave_vanished),
    Step("withdraw_left", off_queue_with_offers, _withdraw_left),
    Step("expire_offers", _unanswered, do_expire, "routing_pass__conversation"),
    Step("time_out_wrap_ups", _not_wrapped_up, do_time_out_wrap_up, "conversation"),
    Step("lift_reservations", _kept_too_long, do_lift_reservation, "conversation"),
    Step("close_inactive", _inactive, do_close_inactive, "conversation"),
    Step("reclaim_vanished", _abandoned, do_reclaim_vanished),
)
#: what becomes due by what happened
CHANGED: tuple[Step, ...] = (
    Step("withdraw_ended", _ended, do_withdraw_ended, "conversation"),
    Step("open_passes", _to_open, do_open_pass, "conversation"),
    Step("wake_parked", _to_wake, do_wake_parked, "conversation"),
)
DUE: tuple[Step, ...] = (*TIMED, *CHANGED)
STEPS = {step.name: step for step in DUE}
