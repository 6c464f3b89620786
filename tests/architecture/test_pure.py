"""Pure modules: values in, values out. No framework, no store, no network, no clock, however far down."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import grimp
import pytest

from tests.architecture.sources import ROOT, complaints, complaints_about, each, product, where
from tests.architecture.test_house_rules import clocks

PURE = [
    *product("presence.py"),
    *product("utilization.py"),
    *product("content.py"),
    *product("content/**/*.py"),
    *product("messenger/frames.py"),
    *product("messenger/frames/**/*.py"),
    *(ROOT / "channels_app/messenger" / f"{name}.py" for name in ("config", "page/opening")),
    *(ROOT / "routing/acd" / f"{name}.py" for name in ("values", "select", "explain")),
]
FOREIGN = ("django", "celery", "redis", "httpx", "channels", "contactcenter.kernel.clock")


def foreign_imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        for name in _imported(node):
            if any(name == foreign or name.startswith(f"{foreign}.") for foreign in FOREIGN):
                yield f"{node.lineno}: imports {name}"  # type: ignore[attr-defined]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    packages = ("contactcenter", "agents", "channels_app", "routing", "reporting")
    return grimp.build_graph(
        *packages, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def foreign_below(graph: grimp.ImportGraph, module: str) -> set[str]:
    """What a module imports in the end, through modules of ours."""
    return graph.find_upstream_modules(module) & set(FOREIGN)


def module_of(path: Path) -> str:
    return where(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_the_pure_modules_are_found() -> None:
    found = {where(path) for path in PURE}
    assert {"agents/presence.py", "agents/utilization.py", "routing/acd/select.py"} <= found
    assert any("channels_app/content" in path for path in found)


@each(PURE)
def test_a_pure_module_imports_nothing_foreign(path: Path) -> Iterable[str]:
    return complaints(foreign_imports, path)


@each(PURE)
def test_nor_does_anything_that_it_imports(path: Path, graph: grimp.ImportGraph) -> Iterable[str]:
    return [f"{where(path)}: {name}" for name in sorted(foreign_below(graph, module_of(path)))]


@each(PURE)
def test_a_pure_module_asks_no_clock(path: Path) -> Iterable[str]:
    return complaints(clocks, path)


@pytest.mark.parametrize(
    "snippet",
    [
        "import django.db",
        "from django.utils import timezone",
        "def f():\n    import httpx",
        "from channels.db import x",
        "from contactcenter.kernel import clock",
        "from contactcenter.kernel.clock import now",
    ],
)
def test_the_check_finds_a_foreign_import(snippet: str) -> None:
    assert complaints_about(foreign_imports, snippet)


@pytest.mark.parametrize(
    "snippet", ["import json", "from channels_app.content import items", "from contactcenter.kernel import errors"]
)
def test_the_check_leaves_our_own_values_alone(snippet: str) -> None:
    assert not complaints_about(foreign_imports, snippet)


def test_the_check_looks_through_our_own_modules(graph: grimp.ImportGraph) -> None:
    assert "django" in foreign_below(graph, "contactcenter.kernel.ids"), "by way of the clock"
