"""Words of the messenger: the product's for a language, with a configuration's own over them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "labels"
FIRST = "en"  # what another language lacks is said in this one
#: what the first sight of the messenger says; the rest is fetched with the parts that say it
AT_FIRST = (
    "author.", "composer.", "ended.", "file.drop", "file.file", "head.", "home.", "hours.", "menu.open", "state.",
    "status.", "thread.",
)  # fmt: skip
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


def first_labels(language: str, own: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Those of `labels` that the page carries itself."""
    return {key: text for key, text in labels(language, own).items() if key.startswith(AT_FIRST)}


def direction(language: str) -> str:
    """ "ltr" or "rtl"."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
