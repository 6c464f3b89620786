"""What is wrong with a catalogue, as sentences. Pure: catalogues in, sentences out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from babel.messages import Catalog, Message

_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|</?\w+>")


def complaints(found: Catalog, catalogue: Catalog) -> list[str]:
    """Texts without a translation, translations that don't fit, and such of texts that are nowhere any more."""
    said = [complaint for message in found if message.id for complaint in _about(message, catalogue)]
    gone = [message for message in catalogue if message.id and found.get(message.id, message.context) is None]
    gone += catalogue.obsolete.values()
    return said + [f"obsolete: {_short(message)}" for message in gone]


def _about(message: Message, catalogue: Catalog) -> Iterator[str]:
    translated = catalogue.get(message.id, message.context)
    where = f"{_short(message)} ({', '.join(file for file, _line in message.locations)})"
    if translated is None or translated.id != message.id or not all(_forms(translated.string)):
        yield f"missing: {where}"
    elif translated.fuzzy:
        yield f"fuzzy: {where}"
    elif not _fits(message, translated):
        yield f"placeholders or spaces at the ends differ: {where}"


def _fits(message: Message, translated: Message) -> bool:
    """Each form has the parts of the singular or the plural; the last one, which is for many, those of the plural."""
    texts = _forms(message.id)
    *few, many = _forms(translated.string)
    return _parts(many) == _parts(texts[-1]) and all(_parts(form) in map(_parts, texts) for form in few)


def _parts(text: str) -> tuple[object, ...]:
    begin, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return begin, sorted(_PLACEHOLDER.findall(text)), end


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """A text or a translation as its forms: one, or for counts several."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _short(message: Message) -> str:
    text = _forms(message.id)[0]
    short = repr(text if len(text) <= 80 else f"{text[:79]}…")
    return f"{short} in the context {message.context!r}" if message.context else short
