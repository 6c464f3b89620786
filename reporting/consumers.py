"""The socket of supervisors' pages, `/ws/reporting/`: says when to look again, and lets them watch a conversation.

Frames of the client: `{"join": "activity"}` · `{"join": "interaction", "id": <conversation>, "seq": n}` with the
change up to which its transcript is shown · `{"at": <stream>, "seq": n}` caught up to `n`.

Frames to it: `{"hello": <user>}` · `{"beat": seconds}` · `{"stream", "refresh": true}` fetch the panels again, after
each join and at most once a second · `{"stream", "seq", "html"}` the change number `seq` of a transcript · `{"stream",
"behind": n}` ask for what is missing · `{"stream", "typing": true}`.
Read only: nothing that comes in here writes. Closed with 4401 when the login is gone, 4403 without the permission.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.beats import Beats, holders, logged_in
from agents.sockets import StaffConsumer, read_id, read_seq
from channels_app.models import Conversation
from contactcenter.kernel.db import in_thread
from reporting.live import ACTIVITY, activity_heads, interaction_heads
from routing.queries import SUPERVISE

REFRESH_SECONDS = 1.0  # at the least between two refreshes of one page
Sign = tuple[uuid.UUID, str]  # the user, and the session that they are logged in with


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a login still stands, and its user may still supervise."""

    supervises: bool


def look(signs: Sequence[Sign]) -> list[Standing]:
    """How each page stands, in order. Three queries, however many are asked."""
    users = logged_in({session_key for _, session_key in signs})
    allowed = holders(SUPERVISE, set(users.values()))
    return [Standing(users.get(key) == user_id and user_id in allowed) for user_id, key in signs]


class SupervisorConsumer(StaffConsumer):
    """One open page of one supervisor: the activity, or one interaction."""

    heart = Beats(look)

    async def admitted(self) -> bool:
        return bool(await in_thread(self.user.has_perm)(SUPERVISE))

    async def begin(self) -> None:
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshed_at = 0.0
        self._due: set[str] = set()
        await self.send_frame({"hello": str(self.user.id)})

    async def disconnect(self, code: int) -> None:
        if self._ready and self._refreshing is not None:
            self._refreshing.cancel()
        await super().disconnect(code)

    async def take(self, frame: Mapping[str, Any]) -> bool:
        if frame.get("join") == "activity":
            await self._watch(ACTIVITY, (await in_thread(activity_heads)(["all"]))["all"])
        elif frame.get("join") == "interaction":
            await self._join_interaction(frame)
        elif frame.get("at") in self.streams:
            self.streams[frame["at"]] = read_seq(frame)
        else:
            return False
        return True

    async def _watch(self, stream: str, head: int) -> None:
        """Join it; and the panels are asked for anew, because what came since the page was told to nobody."""
        await self.join(stream, head)
        self._refresh(stream)

    async def _join_interaction(self, frame: Mapping[str, Any]) -> None:
        head = await in_thread(_change_seq)(read_id(frame.get("id")))
        if head is None:
            await self.send_frame({"error": "not joined"})
            return
        key = str(read_id(frame.get("id")))
        await self._watch(f"interaction:{key}", (await in_thread(interaction_heads)([key]))[key])
        await self.join(f"conversation:{key}", read_seq(frame))
        if head > read_seq(frame):
            await self.behind(f"conversation:{key}", head)

    # --- from the streams ----------------------------------------------------------------------

    async def pushed(self, stream: str, message: Mapping[str, Any]) -> None:
        """A change of a transcript is forwarded, any other only says that there is something to fetch."""
        if not stream.startswith("conversation:"):
            self.streams[stream] = max(message["seq"], self.streams[stream])
            self._refresh(stream)
        elif message.get("typing"):
            await self.send_frame({"stream": stream, "typing": True})
        elif "html" in message:
            # a gap isn't hidden: the number stays behind, and the client drops the push and asks
            if message["seq"] == self.streams[stream] + 1:
                self.streams[stream] += 1
            html = message["html"].get(self.language, "")
            await self.send_frame({"stream": stream, "seq": message["seq"], "html": html})

    async def behind(self, stream: str, head: int) -> None:
        """Something was lost."""
        if stream.startswith("conversation:"):
            await self.send_frame({"stream": stream, "behind": head})
        else:
            self.streams[stream] = head
            self._refresh(stream)

    def _refresh(self, stream: str) -> None:
        """Soon, and once for all that comes until then."""
        self._due.add(stream)
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh_later())

    async def _refresh_later(self) -> None:
        await asyncio.sleep(max(0.0, self._refreshed_at + REFRESH_SECONDS - time.monotonic()))
        self._refreshed_at = time.monotonic()
        due, self._due = self._due, set()
        for stream in sorted(due & self.streams.keys()):
            await self.send_frame({"stream": stream, "refresh": True})
        if self._due:  # came while we sent
            self._refreshing = asyncio.create_task(self._refresh_later())

    # --- still allowed -------------------------------------------------------------------------

    def sign(self) -> Sign:
        return self.user.id, self.scope["session"].session_key

    async def stand(self, standing: Standing) -> None:
        await self.stays(allowed=standing.supervises)


def _change_seq(conversation_id: uuid.UUID | None) -> int | None:
    if conversation_id is None:
        return None
    return Conversation.objects.filter(id=conversation_id).values_list("change_seq", flat=True).first()
