"""Compiled catalogues: the `.mo` that Django reads, made beside each `.po`.

Nothing compiled is committed. `manage.py up` makes them before the first program starts, the tests before the first
test. Imports no Django, because `up` doesn't either.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "locale"


def catalogues(folder: Path = FOLDER) -> list[Path]:
    """The `.po` of each language."""
    return sorted(folder.glob("*/LC_MESSAGES/django.po"))


def compile_stale(folder: Path = FOLDER) -> list[Path]:
    """Make each `.mo` that is missing or of another time than its `.po`; gives those that were made.

    A `.mo` carries the time of its `.po`, so an older version of the sources is compiled again too.
    """
    return [_compile(source) for source in catalogues(folder) if _is_stale(source)]


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime_ns != source.stat().st_mtime_ns


def _compile(source: Path) -> Path:
    """All or nothing: several processes may start at the same time."""
    from babel.messages.mofile import write_mo  # only here: most starts find everything made
    from babel.messages.pofile import read_po

    compiled = source.with_suffix(".mo")
    made = source.stat().st_mtime_ns
    with source.open("rb") as opened:
        catalogue = read_po(opened)
    with tempfile.NamedTemporaryFile(dir=source.parent, prefix=".django-", delete=False) as file:
        write_mo(file, catalogue)
    Path(file.name).chmod(0o644)
    os.utime(file.name, ns=(made, made))
    return Path(file.name).replace(compiled)
