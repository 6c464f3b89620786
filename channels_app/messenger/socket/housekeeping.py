"""What guests' sockets are looked after for, every few seconds: a session whose time is over, and what became of an
upload where the push that said so was lost (a store that was gone; the stream of a session has no heads)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings

from channels_app.messenger.socket import uploads
from contactcenter.kernel import clock
from contactcenter.kernel.db import in_thread
from contactcenter.kernel.rounds import Round

if TYPE_CHECKING:
    from channels_app.messenger.socket.pushes import GuestStreams

AT_ONCE = 100  # sockets of one query


async def look_after(sockets: Sequence[GuestStreams]) -> None:
    """Called for each socket once in CC_HEADS_SECONDS."""
    now = clock.now()
    over = [one for one in sockets if one.session is not None and one.session.expires_at <= now]
    await asyncio.gather(*(one.expire() for one in over), return_exceptions=True)
    asking = [one for one in sockets if one.uploads]
    if asking:
        await _tell_of_uploads(asking)


async def _tell_of_uploads(sockets: Sequence[GuestStreams]) -> None:
    now = clock.now()
    for one in sockets:
        one.uploads = {own: until for own, until in one.uploads.items() if until > now}
    ended = await in_thread(uploads.ended)({own for one in sockets for own in one.uploads})
    told = (one.once(own, ended[own]) for one in sockets for own in list(one.uploads) if own in ended)
    await asyncio.gather(*told, return_exceptions=True)


tended: Round[GuestStreams] = Round("guests", look_after, seconds=lambda: settings.CC_HEADS_SECONDS, at_once=AT_ONCE)
