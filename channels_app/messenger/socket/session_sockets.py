"""How many sockets a guest session has open, over all processes, without a store: its sockets tell each other.

A socket's name is an id of `kernel.ids`, so names say which is older. Each counts the younger ones that it heard of.
Once there are too many it calls the roll, because a process may have died without a word, and leaves if they still are.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Told = dict[str, Any]


@dataclass(slots=True)
class Peers:
    """One socket's view of the others of its session. Values in, values out: `hear` gives what to say and whether
    to go."""

    name: uuid.UUID
    most: int
    younger: set[str] = field(default_factory=set)
    calling: bool = False

    def opened(self) -> Told:
        """To be told when the session is configured."""
        return {"socket": str(self.name), "says": "opened"}

    def shut(self) -> Told:
        """To be told when the socket ends."""
        return {"socket": str(self.name), "says": "shut"}

    def hear(self, told: Mapping[str, Any]) -> tuple[Told | None, bool]:
        """What another socket said. :returns: (what to answer, whether this socket must close)."""
        other, says = str(told["socket"]), told["says"]
        if says == "roll":
            older = other < str(self.name)
            return ({"socket": str(self.name), "says": "here"} if older else None), False
        if other <= str(self.name):
            return None, False
        if says == "shut":
            self.younger.discard(other)
            return None, False
        self.younger.add(other)
        self.calling = self.calling and says != "opened"
        return self._count()

    def _count(self) -> tuple[Told | None, bool]:
        if not self.most or len(self.younger) < self.most:
            return None, False
        if self.calling:
            return None, True
        self.calling = True
        self.younger.clear()
        return {"socket": str(self.name), "says": "roll"}, False
