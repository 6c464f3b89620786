"""Events: what happened, as frozen values, recorded in the action that did it.

An event carries ids, enums and numbers; never text, names or addresses, so erasing a customer never
touches the log. Its `name` reads `subject.past_tense`. Sinks are attached in one place
(`contactcenter.apps`): those of the transaction may refuse it, those after the commit may not. A *reaction* is a sink
of the transaction for some kinds of events: what a package writes because of what another one did.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. Set the three that apply: they are columns of the log."""

    name: ClassVar[str] = ""
    #: False: it goes to the sinks, but no report reads it, so the log doesn't keep it
    recorded: ClassVar[bool] = True
    registry: ClassVar[dict[str, type[Event]]] = {}

    conversation_id: uuid.UUID | None = None
    agent_id: uuid.UUID | None = None
    queue_id: uuid.UUID | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.name:
            known = Event.registry.setdefault(cls.name, cls)
            if known is not cls and (known.__module__, known.__qualname__) != (
                cls.__module__,
                cls.__qualname__,
            ):
                raise TypeError(f"two events are named {cls.name}")

    def data(self) -> dict[str, Any]:
        """The event's own fields as JSON values."""
        own = (f.name for f in dataclasses.fields(self) if f.name not in _COLUMNS)
        return {name: _plain(getattr(self, name)) for name in own}


_COLUMNS = frozenset({"conversation_id", "agent_id", "queue_id"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the log. `about` is the row at hand: for sinks in this process only."""

    id: uuid.UUID
    at: datetime
    event: Event
    about: Any = None


Sink = Callable[[Sequence[Recorded]], None]
#: (row source, {field: column of it}) -> SQL that writes one event, `event_*` its values
Insert = Callable[[str, Mapping[str, str]], str]
#: a sink of the transaction, and the kinds of events that it hears
Reaction = tuple[Sink, tuple[type[Event], ...]]
_in_transaction: list[Sink] = []
_after_commit: list[Sink] = []
_inserts: list[Insert] = []
_reactions: list[Reaction] = []


def attach(
    *,
    in_transaction: Sequence[Sink] = (),
    after_commit: Sequence[Sink] = (),
    in_statement: Sequence[Insert] = (),
    reactions: Sequence[Reaction] = (),
) -> None:
    """Attach sinks, once each, in the order in which they are to run.

    `in_statement` says in SQL what those of the transaction do: for an action that is one statement. `reactions`: a
    sink of the transaction, and the events that it hears.
    """
    _reactions.extend(one for one in reactions if one not in _reactions)
    _inserts.extend(i for i in in_statement if i not in _inserts)
    _in_transaction.extend(s for s in in_transaction if s not in _in_transaction)
    _after_commit.extend(s for s in after_commit if s not in _after_commit)


def write(recorded: Sequence[Recorded]) -> None:
    """Run the sinks of the transaction. Their errors undo it: the log can't disagree with the state."""
    keep(recorded)
    react(recorded)


def keep(recorded: Sequence[Recorded]) -> None:
    """The sinks that hear all events of the transaction: the log. A simulation writes many at once."""
    for sink in _in_transaction:
        sink(recorded)


def react(recorded: Sequence[Recorded]) -> None:
    """The sinks that hear some kinds of events."""
    for sink, kinds in _reactions:
        if heard := [one for one in recorded if isinstance(one.event, kinds)]:
            sink(heard)


def in_statement(kind: type[Event], source: str, fields: Mapping[str, str]) -> list[str] | None:
    """What `write` does, as SQL for the one event of a statement, one piece a sink.

    The event's own values are the parameters `event_id`, `event_name`, `event_data` (JSON) and `now`; its
    conversation is `source.id`, and `fields` are columns of that source which only the statement knows.
    None: a sink of the transaction can't be said in SQL, or something reacts to this kind of event, so it needs a
    transaction.
    """
    if len(_inserts) != len(_in_transaction) or any(issubclass(kind, kinds) for _, kinds in _reactions):
        return None
    return [insert(source, fields) for insert in _inserts]


def announce(recorded: Sequence[Recorded]) -> None:
    """Run the sinks after the commit. What one of them loses is found again (heads, sweep), so it is logged."""
    for sink in _after_commit:
        try:
            sink(recorded)
        except Exception:  # a named edge: the commit stands, and the caller must hear that it does
            log.exception("event sink failed", sink=sink.__qualname__, events=[r.event.name for r in recorded])


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, uuid.UUID | datetime):
        return str(value)
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    return value
