"""Finding conversations by who wrote and by what was said, among those that somebody may see."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from agents.models import User
from channels_app.models import Contact, Conversation, Message
from routing.queries.access import SUPERVISE, seen
from routing.queries.facts import Outcome, outcomes

PAGE = 20
FEWEST = 2  # characters of a search
AROUND = 50  # characters of a text before the first found word


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation; `quote` is the newest message with the words as (text, is it one of them), else empty."""

    conversation: Conversation
    outcome: Outcome | None
    quote: list[tuple[str, bool]]

    @property
    def contact(self) -> Contact:
        return self.conversation.address.contact


def find(user: User, text: str, page: int = 1) -> tuple[list[Found], bool]:
    """A page (from 1) of what `user` may see, the latest first; and whether more follows.

    The name or the address contains the text, or a message has all its words, each from its beginning.
    The number of queries doesn't depend on what is found.
    """
    if len(text) < FEWEST:
        return [], False
    start = (page - 1) * PAGE
    rows = list(
        Conversation.objects.filter(id__in=_matching(user, text))
        .select_related("address__contact", "channel")
        .order_by("-last_time", "-id")[start : start + PAGE + 1]
    )
    ids = [row.id for row in rows[:PAGE]]
    quotes, ended = _quotes(ids, text), outcomes(ids)
    shown = [Found(row, ended.get(row.id), quoted(quotes.get(row.id, ""), text)) for row in rows[:PAGE]]
    return shown, len(rows) > PAGE


def _matching(user: User, text: str) -> object:
    """Ids, by one index each. An agent's few conversations are named first, so that nobody else's are looked at."""
    conversations, messages = Conversation.objects.all(), Message.objects.with_words(text)
    if not user.has_perm(SUPERVISE):
        mine = list(seen(user).values_list("id", flat=True))
        conversations, messages = conversations.filter(id__in=mine), messages.filter(conversation__in=mine)
    named = conversations.filter(address__contact__name__icontains=text)
    addressed = conversations.filter(address__external_id__icontains=text).exclude(address__kind="guest")
    ids = named.order_by().values("id"), addressed.order_by().values("id")
    return ids[0].union(ids[1], messages.order_by().values("conversation_id"))


def _quotes(ids: Collection[uuid.UUID], text: str) -> dict[uuid.UUID, str]:
    rows = Message.objects.with_words(text).filter(conversation__in=ids)
    newest = rows.order_by("conversation_id", "-seq").distinct("conversation_id")
    return dict(newest.values_list("conversation_id", "text"))


def quoted(said: str, text: str) -> list[tuple[str, bool]]:
    """The part of a message around the first found word, cut into pieces: (text, is it a found word)."""
    words = "|".join(re.escape(word) for word in re.findall(r"\w+", text))
    first = re.search(rf"\b({words})", said, re.IGNORECASE) if words else None
    if first is None:
        return [(said[: 4 * AROUND], False)] if said else []
    start = max(0, first.start() - AROUND)
    part = ("…" if start else "") + said[start : start + 4 * AROUND]
    pieces = re.split(rf"\b({words})", part, flags=re.IGNORECASE)
    return [(piece, number % 2 == 1) for number, piece in enumerate(pieces) if piece]
