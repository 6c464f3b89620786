"""An agent's limit: their own or the organisation's, within bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.utilization import effective_limit

LIMITS = st.integers(1, 25)


@pytest.mark.parametrize(("default", "override", "expected"), [(4, None, 4), (4, 1, 1), (1, 25, 25), (25, 4, 4)])
def test_the_agents_own_limit_wins_over_the_organisations(default: int, override: int | None, expected: int) -> None:
    assert effective_limit(default, override) == expected


@pytest.mark.parametrize(("default", "override"), [(0, None), (26, None), (4, 0), (4, 26), (4, -1), (0, 4)])
def test_a_limit_outside_1_to_25_is_refused(default: int, override: int | None) -> None:
    with pytest.raises(ValueError, match="between 1 and 25"):
        effective_limit(default, override)


@given(LIMITS, st.none() | LIMITS)
def test_a_limit_from_1_to_25_is_accepted(default: int, override: int | None) -> None:
    assert effective_limit(default, override) == (default if override is None else override)
