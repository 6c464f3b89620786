"""Utilization: how much of an agent's capacity for one medium is in use. Pure.

Decimal with two places, because that is exact and is what a numeric column holds: ten parked conversations
at 0.1, added one by one, are one slot (as floats they are 0.9999999999999999), and the check in Python and
the one in PostgreSQL can't disagree.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

LOWEST_LIMIT = 1
HIGHEST_LIMIT = 25
_HUNDREDTH = Decimal("0.01")


def in_use(
    alerting: int,
    connected: int,
    wrapup: int,
    parked: int,
    *,
    count_wrapup: bool,
    parked_weight: Decimal | float,
) -> Decimal:
    """Slots in use, by the numbers of offers and assignments in each state.

    count_wrapup and parked_weight (0–1, rounded to hundredths) are settings of a queue: work from several
    queues is added up from one call for each. Raises ValueError for a negative number or another weight.
    """
    if min(alerting, connected, wrapup, parked) < 0:
        raise ValueError("a number of offers or assignments can't be negative")
    weight = _hundredths(parked_weight)
    if not 0 <= weight <= 1:
        raise ValueError(f"the weight of parked work must be between 0 and 1, not {parked_weight}")
    whole = alerting + connected + (wrapup if count_wrapup else 0)
    return _hundredths(whole + parked * weight)


def free(limit: int, in_use: Decimal) -> Decimal:
    """Slots left; none if a limit was lowered below what is in use."""
    return max(_hundredths(limit - in_use), Decimal("0.00"))


def may_add(limit: int, in_use: Decimal, weight: Decimal | float = 1) -> bool:
    """Whether work of this weight still fits. Only for adding: a limit never takes away work in hand."""
    return in_use + _hundredths(weight) <= limit


def effective_limit(org_default: int, agent_override: int | None) -> int:
    """The agent's own limit for the medium, else the organisation's. Raises ValueError outside 1–25."""
    limit = org_default if agent_override is None else agent_override
    for given in (org_default, limit):
        if not LOWEST_LIMIT <= given <= HIGHEST_LIMIT:
            raise ValueError(f"a limit must be between {LOWEST_LIMIT} and {HIGHEST_LIMIT}, not {given}")
    return limit


def _hundredths(value: Decimal | float) -> Decimal:
    # By way of its shortest text: Decimal(0.1) would carry the float's error along.
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
