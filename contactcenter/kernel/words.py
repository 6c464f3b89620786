"""Words that are put together in the same way everywhere."""

from __future__ import annotations

from collections.abc import Sequence


def first_of(names: Sequence[str], most: int) -> str:
    """The first `most` of them, in a line; "…" if there are more, which never begins a line of its own."""
    return ", ".join(names[:most]) + ("\N{NO-BREAK SPACE}…" if len(names) > most else "")
