"""What a notification says. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_BODY = 180
_NEW = {"de": "Neue Nachricht", "en": "New message"}


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification for one phone. `provider`: FCM or APNS; `key` collapses those of one conversation."""

    provider: str
    device_token: str
    title: str
    body: str
    key: str
    deployment_id: str


def words(text: str, *, language: str, with_content: bool, from_company: str) -> tuple[str, str]:
    """Title and body: the message's text only if the configuration says so (notificationContentType)."""
    generic = _NEW.get(language.lower().partition("-")[0].partition("_")[0], _NEW["en"])
    body = " ".join(text.split())
    if not with_content or not body:
        body = generic
    if len(body) > LONGEST_BODY:
        body = body[: LONGEST_BODY - 1].rstrip() + "…"
    return from_company or generic, body
