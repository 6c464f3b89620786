"""Signs of life, of all desks of a process together: six queries for fifty desks instead of eight for each.

Each desk is asked once in `SECONDS`: is the login still there, may its user still work or look on, and does the
user still see the conversations whose threads are open. Who works is noted as seen.
"""

from __future__ import annotations

import asyncio
import uuid
import weakref
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from agents.actions.status import do_all_seen
from agents.models import User
from contactcenter.kernel import clock
from contactcenter.kernel.db import in_thread
from routing.queries import SUPERVISE, WORK, seen_pairs

log = structlog.get_logger(__name__)
SECONDS = 20.0
AT_ONCE = 50


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


class Desk(Protocol):
    """A connected desk."""

    def sign(self) -> Sign: ...

    async def stand(self, standing: Standing) -> None: ...


# --- when ------------------------------------------------------------------------------------------

_desks: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.WeakKeyDictionary[Desk, None]]
_desks = weakref.WeakKeyDictionary()  # in the order in which they came, so that each is asked once a round
_rounds: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]]
_rounds = weakref.WeakKeyDictionary()


def watch(desk: Desk) -> None:
    """Ask this desk from now on, until `forget`."""
    loop = asyncio.get_running_loop()
    _desks.setdefault(loop, weakref.WeakKeyDictionary())[desk] = None
    running = _rounds.get(loop)
    if running is None or running.done():
        _rounds[loop] = loop.create_task(_go_round())


def forget(desk: Desk) -> None:
    """Ask it no more. A desk that isn't watched is no error."""
    _desks.get(asyncio.get_running_loop(), weakref.WeakKeyDictionary()).pop(desk, None)


async def _go_round() -> None:
    """One round every `SECONDS`, its chunks evenly spread."""
    while True:
        desks = list(_desks.get(asyncio.get_running_loop(), ()))
        chunks = [desks[start : start + AT_ONCE] for start in range(0, len(desks), AT_ONCE)] or [[]]
        for chunk in chunks:
            await asyncio.sleep(SECONDS / len(chunks))
            try:
                await beat(chunk)
            except Exception:  # a named edge: the database may be away for a while; the next round tries again
                log.exception("desks' heartbeat failed", desks=len(chunk))


async def beat(desks: Sequence[Desk]) -> None:
    """Look after these desks and tell each how it stands."""
    if desks:
        standings = await in_thread(look)([desk.sign() for desk in desks])
        await asyncio.gather(
            *(desk.stand(standing) for desk, standing in zip(desks, standings, strict=True)), return_exceptions=True
        )


# --- what is asked of the database -------------------------------------------------------------------


def look(signs: Sequence[Sign]) -> list[Standing]:
    """How each desk stands, in order; those who work are noted as seen."""
    users = _logged_in({sign.session_key for sign in signs})
    known = {sign.user_id for sign in signs if users.get(sign.session_key) == sign.user_id}
    works, supervises = _holders(WORK, known), _holders(SUPERVISE, known)
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


def _logged_in(session_keys: Collection[str]) -> dict[str, uuid.UUID]:
    """Whose login each session still is: not logged out, no new password, not switched off (as `get_user` says it)."""
    store = SessionStore()
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=clock.now())
    stored = {row.session_key: store.decode(row.session_data) for row in rows}
    wanted = {data[SESSION_KEY] for data in stored.values() if SESSION_KEY in data}
    users = {str(user.id): user for user in User.objects.filter(id__in=wanted, is_active=True)}
    found = ((key, users.get(data.get(SESSION_KEY, "")), data) for key, data in stored.items())
    return {key: user.id for key, user, data in found if user and _same_password(user, data.get(HASH_SESSION_KEY, ""))}


def _same_password(user: User, kept: str) -> bool:
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(kept, one) for one in hashes)


def _holders(permission: str, user_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    holders = ModelBackend().with_perm(permission).filter(id__in=user_ids)
    return set(holders.values_list("id", flat=True))
