"""An agent's load is added to within the limit, by one statement."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agents.actions.capacity import Full, do_refresh_limits, give, take
from agents.models import DEFAULT_LIMITS, AgentLoad, Medium, User, Utilization


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana@example.com", name="Ana")


def load(agent: User) -> tuple[Decimal, int]:
    row = AgentLoad.objects.get(user=agent, medium=Medium.MESSAGE)
    return row.in_use, row.limit


def limit(agent: User | None, value: int) -> None:
    Utilization.objects.update_or_create(user=agent, medium=Medium.MESSAGE, defaults={"limit": value})
    do_refresh_limits()


def test_the_first_work_makes_the_row(ana: User) -> None:
    take(ana.id, Medium.MESSAGE)
    assert load(ana) == (1, DEFAULT_LIMITS[Medium.MESSAGE])


def test_work_fits_up_to_the_limit_and_no_further(ana: User) -> None:
    limit(ana, 1)
    take(ana.id, Medium.MESSAGE, Decimal("0.5"))
    with pytest.raises(Full):
        take(ana.id, Medium.MESSAGE)
    take(ana.id, Medium.MESSAGE, Decimal("0.5"))
    assert load(ana) == (1, 1)


def test_who_is_permitted_may_pass_the_limit(ana: User) -> None:
    limit(ana, 1)
    take(ana.id, Medium.MESSAGE)
    take(ana.id, Medium.MESSAGE, past_limit=True)
    assert load(ana) == (2, 1)


def test_what_is_given_back_is_free_again(ana: User) -> None:
    limit(ana, 1)
    take(ana.id, Medium.MESSAGE)
    give(ana.id, Medium.MESSAGE, 1)
    take(ana.id, Medium.MESSAGE)
    assert load(ana) == (1, 1)


def test_media_are_counted_apart(ana: User) -> None:
    limit(ana, 1)
    take(ana.id, Medium.EMAIL)
    take(ana.id, Medium.MESSAGE)
    with pytest.raises(Full):
        take(ana.id, Medium.EMAIL)


def test_an_agents_own_limit_goes_before_the_default(ana: User) -> None:
    ben = User.objects.create_user("ben@example.com", name="Ben")
    limit(None, 2)
    limit(ana, 7)
    assert (load(ana)[1], load(ben)[1]) == (7, 2)


def test_a_lowered_limit_takes_nothing_away(ana: User) -> None:
    for _ in range(3):
        take(ana.id, Medium.MESSAGE)
    limit(ana, 1)
    assert load(ana) == (3, 1)
    with pytest.raises(Full):
        take(ana.id, Medium.MESSAGE)


def test_refreshing_many_takes_a_few_queries(ana: User, django_assert_max_num_queries: object) -> None:
    for number in range(30):
        User.objects.create_user(f"agent-{number}@example.com", name=f"Agent {number}")
    Utilization.objects.create(user=None, medium=Medium.MESSAGE, limit=3)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        do_refresh_limits()
    assert load(ana) == (0, 3)
