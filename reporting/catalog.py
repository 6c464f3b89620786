"""The catalogue of the events in the log: what each means, and what reports may group by and add up.

Every event also has the columns of the log: time, conversation, agent, queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event's meaning and fields: `dimensions` to group by, `measures` to add up (seconds end in `_s`),
    `references` to rows and places in a stream."""

    meaning: Any  # a translatable line
    dimensions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return self.dimensions + self.measures + self.references


CATALOG: dict[str, Entry] = {
    # agents
    "presence.changed": Entry(meaning=_("An agent chose another presence."), dimensions=("previous", "presence")),
    "routing_status.changed": Entry(
        meaning=_("An agent's routing status changed: by themselves, by load, or by the system."),
        dimensions=("previous", "status", "reason"),
    ),
    # channels_app
    "conversation.started": Entry(
        meaning=_("A first message opened a conversation."),
        dimensions=("channel_id", "channel_kind", "new_contact"),
        references=("contact_id",),
    ),
    "conversation.woken": Entry(meaning=_("A message made a resting conversation active.")),
    "conversation.rested": Entry(
        meaning=_("Work on a conversation is over; it waits for the customer until its window ends."),
        measures=("window_s",),
    ),
    "conversation.ended": Entry(
        meaning=_("A conversation ended for good: its window passed, or it was cleared, erased or merged."),
        dimensions=("reason",),
    ),
    "message.added": Entry(
        meaning=_("A message was added to a conversation."),
        dimensions=("direction", "audience", "kind", "author_kind", "channel_id"),
        references=("message_id", "seq", "change_seq"),
    ),
    "message.changed": Entry(
        meaning=_("A message got another text, or was removed by who wrote it."),
        dimensions=("removed",),
        references=("message_id", "change_seq"),
    ),
    "colleagues.mentioned": Entry(
        meaning=_("A note names colleagues, who hear of it."), references=("message_id", "user_ids")
    ),
    "contact.changed": Entry(
        meaning=_("Somebody changed fields of a contact."), dimensions=("fields",), references=("contact_id",)
    ),
    "session.authenticated": Entry(
        meaning=_("A guest turned out to be a known customer: they signed in."),
        dimensions=("merged",),
        references=("session_id", "address_id"),
    ),
    "session.revoked": Entry(meaning=_("A known customer signed out."), references=("session_id",)),
    "address.blocked": Entry(meaning=_("An agent blocked a customer."), references=("address_id",)),
    "address.unblocked": Entry(meaning=_("A blocked customer may write again."), references=("address_id",)),
    # routing
    "pass.opened": Entry(
        meaning=_("A stretch of work on a conversation began."),
        dimensions=("channel_id", "medium", "priority"),
        references=("pass_id",),
    ),
    "pass.closed": Entry(
        meaning=_("A stretch of work on a conversation ended."),
        dimensions=("channel_id", "medium", "outcome", "closed_by"),
        measures=("duration_s",),
        references=("pass_id",),
    ),
    "visit.entered": Entry(
        meaning=_("A conversation entered a queue."),
        dimensions=("channel_id", "medium"),
        references=("pass_id", "visit_id"),
    ),
    "visit.left": Entry(
        meaning=_("A conversation left a queue: answered, abandoned, or on to elsewhere."),
        dimensions=("channel_id", "medium", "outcome"),
        measures=("waited_s",),
        references=("pass_id", "visit_id"),
    ),
    "offer.made": Entry(
        meaning=_("A conversation began to alert at an agent."),
        dimensions=("kind", "medium"),
        references=("pass_id", "offer_id"),
    ),
    "offer.closed": Entry(
        meaning=_("An offer was accepted, declined or withdrawn, or it expired."),
        dimensions=("kind", "medium", "state", "reason"),
        measures=("alerted_s",),
        references=("pass_id", "offer_id"),
    ),
    "assignment.started": Entry(
        meaning=_("An agent was connected to a conversation."),
        dimensions=("channel_id", "medium"),
        references=("pass_id", "assignment_id"),
    ),
    "assignment.parked": Entry(
        meaning=_("An agent put a conversation aside, until a time or a reply."),
        dimensions=("channel_id", "medium"),
        references=("pass_id", "assignment_id"),
    ),
    "assignment.resumed": Entry(
        meaning=_("A parked conversation was connected again."),
        dimensions=("channel_id", "medium"),
        measures=("parked_s",),
        references=("pass_id", "assignment_id"),
    ),
    "assignment.left": Entry(
        meaning=_("An agent's part in the talk ended: closed, transferred or taken away."),
        dimensions=("channel_id", "medium", "reason", "while_parked"),
        measures=("talked_s", "parked_s"),
        references=("pass_id", "assignment_id"),
    ),
    "wrapup.done": Entry(
        meaning=_("A wrap-up is over: with a code, skipped, or with the time-out code."),
        dimensions=("channel_id", "medium", "code_id", "skipped", "timed_out"),
        measures=("wrapup_s",),
        references=("pass_id", "assignment_id"),
    ),
    "transfer.made": Entry(
        meaning=_("A conversation was transferred to a queue or an agent."),
        dimensions=("kind", "to_queue_id", "to_agent_id"),
        references=("pass_id",),
    ),
    "supervision.assigned": Entry(
        meaning=_("A supervisor gave a conversation to an agent, perhaps past the agent's limit."),
        dimensions=("by_id", "from_agent_id", "past_limit"),
        references=("pass_id",),
    ),
    "supervision.returned": Entry(
        meaning=_("A supervisor took a conversation back to its queue."),
        dimensions=("by_id",),
        references=("pass_id",),
    ),
    "supervision.status_changed": Entry(
        meaning=_("A supervisor set an agent's presence or routing status."),
        dimensions=("by_id", "status", "presence"),
    ),
}
