"""Reading and writing the `.po` files: in the order of the sources, without dates and line numbers, so that a
change shows only what changed."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

WIDTH = 120
_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def read(path: Path) -> Catalog:
    """A language's catalogue, obsolete entries apart. Raises Babel's PoFileError for what it can't read."""
    with path.open("rb") as file:
        return read_po(file, locale=language_of(path), abort_invalid=True)


def update(path: Path, found: Catalog) -> None:
    """Write the texts that were found, with the translations that are there. A text that is gone takes its own away."""
    known = read(path) if path.exists() else Catalog(locale=language_of(path))
    write(path, merged(found, known))


def merged(found: Catalog, known: Catalog) -> Catalog:
    """The texts of `found` with the translations of `known`."""
    result = Catalog(locale=known.locale, charset="utf-8")
    for message in found:
        if not message.id:
            continue
        old = known.get(message.id, message.context)
        keeps = old is not None and isinstance(old.id, str) == isinstance(message.id, str)
        result.add(
            message.id,
            old.string if old and keeps else None,
            locations=sorted(set(message.locations)),
            auto_comments=message.auto_comments,
            user_comments=old.user_comments if old else (),
            flags={"fuzzy"} if old and old.fuzzy else (),
            context=message.context,
        )
    return result


def write(path: Path, catalogue: Catalog) -> None:
    body = io.BytesIO()
    write_po(body, catalogue, width=WIDTH, omit_header=True, include_lineno=False, ignore_obsolete=True)
    header = _HEADER.format(language=language_of(path), plurals=catalogue.plural_forms)
    path.write_bytes(header.encode() + body.getvalue().lstrip())


def language_of(path: Path) -> str:
    """`de` for …/de/LC_MESSAGES/django.po."""
    return path.parent.parent.name
