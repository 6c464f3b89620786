"""Who carries a notification: Firebase (HTTP v1), Apple (HTTP/2), or only the log. CC_PUSH_SENDER names another.

A sender is a function of a `Notice`. :raises Unregistered: the phone is gone. :raises PushFailed: not now.
Sources: firebase.google.com/docs/cloud-messaging/send/v1-api, developer.apple.com "Sending notification requests to
APNs" and "Establishing a token-based connection to APNs".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils.module_loading import import_string

from channels_app.messenger.push.notice import Notice
from contactcenter.kernel import clock
from contactcenter.kernel.secrets import digest

log = structlog.get_logger(__name__)
Sender = Callable[[Notice], None]
SECONDS = 10.0
FCM_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
TOKEN_SECONDS = 3000  # Google's live an hour; Apple wants one between 20 and 60 minutes old at most


class PushFailed(Exception):
    """The provider didn't take it."""


class Unregistered(PushFailed):
    """The app is gone from this phone."""


def sender() -> Sender:
    """The sender in force."""
    found: Sender = import_string(settings.CC_PUSH_SENDER)
    return found


def by_provider(notice: Notice) -> None:
    """Each to its own provider, as far as there are credentials."""
    if notice.provider == "FCM" and settings.CC_PUSH_FCM_ACCOUNT:
        fcm(notice)
    elif notice.provider == "APNS" and settings.CC_PUSH_APNS_KEY:
        apns(notice)
    else:
        to_log(notice)


def to_log(notice: Notice) -> None:
    """Only a line in the log; never the text, never the whole token."""
    log.info("push notification", provider=notice.provider, device=digest(notice.device_token)[:8], key=notice.key)


def fcm(notice: Notice) -> None:
    """Firebase Cloud Messaging, HTTP v1."""
    account = _account(settings.CC_PUSH_FCM_ACCOUNT)
    message = {
        "token": notice.device_token,
        "notification": {"title": notice.title, "body": notice.body},
        "data": {"deploymentId": notice.deployment_id},
        "android": {"collapse_key": notice.key, "priority": "HIGH"},
    }
    answer = _post(
        f"https://fcm.googleapis.com/v1/projects/{account['project_id']}/messages:send",
        json_body={"message": message},
        headers={"Authorization": f"Bearer {_google_token(account)}"},
    )
    if answer.status_code == httpx.codes.NOT_FOUND or "UNREGISTERED" in answer.text:
        raise Unregistered
    _check(answer)


def apns(notice: Notice) -> None:
    """Apple Push Notification service with a provider token. HTTP/2 only."""
    alert = {"title": notice.title, "body": notice.body}
    answer = _post(
        f"https://{settings.CC_PUSH_APNS_HOST}/3/device/{quote(notice.device_token, safe='')}",
        json_body={
            "aps": {"alert": alert, "sound": "default", "thread-id": notice.key},
            "deploymentId": notice.deployment_id,
        },
        headers={
            "authorization": f"bearer {_apple_token()}",
            "apns-topic": settings.CC_PUSH_APNS_TOPIC,
            "apns-push-type": "alert",
            "apns-collapse-id": notice.key,
        },
        http2=True,
    )
    if answer.status_code == httpx.codes.GONE or "BadDeviceToken" in answer.text:
        raise Unregistered
    _check(answer)


def _post(url: str, *, json_body: Any, headers: dict[str, str], http2: bool = False) -> httpx.Response:
    try:
        with httpx.Client(http2=http2, timeout=SECONDS) as client:
            return client.post(url, json=json_body, headers=headers)
    except httpx.HTTPError as error:
        raise PushFailed(str(error)) from error


def _check(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise PushFailed(f"{answer.status_code} {answer.text[:200]}")


@lru_cache(maxsize=2)
def _account(path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(path).read_text())
    return found


def _google_token(account: dict[str, Any]) -> str:
    """An access token for our own signed assertion (OAuth 2.0 for service accounts), kept while it is good."""
    slot = f"push:fcm:{account['client_email']}"
    if kept := cache.get(slot):
        return str(kept)
    issued = int(clock.now().timestamp())
    claims = {
        "iss": account["client_email"],
        "scope": FCM_SCOPE,
        "aud": account["token_uri"],
        "iat": issued,
        "exp": issued + 3600,
    }
    assertion = jwt.encode(claims, account["private_key"], algorithm="RS256")
    fields = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    try:
        answer = httpx.post(account["token_uri"], data=fields, timeout=SECONDS)
        token = str(answer.json()["access_token"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise PushFailed(f"no access token: {type(error).__name__}") from error
    cache.set(slot, token, timeout=TOKEN_SECONDS)
    return token


def _apple_token() -> str:
    """A provider token; Apple refuses those that are made too often."""
    slot = f"push:apns:{settings.CC_PUSH_APNS_KEY_ID}"
    if kept := cache.get(slot):
        return str(kept)
    token = jwt.encode(
        {"iss": settings.CC_PUSH_APNS_TEAM, "iat": int(clock.now().timestamp())},
        Path(settings.CC_PUSH_APNS_KEY).read_text(),
        algorithm="ES256",
        headers={"kid": settings.CC_PUSH_APNS_KEY_ID},
    )
    cache.set(slot, token, timeout=TOKEN_SECONDS)
    return token
