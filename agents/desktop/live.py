"""Sink after the commit: what the desks' sockets are told.

* `conversation:<id>`: `{seq, html: {language: fragments}}` for a change of the thread (head: `change_seq`);
  `{recheck: true}` when somebody's right to see it may have ended; `{contact: true}` when the customer's profile
  was changed.
* `agent:<id>`: `{seq, refresh: [panels]}` for a change beside the threads (head: `AgentState.seq`); `{mention: true}`
  when a note names them.

A waiting list has no stream: a change would reach every member of the queue, and each would fetch the list.
The desk asks for it every few seconds while somebody looks at it, so the load doesn't grow with the traffic.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation

from agents.desktop import thread
from agents.events import PresenceChanged, RoutingStatusChanged
from agents.models import AgentState
from channels_app import history
from channels_app.events import (
    ColleaguesMentioned,
    ContactChanged,
    ConversationEnded,
    DeliveryChanged,
    MessageAdded,
    MessageChanged,
    StaffReceipt,
)
from channels_app.models import Conversation
from contactcenter.kernel import live
from contactcenter.kernel.events import Event, Recorded
from routing.events import (
    AssignmentLeft,
    AssignmentParked,
    AssignmentResumed,
    AssignmentStarted,
    OfferClosed,
    OfferMade,
    PassClosed,
    TransferMade,
    VisitLeft,
    WrapUpDone,
)
from routing.models import Assignment, Offer

MOST_THREADS = 50
PANELS = ("status", "offers", "work", "seat")
#: what changes an agent's panels; all of them, since nearly each touches the capacity, the lists and the thread's foot
_DESK = (
    PresenceChanged,
    RoutingStatusChanged,
    OfferMade,
    OfferClosed,
    AssignmentStarted,
    AssignmentParked,
    AssignmentResumed,
    AssignmentLeft,
    WrapUpDone,
    TransferMade,
)
#: after these, somebody who looks at the conversation may have lost the right to
_SIGHT = (OfferClosed, AssignmentLeft, VisitLeft, WrapUpDone, PassClosed)


def push(recorded: Sequence[Recorded]) -> None:
    """Tell the sockets what this transaction changed."""
    for one in recorded:
        _thread(one)
    agents = _touched([one.event for one in recorded if isinstance(one.event, _DESK)])
    if agents:
        _desks(agents)
    for conversation_id in {one.event.conversation_id for one in recorded if isinstance(one.event, _SIGHT)}:
        live.publish(f"conversation:{conversation_id}", {"recheck": True})


def _thread(one: Recorded) -> None:
    event = one.event
    if isinstance(event, MessageAdded | MessageChanged):
        message = one.about.message if isinstance(event, MessageAdded) else one.about
        _publish(event.conversation_id, event.change_seq, lambda: thread.render_rows([message]))
    elif isinstance(event, DeliveryChanged):
        changed = event.message_ids
        _publish(event.conversation_id, event.change_seq, lambda: thread.render_rows(history.by_ids(changed)))
    elif isinstance(event, StaffReceipt | ConversationEnded) and event.conversation_id:
        current = Conversation.objects.get(id=event.conversation_id)
        seq = event.change_seq if isinstance(event, StaffReceipt) else current.change_seq
        _publish(event.conversation_id, seq, lambda: thread.render_state(current))
    elif isinstance(event, ContactChanged):
        _profile(event.contact_id)
    elif isinstance(event, ColleaguesMentioned):
        for user_id in event.user_ids:
            live.publish(f"agent:{user_id}", {"mention": True})


def _profile(contact_id: uuid.UUID) -> None:
    """All threads of a contact show one profile; the latest are those that may be on a screen."""
    threads = Conversation.objects.filter(address__contact=contact_id).order_by("-last_time")
    for conversation_id in threads.values_list("id", flat=True)[:MOST_THREADS]:
        live.publish(f"conversation:{conversation_id}", {"contact": True})


def _publish(conversation_id: uuid.UUID | None, seq: int, render: Callable[[], str]) -> None:
    def drawn() -> Mapping[str, Any]:
        html = {}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                html[language] = render()
        return {"seq": seq, "html": html}

    live.publish(f"conversation:{conversation_id}", drawn)  # drawn only if somebody looks


def _touched(events: Sequence[Event]) -> set[uuid.UUID]:
    """The agents whose desks show something else now; for a transfer also the one who waits for its end."""
    agents = {event.agent_id for event in events if event.agent_id}
    transfers = [e.pass_id for e in events if isinstance(e, OfferClosed) and e.kind == Offer.Kind.TRANSFER]
    if transfers:
        owners = Assignment.objects.filter(routing_pass__in=transfers).exclude(state=Assignment.State.DONE)
        agents |= set(owners.values_list("agent_id", flat=True))
    return agents


def _desks(agents: Collection[uuid.UUID]) -> None:
    for user_id, seq in AgentState.objects.filter(user__in=agents).values_list("user_id", "seq"):
        live.publish(f"agent:{user_id}", {"seq": seq, "refresh": list(PANELS)})


# --- heads -------------------------------------------------------------------------------------


def conversation_heads(ids: Collection[str]) -> Mapping[str, int]:
    """`change_seq` of each conversation."""
    rows = Conversation.objects.filter(id__in=ids).values_list("id", "change_seq")
    return {str(key): head for key, head in rows}


def agent_heads(ids: Collection[str]) -> Mapping[str, int]:
    """`AgentState.seq` of each agent."""
    rows = AgentState.objects.filter(user_id__in=ids).values_list("user_id", "seq")
    return {str(key): head for key, head in rows}


def register() -> None:
    """Make both kinds of stream comparable. Called at start-up."""
    live.register_heads("conversation", conversation_heads)
    live.register_heads("agent", agent_heads)
