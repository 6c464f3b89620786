"""Imports go down only: the contracts in pyproject.toml hold, list every module, and can fail."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT

LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the packages in `folder`, by the contracts there."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def layers() -> list[str]:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if contract["type"] == "layers")


def listed() -> set[str]:
    return {name for layer in layers() for name in re.findall(r"[\w.]+", layer)}


def modules_of(package: str) -> set[str]:
    """The modules and packages directly below a package, as they are on disk."""
    children = (ROOT / package).iterdir()
    return {
        f"{package}.{child.stem}"
        for child in children
        if child.name not in {"__init__.py", "__pycache__"}
        and (child.suffix == ".py" or (child.is_dir() and any(child.rglob("*.py"))))
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's Python files, to be spoiled."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda folder, names: [
                name for name in names if not (name.endswith(".py") or (Path(folder) / name).is_dir())
            ],
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("package", ["agents", "channels_app", "contactcenter"])
def test_every_module_of_a_divided_package_has_its_layer(package: str) -> None:
    assert modules_of(package) - listed() == set()


def test_the_other_packages_are_one_layer_each() -> None:
    assert set(PACKAGES) - {"agents", "channels_app", "contactcenter"} <= listed()


@pytest.mark.parametrize(
    ("file", "spoiled"),
    [
        ("agents/presence.py", "import routing.events"),
        ("agents/events.py", "import agents.desktop.apps"),
        ("channels_app/events.py", "from routing import events"),
        ("channels_app/history.py", "import channels_app.messenger.history"),
        ("agents/desktop/search.py", "from channels_app.messenger import models"),
        ("routing/events.py", "import reporting.models"),
        ("reporting/log.py", "import agents.desktop.apps"),
        ("agents/desktop/apps.py", "import reporting.log"),
        ("contactcenter/kernel/errors.py", "import agents.events"),
        ("contactcenter/kernel/errors.py", "import contactcenter.settings"),
        ("reporting/log.py", "import contactcenter.urls"),
        ("routing/events.py", "def late():\n    import agents.desktop.apps"),
    ],
)
def test_an_import_that_goes_up_or_aside_is_refused(copy: Path, file: str, spoiled: str) -> None:
    with (copy / file).open("a") as source:
        source.write(f"\n{spoiled}\n")
    result = lint(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    broken = file.removesuffix(".py").replace("/", ".")
    assert f"{broken} -> " in result.stdout
