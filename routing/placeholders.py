"""Placeholders of canned responses, from a closed list: `{{customer.name}}`. Values in, text out."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = ("customer.name", "agent.name", "conversation.channel", "conversation.queue")
_ANY = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_WITH_SPACE = re.compile(r"[ \t]?\{\{\s*([^{}]*?)\s*\}\}")


def faults(text: str) -> list[str]:
    """What stands in braces and isn't on the list, each once; "{{" or "}}" for a brace without its other half."""
    wrong = [name for name in _ANY.findall(text) if name not in NAMES]
    rest = _ANY.sub("", text)
    return list(dict.fromkeys([*wrong, *(brace for brace in ("{{", "}}") if brace in rest)]))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced once: what a value contains is never read as a placeholder.

    One without a value goes together with the space before it: "Hello {{customer.name}}," becomes "Hello,".
    """

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1], "")
        space = found[0][0] if found[0][0] != "{" else ""
        return space + value if value else ""

    return _WITH_SPACE.sub(put, text)
