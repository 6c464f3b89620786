"""Reading untrusted JSON: one object, its fields by name and type, and refusals that name the place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from channels_app.content import clean_text
from channels_app.messenger.errors import BAD_REQUEST, MESSAGE_TOO_LONG, MISSING_PARAMETER, FrameError

MAX_WORD = 256  # characters of an id, a type, a token
MAX_TOKEN = 16_384  # characters of a code or a resume token: they may be JWTs


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} isn't JSON")


def load_object(raw: str | bytes, max_bytes: int) -> dict[str, Any]:
    """The JSON object in `raw`. Raises FrameError for anything else, however hostile."""
    size = len(raw) if isinstance(raw, bytes) else len(raw.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise FrameError(MESSAGE_TOO_LONG, f"Message length {size} is larger than {max_bytes}")
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # RecursionError: nested deeper than the decoder goes. ValueError also covers integers of > 4,300 digits.
        raise FrameError(BAD_REQUEST, "The frame isn't valid JSON") from None
    if not isinstance(data, dict):
        raise FrameError(BAD_REQUEST, "The frame must be a JSON object")
    return data


@dataclass(frozen=True)
class Fields:
    """A JSON object and where it was found. null counts as absent; text comes out storable (`clean_text`)."""

    data: Mapping[str, Any]
    path: str = ""

    def place(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def missing(self, name: str) -> FrameError:
        return FrameError(MISSING_PARAMETER, f"Missing required parameter: {self.place(name)}")

    def wrong(self, name: str, expected: str) -> FrameError:
        return FrameError(BAD_REQUEST, f"Parameter {self.place(name)} must be {expected}")

    def text(self, name: str, limit: int | None = MAX_WORD) -> str | None:
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(name, "a string")
        if limit is not None and len(value) > limit:
            raise self.wrong(name, f"at most {limit} characters")
        return clean_text(value)

    def required_text(self, name: str, limit: int = MAX_WORD) -> str:
        value = self.text(name, limit)
        if not value:
            raise self.missing(name)
        return value

    def flag(self, name: str) -> bool:
        value = self.data.get(name)
        if value is None:
            return False
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def whole(self, name: str) -> int | None:
        """A whole number ≥ 0; JavaScript clients may write it with a fraction of zero."""
        value = self.data.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.wrong(name, "a whole number")
        return value

    def object(self, name: str) -> Fields | None:
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name, "an object")
        return Fields(value, self.place(name))

    def required_object(self, name: str) -> Fields:
        found = self.object(name)
        if found is None:
            raise self.missing(name)
        return found

    def values(self, name: str, limit: int) -> list[Any]:
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(name, "a list")
        if len(value) > limit:
            raise self.wrong(name, f"at most {limit} entries")
        return value

    def objects(self, name: str, limit: int) -> Iterator[Fields]:
        for index, value in enumerate(self.values(name, limit)):
            entry = f"{name}[{index}]"
            if not isinstance(value, dict):
                raise self.wrong(entry, "an object")
            yield Fields(value, self.place(entry))

    def string_map(self, name: str) -> dict[str, str]:
        """An object as a flat one of texts: what isn't text in its JSON form, null entries left out."""
        found = self.object(name)
        if found is None:
            return {}
        try:
            return {clean_text(key): _as_text(value) for key, value in found.data.items() if value is not None}
        except RecursionError:
            raise self.wrong(name, "nested less deeply") from None


def _as_text(value: Any) -> str:
    """Sites hand on what they know of a customer as it is, lists and objects too."""
    if isinstance(value, str):
        return clean_text(value)
    return clean_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def map_bytes(values: Mapping[str, str]) -> int:
    """Size as clients count it before they send: UTF-8 bytes of all keys and values."""
    return sum(len(key.encode()) + len(value.encode()) for key, value in values.items())


def short_text(frame: Fields, name: str) -> str | None:
    """A text that is never a reason to refuse: anything else counts as absent."""
    value = frame.data.get(name)
    if not isinstance(value, str) or not value or len(value) > MAX_WORD:
        return None
    return frame.text(name)


def read_token(frame: Fields) -> str:
    token = frame.required_text("token")
    if not token.isascii() or not token.isprintable():
        raise frame.wrong("token", "printable ASCII")
    return token
