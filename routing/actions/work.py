"""Assignments: connected, parked, resumed, left, wrapped up (DESIGN: States)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from agents.models import User
from channels_app.models import Conversation
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotAllowed, Refused
from routing.actions import load
from routing.actions.closing import lasted, withdraw
from routing.actions.locks import NoWork, lock_assignment, lock_live, owner_of
from routing.actions.passes import about, alerting, close_pass, leave_queue
from routing.events import AssignmentLeft, AssignmentParked, AssignmentResumed, AssignmentStarted, WrapUpDone
from routing.models import Assignment, Offer, Queue, QueueVisit, RoutingPass, WrapUp, WrapUpCode


class NotYours(NotAllowed):
    """Somebody else has this conversation."""


def connect(tx: Tx, live: RoutingPass, agent_id: uuid.UUID, *, offer: Offer | None) -> Assignment:
    """Make an agent the owner. The slot is taken already (by the offer, or by the caller)."""
    live.state = RoutingPass.State.CONNECTED
    live.only_agent, live.waiting_since = None, None
    live.due_at = _inactive_at(tx, live.queue)
    live.save()
    assignment = Assignment.objects.create(
        id=ids.new(tx.now),
        routing_pass=live,
        conversation_id=live.conversation_id,
        offer=offer,
        queue=live.queue,
        agent_id=agent_id,
        medium=live.medium,
        connected_at=tx.now,
    )
    tx.record(
        AssignmentStarted(
            **about(live),
            agent_id=agent_id,
            queue_id=live.queue_id,
            assignment_id=assignment.id,
        )
    )
    load.touch_desk(tx, agent_id)
    return assignment


def hand_over(tx: Tx, owner: Assignment, reason: str) -> None:
    """The owner's talking part ends; wrap-up is owed (DESIGN: it belongs to the assignment)."""
    queue = owner.queue
    counts = queue is None or queue.wrapup_counts
    after = min(owner.weight, Decimal(1 if counts else 0))  # never more than it was: nothing is added here
    load.free(tx, owner.agent_id, owner.medium, owner.weight - after)
    owner.weight = after
    while_parked = owner.state == Assignment.State.PARKED
    if while_parked:
        _end_park(tx, owner)
    owner.state = Assignment.State.WRAPUP
    owner.left_at = tx.now
    owner.end_reason = reason
    owner.wrapup_due_at = tx.now + queue.wrapup_timeout if queue and _time_boxed(queue) else None
    owner.save()
    parked = owner.parked_for.total_seconds()
    talked = max(0.0, lasted(owner.connected_at, tx.now) - parked)
    tx.record(
        AssignmentLeft(**_about(owner), reason=reason, while_parked=while_parked, talked_s=talked, parked_s=parked)
    )


def _time_boxed(queue: Queue) -> bool:
    return queue.wrapup_prompt in (Queue.WrapUpPrompt.TIMEOUT, Queue.WrapUpPrompt.FORCED_TIMEOUT)


def _inactive_at(tx: Tx, queue: Queue | None) -> datetime | None:
    """When to look for silence first: it counts from here, however old the last message is."""
    return tx.now + queue.inactivity_timeout if queue and queue.inactivity_timeout else None


def owned(conversation_id: uuid.UUID, agent: User) -> tuple[Conversation, RoutingPass, Assignment]:
    """The work that this agent owns, locked. :raises NoWork, NotYours:"""
    conversation, live = lock_live(conversation_id)
    owner = owner_of(live)
    if owner is None:
        raise NoWork
    if owner.agent_id != agent.id:
        raise NotYours
    return conversation, live, owner


class NewMessage(Refused):
    """The customer has just written. Read it before you end."""


@action
def do_end(tx: Tx, conversation_id: uuid.UUID, agent: User, *, seen_seq: int | None = None) -> Assignment:
    """The agent ends the work: wrap-up is owed, the conversation rests.

    :raises NewMessage: the customer wrote after `seen_seq`, what the agent's screen shows.
    """
    conversation, live, owner = owned(conversation_id, agent)
    if seen_seq is not None and _wrote_after(conversation, seen_seq):
        raise NewMessage
    finish(tx, conversation, live, owner, closed_by=RoutingPass.ClosedBy.AGENT)
    return owner


