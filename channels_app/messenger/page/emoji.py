"""Emoji for the messenger's picker: characters with their names in a language, from the `emoji` package."""

from __future__ import annotations

from functools import cache
from typing import Any

import emoji
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

SKIN_TONES = range(0x1F3FB, 0x1F400)  # variants of what is there already
ZWJ = "\u200d"
#: Unicode has no groups in this data: the blocks of the first character, in the order of people's use
GROUPS: dict[str, tuple[range, ...]] = {
    "people": (range(0x1F600, 0x1F650), range(0x1F910, 0x1F940), range(0x1F970, 0x1F980), range(0x1F9B0, 0x1F9E7),
               range(0x1F440, 0x1F4A0), range(0x1FAC0, 0x1FAC6), range(0x1FAE0, 0x1FB00), range(0x2639, 0x263B),
               range(0x261D, 0x261E), range(0x2763, 0x2765), range(0x270A, 0x270E)),
    "animals": (range(0x1F400, 0x1F440), range(0x1F980, 0x1F9AF), range(0x1F330, 0x1F345), range(0x1FAB0, 0x1FAC0),
                range(0x1F300, 0x1F321)),
    "food": (range(0x1F345, 0x1F380), range(0x1F950, 0x1F970), range(0x1F9C0, 0x1F9CC), range(0x1FAD0, 0x1FAE0)),
    "activities": (range(0x1F380, 0x1F3CF), range(0x1F3CF, 0x1F3E0), range(0x1F93A, 0x1F950), range(0x26BD, 0x26BF)),
    "travel": (range(0x1F680, 0x1F700), range(0x1F3E0, 0x1F3F1), range(0x1F5FA, 0x1F600)),
    "objects": (range(0x1F4A0, 0x1F540), range(0x1F56F, 0x1F5FA), range(0x1FA70, 0x1FAB0), range(0x231A, 0x2400)),
    "flags": (range(0x1F1E6, 0x1F200), range(0x1F3F1, 0x1F400)),
    "symbols": (range(0x10FFFF),),
}  # fmt: skip


@cache
def emoji_groups(language: str) -> list[dict[str, Any]]:
    """`[{"key": "people", "emoji": [["😀", "grinning face"], …]}, …]`; English where the language has no names."""
    if language not in emoji.LANGUAGES:
        language = "en"
    emoji.config.load_language(language)
    full = emoji.STATUS["fully_qualified"]
    plain = [one for one, data in emoji.EMOJI_DATA.items() if data["status"] == full and not _is_variant(one)]
    found: dict[str, list[list[str]]] = {key: [] for key in GROUPS}
    for character in sorted(plain, key=lambda one: (_block(one)[1], one)):
        found[_block(character)[0]].append([character, _name(character, language)])
    return [{"key": key, "emoji": rows} for key, rows in found.items()]


def _name(character: str, language: str) -> str:
    data = emoji.EMOJI_DATA[character]
    name: str = data.get(language) or data["en"]
    return name.strip(":").replace("_", " ").lower()


def _is_variant(character: str) -> bool:
    """With a skin tone, or joined of several: the picker shows the plain ones."""
    return ZWJ in character or any(ord(letter) in SKIN_TONES for letter in character)


def _block(character: str) -> tuple[str, int]:
    """The group, and the place of the character's block in it."""
    code = ord(character[0])
    places = ((key, place) for key, blocks in GROUPS.items() for place, block in enumerate(blocks) if code in block)
    return next(places)


@require_GET
@cache_control(public=True, max_age=86_400)
def emoji_json(_request: HttpRequest, language: str) -> JsonResponse:
    """The picker's data."""
    return JsonResponse({"groups": emoji_groups(language)}, json_dumps_params={"ensure_ascii": False})
