"""The JSON Web Tokens that we give out ourselves, signed with a key derived from SECRET_KEY (older keys still read)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import jwt
from django.conf import settings

Kind = Literal["history", "resume", "customer"]
ALGORITHM = "HS256"


class BadToken(Exception):
    """This token isn't ours, is over, or is for something else."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `subject`: a session (history, resume) or a sign-in (customer)."""

    subject: uuid.UUID
    deployment_id: uuid.UUID


def make(kind: Kind, claims: Claims, *, now: datetime, until: datetime) -> str:
    """A signed token; times are in whole seconds."""
    payload: dict[str, Any] = {
        "iss": settings.BASE_URL,
        "aud": str(claims.deployment_id),
        "sub": str(claims.subject),
        "typ": kind,
        "iat": int(now.timestamp()),
        "exp": int(until.timestamp()),
    }
    return jwt.encode(payload, next(_keys()), algorithm=ALGORITHM)


def read(kind: Kind, token: str, *, now: datetime, leeway: timedelta = timedelta(0)) -> Claims:
    """:raises BadToken: forged, over, or of another kind."""
    payload = _verified(token)
    if payload.get("typ") != kind or float(payload.get("exp") or 0) <= (now - leeway).timestamp():
        raise BadToken
    try:
        return Claims(uuid.UUID(str(payload["sub"])), uuid.UUID(str(payload["aud"])))
    except (KeyError, ValueError):
        raise BadToken from None


def _verified(token: str) -> Mapping[str, Any]:
    # our own clock decides about the time, not the library's: tests move it, and it is read once
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
    for key in _keys():
        try:
            return jwt.decode(token, key, algorithms=[ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            continue
    raise BadToken


def _keys() -> Iterator[bytes]:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield hashlib.sha256(b"guest-jwt:" + secret.encode()).digest()
