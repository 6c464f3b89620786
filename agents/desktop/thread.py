"""Messages as rows of a thread: one way to build and render them, for page, htmx answer and socket.

A row says nothing about who looks at it: "mine" is decided in the browser by `data-author`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.template.loader import get_template, render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from agents.models import User
from channels_app import history
from channels_app.adapters.registry import adapter_for
from channels_app.content import LINES, ContentItem, markdown
from channels_app.files.links import with_links
from channels_app.models import Attachment, Channel, Conversation, Delivery, Message
from channels_app.templatetags.channels import linked, readable
from contactcenter.kernel import clock
from routing import explain
from routing.models import Queue
from routing.queries.facts import Outcome, outcomes

PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in place: its small picture with its shape, so that nothing jumps when it loads."""

    url: str
    thumb: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A message with all that its partial shows, read already. `mark` starts another conversation above it."""

    message: Message
    side: str  # in, out, bot, note, sys
    items: list[ContentItem]
    pictures: dict[str, Picture]
    line: str
    delivery: Delivery | None
    rich: SafeString | None = None  # the text where the channel shows Markdown
    said: SafeString | None = None  # a note's text with those whom it names
    old: bool = False
    mark: Mark | None = None

    @property
    def classes(self) -> str:
        """How the row looks."""
        failed = self.delivery is not None and self.delivery.state == Delivery.State.FAILED
        states = {"old": self.old, "removed": self.message.removed_at, "failed": failed}
        return " ".join(["msg", self.side, *(name for name, holds in states.items() if holds)])

    @property
    def at(self) -> str:
        """When, in ISO 8601. Plain strings here: Django's date filter costs a tenth of a row."""
        return self.message.created_at.isoformat()

    @property
    def clock(self) -> str:
        """What stands there until the reader's own time zone replaces it."""
        return f"{self.message.created_at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Mark:
    """The line where another conversation begins."""

    conversation: Conversation
    kind: str
    outcome: Outcome | None
    current: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, oldest first, and the cursor to the older ones ("" at the beginning)."""

    rows: list[Row]
    before: str


def page(conversation: Conversation, before: history.Cursor | None = None) -> Page:
    """A page of the contact's whole history, the newest without a cursor."""
    found = history.thread(conversation.address.contact, before=before, limit=PAGE)
    ended = outcomes({message.conversation_id for message in found.messages} - {conversation.id})
    names = _names(found.messages)
    rows: list[Row] = []
    previous: uuid.UUID | None = None
    for message in found.messages:
        # at the top of a page only where the conversation begins: the page before may be in the middle of it
        changes = message.conversation_id != previous and (previous is not None or message.seq == 1)
        very_first = previous is None and found.before is None
        current = message.conversation_id == conversation.id
        begins = changes and not (very_first and current)
        mark = _mark(message.conversation, ended, current=current) if begins else None
        previous = message.conversation_id
        rows.append(_row(message, names, old=not current, mark=mark))
    return Page(rows, _cursor_text(found.before))


def _mark(begins: Conversation, ended: Mapping[uuid.UUID, Outcome], *, current: bool) -> Mark:
    return Mark(begins, _kind(begins), ended.get(begins.id), current)


def parse_cursor(text: str) -> history.Cursor | None:
    """The cursor of a `Page` as it came back by URL; None for anything else."""
    at, _comma, message_id = text.partition(",")
    try:
        return _EPOCH + timedelta(microseconds=int(at)), uuid.UUID(message_id)
    except (ValueError, OverflowError):
        return None


def changed(conversation_id: uuid.UUID, seq: int) -> tuple[str, dict[str, Any]]:
    """All rows that changed after a head, rendered, with the state of the conversation that they lead to; and what
    is `told` of them."""
    messages = history.since(conversation_id, seq)
    current = Conversation.objects.get(id=conversation_id)
    return render_rows(messages) + render_state(current), told(messages)


def told(messages: Sequence[Message]) -> dict[str, Any]:
    """What a page wants to know of rows without reading them: `inbound`, the number of the customer's newest message
    (0 without one), and `system`, whether there is a system line."""
    sides = [(_side(message), message.seq) for message in messages]
    inbound = max((seq for side, seq in sides if side == "in"), default=0)
    return {"inbound": inbound, "system": any(side == "sys" for side, _ in sides)}


def render_rows(messages: Sequence[Message]) -> str:
    """The partials of these messages, one after the other, in the active language."""
    names = _names(messages)
    template = get_template("channels_app/_message.html")
    return "".join(template.render({"row": _row(message, names)}) for message in messages)


def render_state(conversation: Conversation) -> str:
    """What of the conversation itself is a visible change: how far the company's side received and read."""
    return render_to_string("desktop/_state.html", {"conversation": conversation})


def _row(message: Message, names: dict[str, str], *, old: bool = False, mark: Mark | None = None) -> Row:
    outbound = message.direction == Message.Direction.OUTBOUND and message.audience == Message.Audience.PUBLIC
    files = _files(message)
    linked = with_links(message.content, files, clock.now()) if files else message.content
    return Row(
        message,
        _side(message),
        [] if message.removed_at else readable(linked),
        _pictures(linked, files),
        system_line(message, names) if _side(message) == "sys" else "",
        getattr(message, "delivery", None) if outbound and message.kind != Message.Kind.SYSTEM else None,
        _rich(message) if outbound and message.text else None,
        _named(message) if "_mentions" in message.metadata else None,
        old,
        mark,
    )


