"""Reads `dialogues.toml`: what customers and agents say, and who the customers are. No database."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["customer", "agent", "note", "transfer", "park"]
_KINDS: dict[str, Kind] = {"c": "customer", "a": "agent", "n": "note", "t": "transfer", "p": "park"}
_CHOICES = re.compile(r"\s*\[(?P<choices>[^\]]+)\]$")
SOURCE = Path(__file__).with_name("dialogues.toml")


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a dialogue. `choices`: quick replies, or the one that the customer chose."""

    kind: Kind
    text: str = ""
    queue: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation's script, and what is said when the customer comes back on the same thread."""

    queue: str
    language: str
    code: str
    lines: tuple[Said, ...]
    later: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """The whole file. Names and cities by language."""

    dialogues: tuple[Dialogue, ...]
    names: dict[str, list[str]]
    cities: dict[str, list[str]]
    items: list[tuple[str, str]]
    sizes: list[str]

    def of(self, queue: str, language: str) -> list[Dialogue]:
        """The dialogues that begin in a queue."""
        return self.by_place().get((queue, language), [])

    def by_place(self) -> dict[tuple[str, str], list[Dialogue]]:
        """The dialogues by the queue in which they begin, and their language."""
        found: dict[tuple[str, str], list[Dialogue]] = {}
        for one in self.dialogues:
            found.setdefault((one.queue, one.language), []).append(one)
        return found


@cache
def texts() -> Texts:
    found: dict[str, Any] = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return Texts(
        dialogues=tuple(_dialogue(one) for one in found["dialogue"]),
        names=found["names"],
        cities=found["cities"],
        items=list(zip(found["items"], found["prices"], strict=True)),
        sizes=found["sizes"],
    )


def _dialogue(found: dict[str, str]) -> Dialogue:
    return Dialogue(
        queue=found["queue"],
        language=found.get("language", "en"),
        code=found["code"],
        lines=_lines(found["lines"]),
        later=_lines(found.get("later", "")),
    )


def _lines(script: str) -> tuple[Said, ...]:
    return tuple(read_line(line) for line in script.splitlines() if line.strip())


def read_line(line: str) -> Said:
    """A line by its first letter. :raises KeyError: it has another one."""
    letter, _, text = line.strip().partition(" ")
    kind = _KINDS[letter]
    if kind == "transfer":
        queue, _, note = text.partition("|")
        return Said(kind, note.strip(), queue=queue.strip())
    if found := _CHOICES.search(text):
        choices = tuple(choice.strip() for choice in found["choices"].split("|"))
        return Said(kind, text[: found.start()], choices=choices)
    return Said(kind, text)


def details(language: str, rng: random.Random) -> dict[str, str]:
    """What a customer talks about: an order, an item, a place, a day."""
    item, price = rng.choice(texts().items)
    days = {"en": ["Tuesday", "Wednesday", "Thursday", "Friday"], "de": ["Dienstag", "Mittwoch", "Freitag"]}
    return {
        "order": str(rng.randint(41_000, 49_999)),
        "item": item,
        "price": price,
        "size": rng.choice(texts().sizes),
        "city": rng.choice(texts().cities[language]),
        "day": rng.choice(days[language]),
    }
