"""Reads of routing for people's screens: who may see what, the desk's lists, the facts of a conversation."""

from __future__ import annotations

from routing.queries.access import (
    SUPERVISE,
    WORK,
    access_conversation,
    may_see,
    owns,
    seen_by,
    seen_pairs,
)

__all__ = ["SUPERVISE", "WORK", "access_conversation", "may_see", "owns", "seen_by", "seen_pairs"]
