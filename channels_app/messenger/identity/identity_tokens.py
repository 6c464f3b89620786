"""Who a customer is: the company's own signed token, or an OpenID Connect id token, verified."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
import jwt
from django.core.cache import cache

from channels_app.content import clean_text
from channels_app.messenger.actions.identity import Identity
from channels_app.messenger.models import Deployment, IdentityKey, IdentityProvider
from contactcenter.kernel import outbound
from contactcenter.kernel.errors import Refused

ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY = 60  # seconds that clocks may differ
KEYS_SECONDS = 600  # how long a provider's keys are kept; an unknown key id asks again, once a minute
LONGEST_SUBJECT = 200
ATTRIBUTES_BYTES = 2048
_DESCRIBING = ("email", "picture", "phone_number")
_UNCHECKED: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}


class NotVouched(Refused):
    """Session authentication failed"""  # the sentence that clients compare with, without a full stop

    status = 401


class IdentityOff(Refused):
    """This messenger doesn't know its customers: no key and no provider are set."""

    status = 403


class ProviderAway(Refused):
    """The identity provider can't be reached now."""

    status = 503


def identify(deployment: Deployment, token: str, *, nonce: str | None, now: datetime) -> Identity:
    """The customer that a token names.

    :raises IdentityOff: nothing to verify it with. :raises NotVouched: forged, over, or for somebody else.
    """
    keys = list(IdentityKey.objects.filter(deployment=deployment, active=True))
    provider = IdentityProvider.objects.filter(deployment=deployment, active=True).first()
    if not keys and provider is None:
        raise IdentityOff
    header = _header(token)
    if header.get("alg") == "HS256":
        claims = _by_own_key(token, header, keys)
        _check_own_audience(claims, deployment)
        kind, issuer = "customer", ""
    elif provider is not None and header.get("alg") in ASYMMETRIC:
        claims = _by_provider(token, header, provider)
        kind, issuer = "oidc", provider.issuer
    else:
        raise NotVouched
    _check_times(claims, now)
    _check_nonce(claims, nonce)
    return _identity(kind, issuer, claims)


def exchange(deployment: Deployment, code: str, *, redirect_uri: str, verifier: str) -> str:
    """The id token that an authorization code stands for. :raises IdentityOff, NotVouched, ProviderAway:"""
    provider = IdentityProvider.objects.filter(deployment=deployment, active=True).exclude(token_url="").first()
    if provider is None:
        raise IdentityOff
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": provider.audience,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_secret": str(provider.secrets.get("client_secret", "")),
    }
    try:
        answer = outbound.post_form(provider.token_url, {name: value for name, value in fields.items() if value})
    except outbound.OutboundRefused:
        raise IdentityOff from None
    except outbound.OutboundFailed as failed:
        refused = httpx.codes.is_client_error(failed.status)
        raise (NotVouched if refused else ProviderAway) from failed
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise NotVouched
    return token


def _header(token: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise NotVouched from None


def _by_own_key(token: str, header: Mapping[str, Any], keys: Sequence[IdentityKey]) -> dict[str, Any]:
    """Any of the active keys; the one that the token names first."""
    for key in sorted(keys, key=lambda one: one.name != header.get("kid")):
        secret = str(key.secrets.get("secret", ""))
        if not secret:
            continue
        try:
            return jwt.decode(token, secret, algorithms=["HS256"], options=_UNCHECKED)
        except jwt.PyJWTError:  # also a secret that is no secret: the next key may be right
            continue
    raise NotVouched


def _check_own_audience(claims: Mapping[str, Any], deployment: Deployment) -> None:
    """A token of the company may leave the audience out; if it names one, it is this deployment."""
    named = claims.get("aud")
    wanted = str(deployment.id)
    if named is not None and named != wanted and not (isinstance(named, list) and wanted in named):
        raise NotVouched


def _by_provider(token: str, header: Mapping[str, Any], provider: IdentityProvider) -> dict[str, Any]:
    for fresh in (False, True):
        key = _key_of(_keys_of(provider, fresh=fresh), header.get("kid"))
        if key is None:
            continue
        try:
            return jwt.decode(
                token,
                key,
                algorithms=ASYMMETRIC,
                audience=provider.audience,
                issuer=provider.issuer,
                options={**_UNCHECKED, "verify_aud": True, "verify_iss": True, "require": ["iss", "aud"]},
            )
        except (jwt.InvalidTokenError, TypeError, ValueError):
            raise NotVouched from None
    raise NotVouched


def _key_of(keys: Sequence[jwt.PyJWK], kid: object) -> jwt.PyJWK | None:
    if kid is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.key_id == kid), None)


def _keys_of(provider: IdentityProvider, *, fresh: bool) -> list[jwt.PyJWK]:
    """The provider's public keys, kept for a while: a provider rotates them seldom, and a guest must not make us ask
    at will."""
    slot = f"jwks:{provider.pk}:{provider.jwks_url}"
    stored = cache.get(slot)
    if stored is None or (fresh and cache.add(f"{slot}:asked", 1, timeout=60)):
        try:
            stored = outbound.get_json(provider.jwks_url)
        except outbound.OutboundRefused:
            raise IdentityOff from None
        except outbound.OutboundFailed as failed:
            raise ProviderAway from failed
        cache.set(slot, stored, timeout=KEYS_SECONDS)
    try:
        return jwt.PyJWKSet.from_dict(stored).keys
    except jwt.PyJWTError:
        return []


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """`exp` must be there: a token without an end would open the door for ever."""
    moment = now.timestamp()
    ends, begins = claims.get("exp"), claims.get("nbf", 0)
    if not _is_number(ends) or not _is_number(begins):
        raise NotVouched
    if ends + LEEWAY <= moment or begins - LEEWAY > moment:
        raise NotVouched


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_nonce(claims: Mapping[str, Any], nonce: str | None) -> None:
    named = claims.get("nonce")
    if named is not None and not hmac.compare_digest(str(named).encode(), (nonce or "").encode()):
        raise NotVouched


def _identity(kind: str, issuer: str, claims: Mapping[str, Any]) -> Identity:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip() or len(subject) > LONGEST_SUBJECT:
        raise NotVouched
    subject = clean_text(subject)
    return Identity(
        kind=kind,
        subject=f"{issuer}#{subject}"[:300] if issuer else subject,
        name=_name(claims),
        locale=_text(claims.get("locale"))[:10],
        attributes=_attributes(claims),
    )


def _name(claims: Mapping[str, Any]) -> str:
    parts = [_text(claims.get("given_name")), _text(claims.get("family_name"))]
    return (_text(claims.get("name")) or " ".join(part for part in parts if part))[:200]


def _text(value: object) -> str:
    return clean_text(value).strip() if isinstance(value, str) else ""


def _attributes(claims: Mapping[str, Any]) -> dict[str, str]:
    """What the token says about the customer beyond the name, as far as there is room."""
    own = claims.get("attributes")
    said = {name: claims.get(name) for name in _DESCRIBING} | (own if isinstance(own, dict) else {})
    kept: dict[str, str] = {}
    room = ATTRIBUTES_BYTES
    for name, value in said.items():
        text = _text(value) or (str(value) if _is_number(value) else "")
        size = len(clean_text(str(name)).encode()) + len(text.encode())
        if text and size <= room:
            kept[clean_text(str(name))] = text
            room -= size
    return kept
