"""Rules for the browser's scripts that their linter and type check don't know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, product, text, where

SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
EVENTS = ROOT / "static/design/events.js"
#: who has events of their own, on objects of their own
OBJECTS = {"static/messenger/client.js", "static/messenger/socket.js"}

declared = set(re.findall(r'^ \*   "([a-z-]+)":', text(EVENTS), re.MULTILINE))
told_by_scripts = re.compile(r'\btell\("([a-z-]+)"')
heard = re.compile(r'\bhear\("([a-z-]+)"')
told_by_the_server = re.compile(r'"([a-z-]+)": (?:\{|told|about)')


def past_the_list(source: str) -> Iterator[str]:
    """Events that a script makes, or listens for, without the list."""
    yield from re.findall(r"new CustomEvent\(.*", source)
    for name in re.findall(r'document\.addEventListener\("([a-z-]+)"', source):
        if name in declared:
            yield f"listens for {name}"


def test_the_events_are_found() -> None:
    assert {"desk-open", "toast", "composer-changed"} <= declared


@pytest.mark.parametrize("path", [one for one in SCRIPTS if one != EVENTS], ids=where)
def test_scripts_tell_and_hear_events_of_the_list_only(path: Path) -> None:
    assert where(path) in OBJECTS or list(past_the_list(text(path))) == []


@pytest.mark.parametrize(
    "snippet",
    ['document.dispatchEvent(new CustomEvent("desk-open"))', 'document.addEventListener("toast", () => {})'],
)
def test_the_check_finds_events_past_the_list(snippet: str) -> None:
    assert list(past_the_list(snippet))


def test_each_event_is_told_by_somebody_and_heard_by_somebody() -> None:
    scripts = "".join(text(path) for path in SCRIPTS if path != EVENTS)
    answers = "".join(text(path) for path in product() if re.search("HX-Trigger|events=", text(path)))
    told = set(told_by_scripts.findall(scripts)) | set(told_by_the_server.findall(answers))
    assert declared - told == set(), "nobody tells these"
    assert declared == set(heard.findall(scripts)), "nobody hears these"
