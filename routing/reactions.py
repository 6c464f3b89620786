"""What routing does about events: it notes which conversations changed, in the same transaction; after the commit it
asks the engine to look at once. A look that gets lost is the sweep's."""

from __future__ import annotations

from collections.abc import Sequence

from agents.events import RoutingStatusChanged
from channels_app.events import (
    ConversationEnded,
    ConversationRested,
    ConversationStarted,
    ConversationWoken,
    MessageAdded,
)
from channels_app.models import Conversation
from contactcenter.kernel.events import Event, Recorded
from routing.events import (
    AssignmentLeft,
    AssignmentParked,
    OfferClosed,
    PassClosed,
    PassOpened,
    VisitEntered,
    WrapUpDone,
)
from routing.models import Unseen
from routing.tasks import nudge, nudge_parked

#: work came, capacity came, or a status changed
_ALWAYS = (
    ConversationStarted,
    ConversationWoken,
    ConversationEnded,
    VisitEntered,
    WrapUpDone,
    AssignmentLeft,
    AssignmentParked,
    RoutingStatusChanged,
)


#: what `note_unseen` hears
CHANGES = (ConversationStarted, ConversationWoken, ConversationRested, ConversationEnded, PassOpened, PassClosed)


def note_unseen(recorded: Sequence[Recorded]) -> None:
    """Conversations that became active without a pass, or stopped being active with one, wait for the engine's look.

    What routing did itself (opened a pass for what woke, closed it and let the conversation rest) needs none. Where
    only a pass was closed, the conversation may be active still.
    """
    of = {
        kind: {one.event.conversation_id for one in recorded if isinstance(one.event, kind)}
        for kind in (
            (ConversationStarted, ConversationWoken),
            (ConversationRested, ConversationEnded),
            PassOpened,
            PassClosed,
        )
    }
    began, over, opened, closed = of.values()
    left = closed - over - began
    if left:
        left = set(Conversation.objects.filter(id__in=left, state="active").values_list("id", flat=True))
    unseen = (began - opened) | (over - closed) | left
    Unseen.objects.bulk_create((Unseen(conversation_id=one) for one in unseen), ignore_conflicts=True)


def nudge_routing(recorded: Sequence[Recorded]) -> None:
    """One coalesced nudge for all that this transaction changed."""
    if any(_matters(one.event) for one in recorded):
        nudge()
    elif any(_may_wake_parked(one.event) for one in recorded):
        nudge_parked()


def _matters(event: Event) -> bool:
    return isinstance(event, _ALWAYS) or (isinstance(event, OfferClosed) and event.state != "accepted")


def _may_wake_parked(event: Event) -> bool:
    return isinstance(event, MessageAdded) and event.direction == "inbound"
