"""What the messenger's pages, its launcher and its clients are told: values from a deployment's configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from channels_app.messenger import frames
from channels_app.messenger.actions.deployments import get_configuration
from channels_app.messenger.config import MessengerSettings
from channels_app.messenger.models import ConfigurationVersion, Deployment
from channels_app.messenger.page import answer_time, invite, opening
from channels_app.messenger.page.labels import direction, first_labels, labels
from channels_app.messenger.policy import narrowed

HISTORY = "/api/v2/webmessaging/messages"
LAUNCHER_LABELS = ("launcher.", "teaser.", "panel.")
DISCONNECT: dict[str, Literal["Send", "ReadOnly"] | None] = {"off": None, "send": "Send", "read_only": "ReadOnly"}


@dataclass(frozen=True, slots=True)
class PageView:
    """How a page is looked at: language, whether in a frame, and what stood in its address."""

    language: str
    now: datetime
    socket_url: str
    embedded: bool = False
    query: Mapping[str, str] | None = None
    words_url: str = ""  #: of the words that come later; empty: the page carries all


def read_settings(version: ConfigurationVersion | None) -> MessengerSettings:
    """A version's settings, complete."""
    return MessengerSettings.model_validate(get_configuration(version))


def page(deployment: Deployment, settings: MessengerSettings, limits: frames.Limits, view: PageView) -> dict[str, Any]:
    """Everything that the page's scripts need: the JSON of `messenger-config`."""
    own_limits = narrowed(limits, file_types=settings.file_types, max_file_size_kb=settings.max_file_size_kb)
    return {
        "deploymentId": str(deployment.id),
        "socketUrl": view.socket_url,
        "historyUrl": HISTORY,
        "features": ["receipts", "notices"],
        "attachments": settings.attachments,
        "limits": {
            "textBytes": own_limits.text_bytes,
            "maxFileSizeKB": own_limits.max_file_size_kb,
            "fileTypes": list(own_limits.file_types),
        },
        "language": view.language,
        "labels": (first_labels if view.words_url else labels)(view.language, settings.texts),
        "wordsUrl": view.words_url,
        "look": {
            "companyName": company_name(deployment, settings, view.language),
            "logoUrl": settings.logo_url,
            "greeting": settings.said("greeting", view.language),
        },
        "homeScreen": {
            "enabled": settings.home_screen,
            "logoUrl": settings.logo_url,
            "title": settings.said("home_title", view.language),
            "text": settings.said("home_text", view.language),
            "suggestions": settings.suggested(view.language),
        },
        "conversations": _conversations(settings),
        "extras": _extras(deployment, settings, view),
        "embedded": view.embedded,
        "embedding": {"domains": deployment.allowed_domains},
        "identity": settings.identity,
    }


def company_name(deployment: Deployment, settings: MessengerSettings, language: str) -> str:
    """Whom the customer talks to."""
    return settings.said("company_name", language) or deployment.name


def look(deployment: Deployment, settings: MessengerSettings, language: str) -> dict[str, Any]:
    """The launcher's colour, name and place."""
    return {
        "companyName": company_name(deployment, settings, language),
        "primaryColor": settings.primary_color,
        "position": {
            "alignment": settings.alignment,
            "sideSpace": settings.side_space,
            "bottomSpace": settings.bottom_space,
        },
        "launcher": {"visibility": settings.launcher, "displayType": settings.launcher_display},
    }


def _conversations(settings: MessengerSettings) -> dict[str, Any]:
    ending = DISCONNECT[settings.conversation_disconnect]
    return {
        "autoStart": settings.auto_start,
        "clear": settings.conversation_clear,
        "disconnect": {"enabled": ending is not None, "type": ending or "Send"},
        "markdown": settings.markdown,
        "humanize": settings.humanize,
        "typing": {"agent": settings.typing_agent, "user": settings.typing_customer},
    }


def _extras(deployment: Deployment, settings: MessengerSettings, view: PageView) -> dict[str, Any]:
    query = view.query or {}
    return {
        "sound": settings.sound,
        "transcript": settings.transcript,
        "endButton": settings.end_button,
        "notifications": settings.notifications,
        "emoji": settings.emoji,
        "survey": {"enabled": settings.survey},
        "answerTime": answer_time.expected_seconds(deployment.channel_id) if settings.answer_time else None,
        "opening": open_now(settings, view.now),
        "prefill": invite.prefill(query),
        "campaign": invite.campaign(query),
    }


def open_now(settings: MessengerSettings, now: datetime) -> dict[str, Any] | None:
    """`{"open", "opensAt"}`; None where no hours are set. `opensAt` is None while it is open."""
    if not settings.opening.enabled:
        return None
    hours = settings.opening.hours()
    opened = opening.is_open(hours, now)
    following = None if opened else opening.next_opening(hours, now)
    return {"open": opened, "opensAt": following.isoformat().replace("+00:00", "Z") if following else None}


def launcher(deployment: Deployment, settings: MessengerSettings, language: str, page_url: str) -> dict[str, Any]:
    """What the loader on a foreign page needs to draw the launcher and to find the hosted page."""
    words = labels(language, settings.texts)
    return {
        "id": str(deployment.id),
        "page": page_url,
        "domains": deployment.allowed_domains,
        "language": language,
        "direction": direction(language),
        "look": look(deployment, settings, language),
        "teaser": settings.teaser,
        "labels": {key: text for key, text in words.items() if key.startswith(LAUNCHER_LABELS)},
    }


def ancestors(domains: Sequence[str]) -> list[str]:
    """`frame-ancestors` of the hosted page: the allowed hosts and those below them, on any port; none listed: all."""
    if not domains:
        return ["*"]
    return ["'self'", *(source for domain in domains for source in (f"{domain}:*", f"*.{domain}:*"))]


def client_config(
    deployment: Deployment, settings: MessengerSettings, limits: frames.Limits, origin: str
) -> frames.DeploymentConfig:
    """What `config.json` says; `origin` is our own, without a slash."""
    published = deployment.published
    return frames.DeploymentConfig(
        id=str(deployment.id),
        version=str(published.number if published else 1),
        languages=tuple(settings.languages),
        default_language=settings.language(),
        api_endpoint=origin,
        messaging_endpoint=origin.replace("http", "ws", 1),
        limits=narrowed(limits, file_types=settings.file_types, max_file_size_kb=settings.max_file_size_kb),
        session_duration_seconds=int(deployment.session_duration.total_seconds()),
        primary_color=settings.primary_color,
        launcher=settings.launcher,
        launcher_display=settings.launcher_display,
        alignment=settings.alignment,
        side_space=settings.side_space,
        bottom_space=settings.bottom_space,
        home_screen=settings.home_screen,
        logo_url=settings.logo_url,
        attachments=settings.attachments,
        agent_typing=settings.typing_agent,
        user_typing=settings.typing_customer,
        auto_start=settings.auto_start,
        disconnect=DISCONNECT[settings.conversation_disconnect],
        clear=settings.conversation_clear,
        notifications=settings.notifications,
        markdown=settings.markdown,
        humanize=settings.humanize,
        authentication=settings.identity,
        session_upgrade=settings.identity,
        texts=settings.texts,
    )
