"""When a program that died starts again. Pure: seconds in, seconds out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class RestartPolicy:
    """Delays double from `first_delay` to `longest_delay` seconds while deaths follow each other within
    `window` seconds; `limit` deaths within one window end the attempt."""

    first_delay: float = 0.2
    longest_delay: float = 5.0
    window: float = 60.0
    limit: int = 5

    def delay(self, deaths: Sequence[float]) -> float | None:
        """Seconds to wait after the last of `deaths` (their times, rising), or None: give up."""
        last = deaths[-1]
        if sum(at > last - self.window for at in deaths) >= self.limit:
            return None
        doublings = min(self._streak(deaths) - 1, 16)
        return min(self.longest_delay, self.first_delay * 2.0**doublings)

    def _streak(self, deaths: Sequence[float]) -> int:
        """How many of the last deaths came within a window of the one before."""
        streak = 1
        for earlier, later in zip(reversed(deaths[:-1]), reversed(deaths), strict=False):
            if later - earlier > self.window:
                break
            streak += 1
        return streak