def _wrote_after(conversation: Conversation, seq: int) -> bool:
    return conversation.messages.public().filter(seq__gt=seq, direction="inbound").exists()


def finish(
    tx: Tx,
    conversation: Conversation,
    live: RoutingPass,
    owner: Assignment | None,
    *,
    closed_by: str,
    rest: bool = True,
) -> None:
    """Close the pass and whatever of it is open: offers, visit, the owner's part."""
    offers = list(alerting(live))
    load.hold(owner.agent_id if owner else None, *(offer.agent_id for offer in offers))
    for offer in offers:
        withdraw(tx, offer, f"closed_by_{closed_by}")
    if owner is not None:
        hand_over(tx, owner, closed_by)
    left = QueueVisit.Outcome.ABANDONED if closed_by == RoutingPass.ClosedBy.CUSTOMER else QueueVisit.Outcome.FLOW_OUT
    leave_queue(tx, live, left)
    answered = Assignment.objects.filter(routing_pass=live).exists()
    outcome = RoutingPass.Outcome.HANDLED if answered else RoutingPass.Outcome(left)
    close_pass(tx, conversation, live, outcome=outcome, closed_by=closed_by, rest=rest)


@action
def do_park(
    tx: Tx,
    conversation_id: uuid.UUID,
    agent: User,
    *,
    resume_at: datetime | None = None,
    on_reply: bool = True,
    seen_seq: int | None = None,
) -> Assignment:
    """Put the work aside until a time, a reply, or the agent resumes it.

    seen_seq: what the agent's screen shows; a message of the customer after it is a reply already.
    """
    conversation, live, owner = owned(conversation_id, agent)
    if owner.state != Assignment.State.CONNECTED:
        raise Refused
    if resume_at is not None and resume_at <= tx.now:
        raise Refused("Choose a time in the future.")
    weight = owner.queue.parked_weight if owner.queue else Decimal(0)
    load.free(tx, agent.id, owner.medium, owner.weight - weight)
    owner.weight = weight
    owner.state = Assignment.State.PARKED
    owner.parked_at, owner.resume_at = tx.now, resume_at
    owner.resume_on_reply = on_reply
    owner.parked_seq = conversation.last_seq if seen_seq is None else min(seen_seq, conversation.last_seq)
    owner.save()
    live.state, live.due_at = RoutingPass.State.PARKED, resume_at
    live.save(update_fields=["state", "due_at"])
    tx.record(AssignmentParked(**_about(owner)))
    return owner


@action
def do_resume(tx: Tx, conversation_id: uuid.UUID, agent: User) -> Assignment:
    """The agent takes parked work up again. :raises Full: no free slot."""
    _, live, owner = owned(conversation_id, agent)
    if owner.state != Assignment.State.PARKED:
        return owner
    stop_waiting(tx, live, agent)
    load.add(tx, agent.id, owner.medium, 1 - owner.weight)
    return resume(tx, live, owner)


def stop_waiting(tx: Tx, live: RoutingPass, agent: User) -> None:
    """Its owner takes it out of the queue where it waits for a slot; an alerting transfer goes on."""
    offers = list(alerting(live).exclude(kind=Offer.Kind.TRANSFER))
    load.hold(agent.id, *(offer.agent_id for offer in offers))
    for offer in offers:
        withdraw(tx, offer, "resumed")
    leave_queue(tx, live, QueueVisit.Outcome.ANSWERED, agent_id=agent.id)


def resume(tx: Tx, live: RoutingPass, owner: Assignment) -> Assignment:
    """From parked to connected. The whole slot is taken already, and no visit is open."""
    seconds = _end_park(tx, owner)
    owner.state, owner.weight = Assignment.State.CONNECTED, Decimal(1)
    owner.resume_at = owner.parked_seq = None
    owner.save()
    live.state = RoutingPass.State.CONNECTED
    live.only_agent, live.waiting_since = None, None
    live.due_at = _inactive_at(tx, live.queue)
    live.save()
    load.touch_desk(tx, owner.agent_id)
    tx.record(AssignmentResumed(**_about(owner), parked_s=seconds))
    return owner


def _end_park(tx: Tx, owner: Assignment) -> float:
    """It isn't parked any more; gives for how many seconds it was, this time."""
    seconds = lasted(owner.parked_at or tx.now, tx.now)
    owner.parked_for += timedelta(seconds=seconds)
    owner.parked_at = None
    return seconds


