"""Limits of the guest protocol within one socket: token buckets in memory, no store on the message path."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """`rate` a second on average, `burst` at once."""

    rate: float
    burst: float
    level: float = field(init=False)
    at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.level = self.burst

    def take(self) -> int:
        """0: taken. Otherwise the whole seconds until one may be taken."""
        now = time.monotonic()
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0
        return math.ceil((1 - self.level) / self.rate)
