"""What people type into the admin's fields: lengths of time, and the hosts of a site."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.admin import durations
from channels_app.messenger.admin import domains


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 s", 30), ("5min", 300), ("1 h 30 min", 5400), ("3 d", 259_200), ("2 days", 172_800), (" 90 S ", 90)],
)
def test_a_length_of_time_is_read(text: str, seconds: int) -> None:
    assert durations.parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["30", "soon", "5 weeks", "1 h 30", "-5 s", "1.5 h", "s"])
def test_anything_else_is_not(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        durations.parse(text)


@given(st.integers(min_value=0, max_value=10**9))
def test_what_is_shown_reads_back_as_the_same(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert durations.parse(durations.text_of(length)) == length


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", []),
        ("shop.example\n\n  WWW.Acme.example ", ["shop.example", "www.acme.example"]),
        ("shop.example\nshop.example", ["shop.example"]),
        ("localhost", ["localhost"]),
        ("bücher.example", ["xn--bcher-kva.example"]),
    ],
)
def test_hosts_are_read(text: str, hosts: list[str]) -> None:
    assert domains.parse(text) == hosts


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("https://shop.example", 1),
        ("shop.example\nshop.example:8000", 2),
        ("a b", 1),
        ("-a.example", 1),
        ("*.shop.example", 1),
        ("a..b", 1),
    ],
)
def test_other_lines_are_refused_by_number(text: str, line: int) -> None:
    with pytest.raises(domains.BadHost) as refused:
        domains.parse(text)
    assert refused.value.line == line
