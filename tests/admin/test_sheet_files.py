"""Files of import and export by themselves, without a database: what is read, what is refused, what a cell holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.admin.sheets import columns, files


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"name\n", "empty"),
        (b"name,colour\nA,b\n", "column"),
        (b"name,name\nA,b\n", "twice"),
        (b"PK\x03\x04\0\0", "binary"),
        (b'name\n"A\n', "broken"),
        (b"x" * (files.MOST_BYTES + 1), "large"),
    ],
)
def test_a_file_that_is_none_says_why(data: bytes, code: str) -> None:
    with pytest.raises(files.Unreadable) as refused:
        files.read(data, ["name", "kind"])
    assert refused.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        "name,kind\nGrüße,skill\n".encode(),
        "\ufeffname,kind\r\nGrüße,skill\r\n".encode(),
        "name;kind\nGrüße;skill\n".encode("cp1252"),
        "sep=;\nKind;Name\nskill;Grüße\n".encode(),
        "name\tkind\nGrüße\tskill\n".encode("utf-16"),
        '"Name","KIND",\n\n"Grüße","skill",\n'.encode(),
    ],
)
def test_files_of_all_spreadsheets_read_the_same(data: bytes) -> None:
    found = files.read(data, ["name", "kind"])
    assert [line.cells for line in found.lines] == [{"name": "Grüße", "kind": "skill"}]


@given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=30))
def test_a_guarded_cell_is_no_formula_and_comes_back(cell: str) -> None:
    assert not files.guarded(cell).startswith(files.TRIGGERS)
    assert files.unguarded(files.guarded(cell)) == cell


@given(st.lists(st.text(max_size=8).map(str.strip).filter(bool), max_size=5))
def test_several_things_in_a_cell_come_back(parts: list[str]) -> None:
    assert columns.split(columns.join(parts)) == parts
