"""Secrets at rest: Fernet under a key derived from SECRET_KEY, older keys still read (rotation)."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Unreadable(ValueError):
    """A stored secret can't be read with the keys at hand: CC_SECRET_KEY changed without a fallback."""


def encrypt(plain: str) -> str:
    """`plain` as an URL-safe token, different each time."""
    return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(plain.encode()).decode()


def decrypt(token: str) -> str:
    """The text behind a token. :raises Unreadable: wrong key or damaged."""
    try:
        return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(Unreadable.__doc__) from error


def digest(token: str) -> str:
    """SHA-256 hex of a bearer token: what we store of tokens that clients make."""
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=4)
def _box(*keys: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(k.encode()).digest())) for k in keys])


class EncryptedJSONField(models.TextField):
    """A JSON object, encrypted in the column; never filter by it."""

    def from_db_value(self, value: str | None, *_: Any) -> dict[str, Any]:
        return json.loads(decrypt(value)) if value else {}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            return json.loads(value) if value else {}
        return value or {}

    def get_prep_value(self, value: Any) -> str:
        return encrypt(json.dumps(value)) if value else ""

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
