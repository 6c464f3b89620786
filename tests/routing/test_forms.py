"""What agents fill in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from routing.forms import MOST_PARKED_DAYS, NotValid, ParkForm

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def parked(**fields: str) -> datetime | None:
    form = ParkForm(fields)
    form.values()
    return form.resume_at(NOW)


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"minutes": ""}, None),
        ({"minutes": "", "at": "2026-11-22T13:00:00Z"}, None),
        ({"minutes": "15"}, NOW + timedelta(minutes=15)),
        ({"minutes": "0", "at": "2026-11-22T13:30:00.000Z"}, NOW + timedelta(minutes=90)),
        ({"minutes": "0", "at": "2026-11-23T09:00:00+01:00"}, NOW + timedelta(hours=20)),
        ({"minutes": "15", "at": "nonsense"}, NOW + timedelta(minutes=15)),
    ],
)
def test_work_is_parked_until_then(fields: dict[str, str], until: datetime | None) -> None:
    assert parked(**fields) == until


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("", "Choose a day and a time."),
        ("tomorrow", "Choose a day and a time."),
        ("2026-11-22T12:00:00Z", "Choose a time in the next 30 days."),
        ("2026-11-22T13:00:00", "Choose a time in the next 30 days."),
        ((NOW + timedelta(days=MOST_PARKED_DAYS, seconds=1)).isoformat(), "Choose a time in the next 30 days."),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(at: str, why: str) -> None:
    with pytest.raises(NotValid) as refused:
        parked(minutes="0", at=at)
    assert refused.value.message == why