def _rich(message: Message) -> SafeString | None:
    """What we said as the customer's client draws it; None where it shows plain text."""
    if not adapter_for(_kind(message.conversation)).capabilities.markdown:
        return None
    return mark_safe(markdown.to_html(message.text))  # noqa: S308 it escapes everything


def _named(message: Message) -> SafeString:
    """A note's text, the names that it mentions marked, with whose they are."""
    html = str(linked(message.text))
    for one in message.metadata["_mentions"]:
        name = escape(f"@{one['name']}")
        html = html.replace(name, format_html('<b class="mention" data-user="{}">{}</b>', one["id"], name))
    return mark_safe(html)  # noqa: S308 its parts are escaped


def _kind(conversation: Conversation) -> str:
    """The kind of its channel."""
    return _kind_of(conversation.channel_id)


@lru_cache(maxsize=1000)
def _kind_of(channel_id: uuid.UUID) -> str:
    """A channel's kind never changes, so it is asked for once."""
    return Channel.objects.values_list("kind", flat=True).get(id=channel_id)


def _side(message: Message) -> str:
    if message.kind in (Message.Kind.SYSTEM, Message.Kind.EVENT):
        return "sys"
    if message.kind == Message.Kind.NOTE:
        return "note"
    if message.author_kind == Message.Author.BOT:
        return "bot"
    return "in" if message.direction == Message.Direction.INBOUND else "out"


def _files(message: Message) -> list[Attachment]:
    """The message's own files, asked for only when its content names some."""
    return list(message.attachments.all()) if message.names_files else []


def _pictures(linked: Iterable[dict[str, Any]], files: Iterable[Attachment]) -> dict[str, Picture]:
    urls = {item["id"]: item.get("url", "") for item in linked if item.get("type") == "attachment"}
    return {
        str(file.id): Picture(urls[str(file.id)], f"{urls[str(file.id)]}?thumb=1", file.width, file.height)
        for file in files
        if file.thumbnail_key and urls.get(str(file.id))
    }


# --- system lines ------------------------------------------------------------------------------


def _names(messages: Iterable[Message]) -> dict[str, str]:
    """Names of the agents and queues that system lines speak of, by `user:<id>` and `queue:<id>`; and by
    `why:<offer>` the reason for which it came to its agent."""
    values = [_values(message) for message in messages if message.kind == Message.Kind.SYSTEM]
    users = {one for value in values for one in (value.get("agent_id"), value.get("target_id")) if one}
    queues = {value["queue_id"] for value in values if value.get("queue_id")}
    names: dict[str, str] = {}
    if users:
        names |= {f"user:{key}": name for key, name in User.objects.filter(id__in=users).values_list("id", "name")}
    if queues:
        names |= {f"queue:{key}": name for key, name in Queue.objects.filter(id__in=queues).values_list("id", "name")}
    offers = {value["offer_id"] for value in values if value.get("offer_id") and value.get("kind") in _DECIDED}
    if offers:
        agents = {key.removeprefix("user:"): name for key, name in names.items() if key.startswith("user:")}
        names |= {f"why:{key}": said for key, said in explain.reasons(offers, agents).items()}
    return names


_DECIDED = ("acd", "last")  # kinds of offers that have a reason; the others were a person's choice


def _values(message: Message) -> dict[str, Any]:
    return message.content[0].get("values", {}) if message.content else {}


def system_line(message: Message, names: dict[str, str]) -> str:
    """What a system line says, in the active language, with today's names."""
    values = _values(message)
    kind = message.content[0].get("kind", "") if message.content else ""
    agent = names.get(f"user:{values.get('agent_id')}") or _("Somebody")
    if kind == "connected":
        line = _connected(str(values.get("kind")), agent)
        why = names.get(f"why:{values.get('offer_id')}")
        return f"{line} · {why}" if why else line
    if kind == "transferred":
        return _transferred(values, agent, names)
    if line := LINES.get(kind):
        return _(line)
    return message.text or kind.replace("_", " ")


def _connected(offer_kind: str, agent: str) -> str:
    sentences = {
        "last": _("%(agent)s, who had it last, has it again"),
        "pick": _("%(agent)s picked it from the queue"),
        "transfer": _("%(agent)s took it over"),
        "assign": _("Assigned to %(agent)s"),
    }
    return sentences.get(offer_kind, _("Routed to %(agent)s")) % {"agent": agent}


def _transferred(values: dict[str, Any], agent: str, names: dict[str, str]) -> str:
    if target := values.get("target_id"):
        to = names.get(f"user:{target}") or _("somebody")
        line = _("%(agent)s offered it to %(to)s") % {"agent": agent, "to": to}
    else:
        to = names.get(f"queue:{values.get('queue_id')}") or _("another queue")
        line = _("%(agent)s transferred it to %(to)s") % {"agent": agent, "to": to}
    return f"{line}: {values['note']}" if values.get("note") else line


# --- cursors -----------------------------------------------------------------------------------


def _cursor_text(cursor: history.Cursor | None) -> str:
    return f"{(cursor[0] - _EPOCH) // timedelta(microseconds=1)},{cursor[1]}" if cursor else ""
