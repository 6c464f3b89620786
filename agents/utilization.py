"""Utilization: how much of a medium an agent may have at once. Pure."""

from __future__ import annotations

LOWEST_LIMIT = 1
HIGHEST_LIMIT = 25


def effective_limit(org_default: int, agent_override: int | None) -> int:
    """The agent's own limit for the medium, else the organisation's. Raises ValueError outside 1–25."""
    limit = org_default if agent_override is None else agent_override
    for given in (org_default, limit):
        if not LOWEST_LIMIT <= given <= HIGHEST_LIMIT:
            raise ValueError(f"a limit must be between {LOWEST_LIMIT} and {HIGHEST_LIMIT}, not {given}")
    return limit
