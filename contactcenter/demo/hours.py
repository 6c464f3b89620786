"""When the shop is open, who works when, and when customers write. Pure: times in, times out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: how many customers write, by weekday and by hour, as weights
BY_DAY = (1.25, 1.1, 1.0, 1.0, 1.05, 0.45, 0.0)
BY_HOUR = {8: 4, 9: 8, 10: 10, 11: 10, 12: 8, 13: 7, 14: 9, 15: 9, 16: 8, 17: 7, 18: 4, 20: 1, 21: 1}
SATURDAY, SUNDAY = 5, 6
SATURDAY_HOURS = range(10, 16)
LAST_ARRIVAL = timedelta(minutes=75)  # before the end: what begins later might not be finished
MEAL = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Shift:
    """One agent's day. `agent` is a place in the list of agents; Saturdays are too short for a meal."""

    agent: int
    start: datetime
    end: datetime
    meal: datetime | None


class Calendar:
    """The days from `start` to `end` (aware) in the shop's time zone."""

    def __init__(self, start: datetime, end: datetime, zone: ZoneInfo) -> None:
        self.start = start.astimezone(zone)
        self.end = end.astimezone(zone)
        self.zone = zone

    def days(self) -> Iterator[date]:
        day = self.start.date()
        while day <= self.end.date():
            yield day
            day += timedelta(days=1)

    def moment(self, day: date, hour: int, minute: float = 0) -> datetime:
        return datetime.combine(day, time(hour), self.zone) + timedelta(minutes=minute)

    def shifts(self, agents: int, saturday: tuple[int, ...]) -> Iterator[Shift]:
        """Early and late shifts, the other way round every day; a few agents on Saturdays."""
        for day in self.days():
            if day.weekday() == SATURDAY:
                yield from (Shift(one, self.moment(day, 10), self.moment(day, 16), None) for one in saturday)
            elif day.weekday() < SATURDAY:
                yield from (self._weekday(day, one) for one in range(agents))

    def _weekday(self, day: date, agent: int) -> Shift:
        late = (agent + day.toordinal()) % 2
        meal = self.moment(day, 14 if late else 12, 30 * (agent // 2 % 4))
        if late:
            return Shift(agent, self.moment(day, 10, 30), self.moment(day, 19), meal)
        return Shift(agent, self.moment(day, 8), self.moment(day, 16, 30), meal)

    def working_days(self) -> list[date]:
        """Weekdays whose whole opening time lies in this calendar."""
        return [
            day
            for day in self.days()
            if day.weekday() < SATURDAY and self.start <= self.moment(day, 8) and self.moment(day, 19) < self.end
        ]

    def arrivals(self, count: int, rng: random.Random) -> list[datetime]:
        """So many moments at which customers write, in order. None if there isn't an open hour."""
        slots = [
            (self.moment(day, hour), BY_DAY[day.weekday()] * weight)
            for day in self.days()
            for hour, weight in BY_HOUR.items()
            if day.weekday() != SATURDAY or hour in SATURDAY_HOURS
        ]
        possible = [(at, weight) for at, weight in slots if weight and self.welcomes(at, at + timedelta(hours=1))]
        if not possible:
            return []
        moments, weights = zip(*possible, strict=True)
        chosen = rng.choices(moments, weights, k=count)
        return sorted(moment + timedelta(seconds=rng.uniform(0, 3600)) for moment in chosen)

    def welcomes(self, moment: datetime, latest: datetime | None = None) -> bool:
        """Whether a conversation that begins then is answered, and finished, before the end."""
        return self.start <= moment and self.next_open(latest or moment) <= self.end - LAST_ARRIVAL

    def is_open(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        if local.weekday() == SATURDAY:
            return local.hour in SATURDAY_HOURS
        return local.weekday() < SATURDAY and 8 <= local.hour < 19

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself, or the next opening."""
        local = moment.astimezone(self.zone)
        if self.is_open(local):
            return local
        for days in range(8):
            day = local.date() + timedelta(days=days)
            opening = self.moment(day, 10 if day.weekday() == SATURDAY else 8)
            if opening > local and day.weekday() != SUNDAY:
                return opening
        raise AssertionError("a week has a working day")

    def next_morning(self, moment: datetime) -> datetime:
        """A quarter to eleven on the next weekday, when both shifts are there."""
        day = moment.astimezone(self.zone).date() + timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        return self.moment(day, 10, 45)
