"""How the rules look at many files: one test each, whose failure names every offender."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, each

BAD, GOOD = ROOT / "bad.py", ROOT / "good.py"


def complains_of_bad(path: Path) -> Iterable[str]:
    return [f"{path.name}:1: first", f"{path.name}:2: second"] if path == BAD else []


def test_a_failure_names_each_offence_in_each_file() -> None:
    with pytest.raises(AssertionError) as failed:
        each([BAD, GOOD, BAD])(complains_of_bad)()
    assert str(failed.value).split() == [*("bad.py:1:", "first", "bad.py:2:", "second") * 2]


def test_without_an_offence_it_passes() -> None:
    each([GOOD, GOOD])(complains_of_bad)()


def test_a_rule_that_looks_at_nothing_fails() -> None:
    with pytest.raises(AssertionError, match="nothing to look at"):
        each([])(complains_of_bad)()
