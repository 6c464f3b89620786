"""How long an answer takes at the moment. Who knows is above us: routing hands its question in at the start."""

from __future__ import annotations

import uuid
from collections.abc import Callable

Source = Callable[[uuid.UUID], int | None]
_source: Source | None = None


def provide(source: Source | None) -> None:
    """Who answers from now on: the seconds that a customer of a channel waits, or None when too little is known."""
    global _source
    _source = source


def expected_seconds(channel_id: uuid.UUID) -> int | None:
    """What to expect on a channel. None: not known."""
    return _source(channel_id) if _source else None
