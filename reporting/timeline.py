"""The timeline of an interaction as values: lanes of segments on one axis. Pure.

A lane is the customer, a queue or an agent; a segment a stretch of waiting, alerting, talk, parking or after-call
work. Places on the axis are percent of its length, so a page draws them at any width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

#: kinds of a segment; `missed`: an alert that wasn't accepted
KINDS = ("wait", "alert", "missed", "talk", "parked", "wrapup")
SHORTEST_AXIS = timedelta(minutes=1)
MOST_TICKS = 6
_STEPS = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080)]


@dataclass(frozen=True, slots=True)
class Segment:
    """From `start` to `end` (None: it goes on). `detail` says how it ended, in the words of its row."""

    kind: str
    start: datetime
    end: datetime | None
    detail: str = ""

    def until(self, now: datetime) -> datetime:
        """Where it ends on the axis; never before its start."""
        return max(self.start, self.end or now)

    def length(self, now: datetime) -> timedelta:
        return self.until(now) - self.start


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the drawing. `of`: customer, queue or agent; `key`: which one."""

    of: str
    key: str
    segments: list[Segment] = field(default_factory=list)
    dots: list[datetime] = field(default_factory=list)

    @property
    def name_key(self) -> str:
        """What its name is kept by."""
        return f"{self.of}:{self.key}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A segment with its place: `left` and `width` in percent of the axis."""

    segment: Segment
    length: timedelta
    left: float
    width: float

    @property
    def style(self) -> str:
        """For a style attribute: the same in every language."""
        return f"--a:{self.left:.3f};--w:{self.width:.3f}"


@dataclass(frozen=True, slots=True)
class DrawnLane:
    """A lane with its places; `totals`: kind → time in it."""

    lane: Lane
    segments: list[Drawn]
    dots: list[str]
    totals: dict[str, timedelta]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The axis from `start` to `end`, its ticks as (moment, style), and the lanes from top to bottom."""

    start: datetime
    end: datetime
    ticks: list[tuple[datetime, str]]
    lanes: list[DrawnLane]


def draw(lanes: Iterable[Lane], now: datetime) -> Timeline | None:
    """Lanes in the order of their first moment, customers first. None: there is nothing to draw."""
    found = sorted((lane for lane in lanes if lane.segments or lane.dots), key=_first)
    if not found:
        return None
    start = min(_begin(lane) for lane in found)
    end = max(start + SHORTEST_AXIS, *(_end(lane, now) for lane in found))
    return Timeline(start, end, _ticks(start, end), [_draw(lane, start, end, now) for lane in found])


def _first(lane: Lane) -> tuple[bool, datetime]:
    return (lane.of != "customer", _begin(lane))


def _begin(lane: Lane) -> datetime:
    return min([*(segment.start for segment in lane.segments), *lane.dots])


def _end(lane: Lane, now: datetime) -> datetime:
    return max([*(segment.until(now) for segment in lane.segments), *lane.dots])


def _draw(lane: Lane, start: datetime, end: datetime, now: datetime) -> DrawnLane:
    drawn, totals = [], dict[str, timedelta]()
    for segment in sorted(lane.segments, key=lambda one: one.start):
        length = segment.length(now)
        totals[segment.kind] = totals.get(segment.kind, timedelta(0)) + length
        drawn.append(Drawn(segment, length, _place(segment.start, start, end), 100 * (length / (end - start))))
    return DrawnLane(lane, drawn, [f"--a:{_place(dot, start, end):.3f}" for dot in lane.dots], totals)


def _place(moment: datetime, start: datetime, end: datetime) -> float:
    return 100 * ((moment - start) / (end - start))


def _ticks(start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """Round moments, at most seven, at a distance that suits the length."""
    step = next((step for step in _STEPS if (end - start) / step <= MOST_TICKS), end - start)
    since_midnight = start - start.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = start - since_midnight + step * -(-since_midnight // step)
    ticks = []
    while moment <= end:
        ticks.append((moment, f"--a:{_place(moment, start, end):.3f}"))
        moment += step
    return ticks


def talk_and_parked(
    connected_at: datetime, left_at: datetime | None, parked: Sequence[tuple[datetime, datetime | None]]
) -> list[Segment]:
    """An assignment's time until it left, cut by the stretches when it was parked (in order; the last may be open)."""
    segments, at = list[Segment](), connected_at
    for begin, end in parked:
        if begin > at:
            segments.append(Segment("talk", at, begin))
        segments.append(Segment("parked", begin, end or left_at))
        if end is None:
            return segments
        at = end
    if left_at is None or left_at > at or not segments:
        segments.append(Segment("talk", at, left_at))
    return segments
