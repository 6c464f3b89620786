"""Signs of life, of many sockets of a process together: a few queries for fifty sockets instead of some for each.

Each socket is asked once in `SECONDS` whether its login is still there and what its user still may.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from agents.models import User
from contactcenter.kernel import clock
from contactcenter.kernel.db import in_thread
from contactcenter.kernel.rounds import Round

SECONDS = 20.0
AT_ONCE = 50
Sign = TypeVar("Sign")
Standing = TypeVar("Standing")


class Watched(Protocol[Sign, Standing]):
    """A connected socket: what it is asked about, and what is told to it."""

    def sign(self) -> Sign: ...

    async def stand(self, standing: Standing) -> None: ...


class Beats(Generic[Sign, Standing]):
    """The heartbeat of one kind of socket. `look` says of each sign, in order, how it stands; it may ask a database."""

    def __init__(self, look: Callable[[Sequence[Sign]], Sequence[Standing]]) -> None:
        self._look = look
        self._round: Round[Watched[Sign, Standing]]
        self._round = Round("heartbeat", self._beat, seconds=lambda: SECONDS, at_once=AT_ONCE)
        self.watch, self.forget = self._round.watch, self._round.forget

    async def _beat(self, sockets: Sequence[Watched[Sign, Standing]]) -> None:
        """Look after these sockets and tell each how it stands."""
        standings = await in_thread(self._look)([socket.sign() for socket in sockets])
        told = (socket.stand(standing) for socket, standing in zip(sockets, standings, strict=True))
        await asyncio.gather(*told, return_exceptions=True)


# --- what is asked of the database -------------------------------------------------------------------


def logged_in(session_keys: Collection[str]) -> Mapping[str, uuid.UUID]:
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


def holders(permission: str, user_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the users who hold a permission, written `app.codename`."""
    held = ModelBackend().with_perm(permission).filter(id__in=user_ids)
    return set(held.values_list("id", flat=True))
