"""Opening hours: a weekly table in a time zone, and days that are different. Pure; the moment is handed in.

Hours of a day are spans of minutes since midnight on the wall clock, (540, 1020) for 09:00-17:00; a night is written
as two spans. On the days when clocks change the wall clock counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[int, int]
DAY = 24 * 60
LOOK_AHEAD = 370  # days; who opens later than that has no opening to show
_MINUTE = timedelta(minutes=1)
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–]\s*(\d{1,2})(?:[:.](\d{2}))?")


class BadHours(ValueError):
    """What was written isn't hours of a day."""


@dataclass(frozen=True, slots=True)
class Hours:
    """`week`: the spans of Monday to Sunday. `exceptions`: days with other spans; none at all means closed."""

    zone: ZoneInfo
    week: Sequence[Sequence[Span]]
    exceptions: Mapping[date, Sequence[Span]] = field(default_factory=dict)

    def spans(self, day: date) -> Sequence[Span]:
        """The hours of a day."""
        return self.exceptions[day] if day in self.exceptions else self.week[day.weekday()]


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether somebody answers at an aware moment."""
    local = at.astimezone(hours.zone)
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in hours.spans(local.date()))


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """The next moment (UTC) after a closed one at which it is open; None within the next year."""
    today = at.astimezone(hours.zone).date()
    for days in range(-1, LOOK_AHEAD):  # from yesterday: where clocks go back at midnight, a day begins twice
        later = [moment for moment in _starts(hours, today + timedelta(days=days)) if moment > at]
        if later:
            return _first_minute(hours, min(later), at)
    return None


def _starts(hours: Hours, day: date) -> Iterator[datetime]:
    """When a day's spans begin. An hour that clocks repeat begins twice; one that they skip may not begin."""
    for start, _end in hours.spans(day):
        wall = datetime.combine(day, time(start // 60, start % 60), hours.zone)
        for moment in {wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}:
            if is_open(hours, moment):
                yield moment


def _first_minute(hours: Hours, moment: datetime, after: datetime) -> datetime:
    """Where clocks skip the beginning, it is open from the first minute that there is."""
    while moment - _MINUTE > after and is_open(hours, moment - _MINUTE):
        moment -= _MINUTE
    return moment


def parse(text: str) -> list[Span]:
    """Spans as people write them: "9-12, 13:30-18:00"; empty: closed.

    :raises BadHours: not a time, or a span that doesn't rise.
    """
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    return _joined(sorted(_span(part) for part in parts))


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise BadHours(text)
    hour, minute, last_hour, last_minute = (int(group or 0) for group in found.groups())
    start, end = hour * 60 + minute, last_hour * 60 + last_minute
    if not (start < end <= DAY and minute < 60 and last_minute < 60):
        raise BadHours(text)
    return start, end


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans that touch or overlap become one."""
    found: list[Span] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def written(spans: Sequence[Span]) -> str:
    """The way back: "09:00-12:00, 13:30-18:00"."""
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
