"""The texts in the sources: what stands in a call of a gettext function, in Python files and templates, and what
the errors of `kernel.errors` say to people.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("agents", "channels_app", "contactcenter", "reporting", "routing")
#: by function, which of its arguments are texts; `c` marks the context
FUNCTIONS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def files(root: Path = ROOT) -> list[Path]:
    """Where texts can stand: templates, and the packages' Python files without migrations."""
    python = (path for package in PACKAGES for path in (root / package).rglob("*.py"))
    html = (root / "templates").rglob("*.html")
    return sorted(path for path in (*python, *html) if "migrations" not in path.parts)


def texts(root: Path = ROOT) -> Catalog:
    """A catalogue without translations: each text once, with the files that it stands in."""
    found = Catalog(charset="utf-8")
    for path in files(root):
        where = path.relative_to(root).as_posix()
        for text, context, comments in texts_of(path):
            found.add(text, locations=[(where, 0)], auto_comments=comments, context=context)
    for path, text in refusals(path for path in files(root) if path.suffix == ".py"):
        found.add(text, locations=[(path.relative_to(root).as_posix(), 0)])
    return found


def texts_of(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None, list[str]]]:
    """Text (singular and plural as a pair), context and comments to translators, one for each call in the file."""
    source = path.read_text(encoding="utf-8")
    if not any(mark in source for mark in ("trans", "gettext", "_(")):
        return
    python = _as_python(source) if path.suffix == ".html" else source
    calls = extract("python", io.BytesIO(python.encode()), FUNCTIONS, comment_tags=("Translators:",))
    for _line, text, comments, context in calls:
        yield text, context, comments


def refusals(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """What errors say: the docstrings of the classes below ContactCentreError, and the texts that they are raised with.

    The guest protocol's errors stay out: clients compare its sentences, so they are English for everybody.
    """
    modules = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths if not _is_protocol(path)]
    classes = [(path, node) for path, module in modules for node in module.body if isinstance(node, ast.ClassDef)]
    known = {"ContactCentreError"}
    while more := {node.name for _, node in classes if {_name(base) for base in node.bases} & known} - known:
        known |= more
    for path, node in classes:
        if node.name in known:
            yield path, cleandoc(ast.get_docstring(node) or "")
    for path, module in modules:
        for call in ast.walk(module):
            if isinstance(call, ast.Call) and _name(call.func) in known:
                yield from ((path, text) for text in map(_literal, call.args) if text)


def _is_protocol(path: Path) -> bool:
    return bool({"messenger", "demo", "up"} & set(path.parts))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _as_python(template: str) -> str:
    """The template's texts as calls. Its lines lose their indentation: Python's tokenizer would stumble over it."""
    return "\n".join(line.strip() for line in templatize(template).splitlines())
