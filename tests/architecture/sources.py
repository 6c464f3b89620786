"""The project's source files, and how the rules look at them: a rule takes a parsed file and gives complaints."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contactcenter", "agents", "channels_app", "routing", "reporting")
Rule = Callable[[ast.Module], Iterator[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def product(pattern: str = "**/*.py") -> list[Path]:
    """Our own Python files below the five packages, without migrations."""
    found = (path for package in PACKAGES for path in (ROOT / package).glob(pattern))
    return sorted(path for path in found if "migrations" not in path.parts)


def each(paths: list[Path]) -> Callable[[Callable[..., Iterable[str]]], Callable[..., None]]:
    """One test that looks at all these files: its function gives the complaints about one of them, and the failure
    lists those about all."""

    def decorate(rule: Callable[..., Iterable[str]]) -> Callable[..., None]:
        @functools.wraps(rule)
        def test(**fixtures: Any) -> None:
            assert paths, "there is nothing to look at"
            found = [complaint for path in paths for complaint in rule(path=path, **fixtures)]
            assert not found, "\n".join(["", *found])

        of_rule = inspect.signature(rule)
        fixtures = [each_one for name, each_one in of_rule.parameters.items() if name != "path"]
        test.__signature__ = of_rule.replace(parameters=fixtures)  # type: ignore[attr-defined]  # what pytest reads
        return test

    return decorate


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), filename=where(path))


def complaints(rule: Rule, path: Path) -> list[str]:
    return [f"{where(path)}:{complaint}" for complaint in rule(tree(path))]


def complaints_about(rule: Rule, snippet: str) -> list[str]:
    """For the negative twins: what the rule says about a snippet."""
    return list(rule(ast.parse(snippet)))


def functions(module: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(module) if isinstance(node, Function))


def calls(module: ast.Module, *names: str) -> Iterator[ast.Call]:
    """Calls of a function or method with one of these names."""
    return (node for node in ast.walk(module) if isinstance(node, ast.Call) and last_name(node.func) in names)


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; what isn't a name in it reads `?`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"
