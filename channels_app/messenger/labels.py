"""Words of the messenger: the product's for a language, with a configuration's own over them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "labels"
FIRST = "en"  # what another language lacks is said in this one
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}


@cache
def product_labels(language: str) -> dict[str, str]:
    """All words of a language: `{"composer.placeholder": "Write a message", …}`."""
    found: dict[str, str] = {}
    for code in (FIRST, language):
        for path in sorted(FOLDER.rglob(f"{code}.json")):
            found |= json.loads(path.read_text())
    return found


def labels(language: str, own: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The product's words with those of `own` (`{language: {key: text}}`) in their place."""
    return product_labels(language) | {key: text for key, text in own.get(language, {}).items() if text}


def direction(language: str) -> str:
    """ "ltr" or "rtl"."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
