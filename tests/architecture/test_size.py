"""The size budget: functions that do one thing, files that fit a head (DESIGN: Style)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.architecture.sources import Function, complaints_about, each, functions, product, text, tree, where

FILES = [path for path in product() if text(path).strip()]
LONG = 60


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def ninth_of_ten(sizes: list[int]) -> float:
    return quantiles(sizes, n=10, method="inclusive")[-1]


def function_sizes(module: ast.Module) -> list[int]:
    return [length(function) for function in functions(module)]


def too_long(source: str) -> Iterator[str]:
    """Functions of 60 lines and more without a `# long because` inside or right above."""
    lines = source.splitlines()
    for function in functions(ast.parse(source)):
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        around = lines[max(first - 2, 0) : function.end_lineno]
        if length(function) >= LONG and not any("# long because" in line for line in around):
            yield f"{function.lineno}: {function.name} has {length(function)} lines"


def unannotated(module: ast.Module) -> Iterator[str]:
    for function in functions(module):
        if function.returns is None:
            yield f"{function.lineno}: {function.name} doesn't say what it returns"


def test_half_of_all_functions_have_at_most_8_lines() -> None:
    assert median(size for path in FILES for size in function_sizes(tree(path))) <= 8


def test_nine_of_ten_functions_have_at_most_30_lines() -> None:
    assert ninth_of_ten([size for path in FILES for size in function_sizes(tree(path))]) <= 30


def test_nine_of_ten_files_have_at_most_350_lines() -> None:
    assert ninth_of_ten([len(text(path).splitlines()) for path in FILES]) <= 350


@each(FILES)
def test_a_long_function_gives_its_reason(path: Path) -> Iterable[str]:
    return [f"{where(path)}:{complaint}" for complaint in too_long(text(path))]


@each(FILES)
def test_every_function_says_what_it_returns(path: Path) -> Iterable[str]:
    return [f"{where(path)}:{complaint}" for complaint in unannotated(tree(path))]


def function_of(lines: int, comment: str = "") -> str:
    return "\n".join([f"def f() -> None:  {comment}", *["    pass"] * (lines - 1)])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (function_of(59), 0),
        (function_of(60), 1),
        (function_of(60, "# long because it is a table"), 0),
        ("# long because it is a table\n" + function_of(60), 0),
        ("# long because it is a table\n@decorated\n" + function_of(60), 0),
        ("# long because it is a table\n\n\n" + function_of(60), 1),
    ],
)
def test_the_check_finds_a_long_function_without_a_reason(source: str, found: int) -> None:
    assert len(list(too_long(source))) == found


def test_the_check_finds_a_function_without_its_type() -> None:
    snippet = "class A:\n    async def f(self): pass\n    def g(self) -> int: pass"
    assert complaints_about(unannotated, snippet) == ["2: f doesn't say what it returns"]


def test_sizes_are_those_of_all_functions_also_inner_ones() -> None:
    assert sorted(function_sizes(ast.parse("def f():\n    def g():\n        pass\n    return g"))) == [2, 4]
    assert ninth_of_ten([1] * 9 + [100]) < ninth_of_ten([1] * 8 + [100] * 2) == 100