def _about(owner: Assignment) -> dict[str, Any]:
    """What all events of an assignment carry."""
    return {
        "conversation_id": owner.conversation_id,
        "channel_id": owner.conversation.channel_id,
        "agent_id": owner.agent_id,
        "queue_id": owner.queue_id,
        "pass_id": owner.routing_pass_id,
        "assignment_id": owner.id,
        "medium": owner.medium,
    }


class CodeNeeded(Refused):
    """Choose a wrap-up code."""


@action
def do_wrap_up(
    tx: Tx,
    assignment_id: uuid.UUID,
    agent: User,
    *,
    code: WrapUpCode | None = None,
    notes: str = "",
    skip: bool = False,
) -> WrapUp:
    """Finish the wrap-up with a code, or skip it where the queue allows that.

    Where the queue keeps it open for its whole time, the code is noted (the last one counts) and the end waits.
    """
    _, _, owner = lock_assignment(assignment_id)
    if owner.agent_id != agent.id:
        raise NotYours
    if owner.state != Assignment.State.WRAPUP:
        raise NoWork("This wrap-up is done already.")
    _check_code(owner.queue, code, skip=skip)
    wrap_up = _note(tx, owner, None if skip else code, notes, skipped=skip)
    if _stays_open(tx, owner):
        load.touch_desk(tx, agent.id)
    else:
        _done(tx, owner, wrap_up)
    return wrap_up


def _check_code(queue: Queue | None, code: WrapUpCode | None, *, skip: bool) -> None:
    if skip:
        if queue is not None and queue.wrapup_prompt != Queue.WrapUpPrompt.OPTIONAL:
            raise CodeNeeded
        return
    if code is None:
        raise CodeNeeded
    if not codes_of(queue).filter(id=code.id).exists():
        raise CodeNeeded("This queue doesn't offer that code.")


def codes_of(queue: Queue | None) -> QuerySet[WrapUpCode]:
    """The codes that a queue offers; all active ones if it names none."""
    codes = WrapUpCode.objects.filter(active=True, is_timeout=False)
    own = codes.filter(queues=queue) if queue else codes.none()
    return own if own.exists() else codes


def _stays_open(tx: Tx, owner: Assignment) -> bool:
    forced = owner.queue is not None and owner.queue.wrapup_prompt == Queue.WrapUpPrompt.FORCED_TIMEOUT
    return forced and owner.wrapup_due_at is not None and owner.wrapup_due_at > tx.now


@action
def do_time_out_wrap_up(tx: Tx, assignment_id: uuid.UUID) -> bool:
    """The wrap-up's time is over: the code noted in it counts, else the time-out code. False: it isn't due."""
    _, _, owner = lock_assignment(assignment_id)
    if owner.state != Assignment.State.WRAPUP or owner.wrapup_due_at is None or owner.wrapup_due_at > tx.now:
        return False
    noted = WrapUp.objects.select_related("code").filter(assignment=owner).first()
    _done(tx, owner, noted or _note(tx, owner, timeout_code(), "", timed_out=True))
    return True


def timeout_code() -> WrapUpCode:
    """The system's own code. A migration makes it; an emptied table must not keep agents in wrap-up for ever."""
    code, _ = WrapUpCode.objects.get_or_create(is_timeout=True, defaults={"name": "Timed out"})
    return code


def _note(
    tx: Tx, owner: Assignment, code: WrapUpCode | None, notes: str, *, skipped: bool = False, timed_out: bool = False
) -> WrapUp:
    values = {"code": code, "notes": notes.strip(), "skipped": skipped, "timed_out": timed_out, "at": tx.now}
    return WrapUp.objects.update_or_create(assignment=owner, defaults=values)[0]


def _done(tx: Tx, owner: Assignment, wrap_up: WrapUp) -> None:
    load.free(tx, owner.agent_id, owner.medium, owner.weight)
    owner.state, owner.done_at, owner.wrapup_due_at, owner.weight = Assignment.State.DONE, tx.now, None, Decimal(0)
    owner.save()
    tx.record(
        WrapUpDone(
            **_about(owner),
            code_id=wrap_up.code_id,
            skipped=wrap_up.skipped,
            timed_out=wrap_up.timed_out,
            wrapup_s=lasted(owner.left_at or tx.now, tx.now),
        )
    )
