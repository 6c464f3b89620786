"""The desks' heartbeat: is the login still there, may its user still work or look on, and do they still see the
conversations whose threads are open. Who works is noted as seen. Six queries, however many desks are asked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from agents.actions.status import do_all_seen
from agents.beats import Beats, holders, logged_in
from routing.queries import SUPERVISE, WORK, seen_pairs


@dataclass(frozen=True, slots=True)
class Sign:
    """Who is at a desk by which login, and what is open there."""

    user_id: uuid.UUID
    session_key: str
    conversations: frozenset[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Standing:
    """What still holds: both False if the login is gone. `seen`: the open conversations that the user's work shows."""

    works: bool = False
    supervises: bool = False
    seen: frozenset[uuid.UUID] = frozenset()


def look(signs: Sequence[Sign]) -> list[Standing]:
    """How each desk stands, in order; those who work are noted as seen."""
    users = logged_in({sign.session_key for sign in signs})
    known = {sign.user_id for sign in signs if users.get(sign.session_key) == sign.user_id}
    works, supervises = holders(WORK, known), holders(SUPERVISE, known)
    if works:
        do_all_seen(works)
    opened = frozenset[uuid.UUID]().union(*(sign.conversations for sign in signs if sign.user_id in works))
    pairs = seen_pairs(works, opened) if opened else set()
    return [
        Standing(
            sign.user_id in works,
            sign.user_id in supervises,
            frozenset(one for one in sign.conversations if (sign.user_id, one) in pairs),
        )
        if users.get(sign.session_key) == sign.user_id
        else Standing()
        for sign in signs
    ]


heart = Beats(look)
