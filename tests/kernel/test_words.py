"""Words that are put together in the same way everywhere."""

from __future__ import annotations

import pytest

from contactcenter.kernel.words import first_of


@pytest.mark.parametrize(
    ("names", "line"),
    [([], ""), (["Ana"], "Ana"), (["Ana", "Ben"], "Ana, Ben"), (["Ana", "Ben", "Cleo"], "Ana, Ben\N{NO-BREAK SPACE}…")],
)
def test_a_line_of_names_says_when_there_are_more(names: list[str], line: str) -> None:
    assert first_of(names, 2) == line
