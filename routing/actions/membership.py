"""Who serves a queue, and which queue a channel leads to, for many at once. Each change is noted with who made it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from agents import roles
from agents.actions.changes import Change, Outcome, key_of, note
from agents.actions.people import locked
from agents.models import User
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import Refused
from contactcenter.kernel.words import first_of
from routing.models import InboundRoute, Queue, QueueMember

Keys = Collection[uuid.UUID]


class NotAnAgent(Refused):
    """A member of a queue must be an active agent."""


class QueueIsOff(Refused):
    """This queue is switched off. Switch it on, or choose another."""


@action
def do_add_members(tx: Tx, by: uuid.UUID, user_ids: Keys, queue: Queue) -> Outcome:
    """These people serve the queue from now on.

    :raises NotAnAgent: with the names of those who may not answer; nobody is added.
    """
    users = locked(user_ids)
    _check_agents(users)
    held = set(QueueMember.objects.filter(queue=queue, user__in=users).values_list("user_id", flat=True))
    fresh = [user for user in users if user.pk not in held]
    QueueMember.objects.bulk_create((QueueMember(queue=queue, user=user) for user in fresh), batch_size=500)
    note(tx.now, by, [(user, [Change("queue", "", queue.name)]) for user in fresh], about=[key_of(queue)])
    return Outcome(len(fresh), len(users) - len(fresh))


@action
def do_remove_members(tx: Tx, by: uuid.UUID, user_ids: Keys, queue: Queue) -> Outcome:
    """These people don't serve the queue any more. Work that they have stays with them."""
    users = locked(user_ids)
    rows = QueueMember.objects.filter(queue=queue, user__in=users)
    held = set(rows.values_list("user_id", flat=True))
    rows.delete()
    notes = [(user, [Change("queue", queue.name)]) for user in users if user.pk in held]
    note(tx.now, by, notes, about=[key_of(queue)])
    return Outcome(len(held), len(users) - len(held))


@action
def do_lead_to(tx: Tx, by: uuid.UUID, route_ids: Collection[int], queue: Queue) -> Outcome:
    """Let these routes lead to another queue. What waits already stays in its queue.

    :raises QueueIsOff: nobody would answer there.
    """
    if not queue.active:
        raise QueueIsOff
    rows = InboundRoute.objects.select_for_update(of=("self",), no_key=True).select_related("channel", "queue")
    routes = list(rows.filter(pk__in=list(route_ids)).order_by("pk"))
    changed = [route for route in routes if route.queue_id != queue.pk]
    notes = [(route, [Change("queue", str(route.queue), str(queue))]) for route in changed]
    about = [key_of(queue), *(key_of(route.queue) for route in changed)]
    InboundRoute.objects.filter(pk__in=[route.pk for route in changed]).update(queue=queue)
    note(tx.now, by, notes, about=about)
    return Outcome(len(changed), len(routes) - len(changed))


def _check_agents(users: Sequence[User]) -> None:
    able = set(roles.agents().filter(pk__in=[user.pk for user in users]).values_list("pk", flat=True))
    others = [user.name for user in users if user.pk not in able]
    if others:
        names = first_of(others, 5)
        raise NotAnAgent("Not active agents: %(names)s. Give them that role first, or leave them out.", names=names)
