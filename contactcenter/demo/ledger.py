"""What live customers sent and were shown: a file of JSON lines, and counts for people.

One line for each message of a customer, written when it is acknowledged or when the run ends without that:
`{"kind": "message", "time", "session", "custom_message_id", "text", "sent", "sends", "acknowledged",
"latency_ms", "refused"}`; `time` is when it was to be sent, `sent` when it first was (null: never), `acknowledged`
the message's id (null: not), `latency_ms` from `time`. One for each message that a customer was shown:
`{"kind": "received", "time", "session", "id", "text", "by"}`, `by` socket or history.
"""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

REMEMBERED = 200_000  # latencies


@dataclass(slots=True)
class Said:
    """A message of a customer on its way. `due` and `at` are seconds of the monotonic clock and the time of that."""

    session: str
    custom_id: str
    text: str
    due: float
    at: datetime
    first_sent: datetime | None = None
    sends: int = 0
    sent_on: int = -1  # the connection that it was last sent on
    not_before: float = 0.0
    acknowledged: str | None = None
    refused: int | None = None


@dataclass(slots=True)
class Counts:
    """How a run goes."""

    due: int = 0
    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    resent: int = 0
    received: int = 0
    duplicates: int = 0  # one customer's message under two ids: never right
    repeats: int = 0  # the same message shown twice on one connection
    out_of_order: int = 0
    connections: int = 0
    cut: int = 0


class Ledger:
    """The file, if one is wanted, and the counts."""

    def __init__(self, path: Path | None = None) -> None:
        self.counts = Counts()
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self._latencies: deque[float] = deque(maxlen=REMEMBERED)

    def close(self) -> None:
        if self._file:
            self._file.close()

    def acknowledged(self, said: Said, message_id: str, seconds: float) -> None:
        """The first acknowledgement of a message; a later one with another id is a duplicate."""
        if said.acknowledged is not None:
            self.counts.duplicates += said.acknowledged != message_id
            return
        said.acknowledged = message_id
        self.counts.acknowledged += 1
        self._latencies.append(seconds)
        self._message(said, seconds)

    def refused(self, said: Said, code: int) -> None:
        """The server said no, for good."""
        said.refused = code
        self.counts.refused += 1
        self._message(said, None)

    def left_over(self, said: Said) -> None:
        """The run is over, and nobody has acknowledged it."""
        self._message(said, None)

    def received(self, session: str, message_id: str, text: str, *, now: datetime, by: str) -> None:
        self.counts.received += 1
        self._write(
            {"kind": "received", "time": now.isoformat(), "session": session, "id": message_id, "text": text, "by": by}
        )

    def percentile(self, part: float) -> float:
        """Milliseconds from the intended send to the acknowledgement that so much (0–1) of the messages kept."""
        if not self._latencies:
            return math.nan
        ordered = sorted(self._latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    def line(self, seconds: float) -> str:
        """The state of the run for people."""
        counts = self.counts
        return (
            f"{seconds:5.0f} s  sent {counts.sent}  acknowledged {counts.acknowledged}  "
            f"unacknowledged {counts.due - counts.acknowledged - counts.refused}  refused {counts.refused}  "
            f"received {counts.received}  duplicates {counts.duplicates}  out of order {counts.out_of_order}  "
            f"cut {counts.cut}  p50 {self.percentile(0.5):.0f} ms  p99 {self.percentile(0.99):.0f} ms"
        )

    def _message(self, said: Said, seconds: float | None) -> None:
        self._write(
            {
                "kind": "message",
                "time": said.at.isoformat(),
                "session": said.session,
                "custom_message_id": said.custom_id,
                "text": said.text,
                "sent": said.first_sent.isoformat() if said.first_sent else None,
                "sends": said.sends,
                "acknowledged": said.acknowledged,
                "latency_ms": None if seconds is None else round(1000 * seconds, 1),
                "refused": said.refused,
            }
        )

    def _write(self, line: dict[str, object]) -> None:
        """At once: whoever reads the ledger may kill us first."""
        if self._file:
            self._file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            self._file.flush()
