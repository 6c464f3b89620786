"""The JSON that the guest protocol serves over HTTP: history, deployment configuration, allowed domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .envelope import Wire
from .messages import anonymous, message_body
from .values import GuestMessage, Limits


def history_page(
    messages: Sequence[GuestMessage], page_number: int, page_size: int, total: int, *, names: bool = True
) -> Wire:
    """One page of a session's messages, newest first: clients turn it round. Past the end it is empty.

    `names`: show who of the company wrote.
    """
    bodies = [message_body(message) for message in messages]
    return {
        "entities": bodies if names else [anonymous(body) for body in bodies],
        "pageSize": page_size,
        "pageNumber": page_number,
        "total": total,
        "pageCount": -(-total // page_size) if page_size > 0 else 0,
    }


@dataclass(frozen=True, kw_only=True)
class DeploymentConfig:
    """What `config.json` tells a client. Addresses are absolute; `messaging_endpoint` without the /v1."""

    id: str
    version: str
    languages: tuple[str, ...]
    default_language: str
    api_endpoint: str
    messaging_endpoint: str
    limits: Limits
    active: bool = True
    primary_color: str = "#2A60C8"
    launcher: Literal["On", "Off", "OnDemand"] = "On"
    launcher_display: Literal["Icon", "Text", "IconAndText"] = "Icon"
    alignment: Literal["Auto", "Left", "Right"] = "Auto"
    side_space: int = 24
    bottom_space: int = 24
    home_screen: bool = False
    logo_url: str = ""
    attachments: bool = True
    agent_typing: bool = True
    user_typing: bool = True
    auto_start: bool = False
    disconnect: Literal["Send", "ReadOnly"] | None = "Send"  # None: the end isn't announced
    clear: bool = True
    notifications: bool = False
    markdown: bool = True
    humanize: bool = True
    authentication: bool = False
    session_upgrade: bool = False
    session_duration_seconds: int = 72 * 3600
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # {language: {key: text}}


def config_json(config: DeploymentConfig) -> Wire:
    return {
        "id": config.id,
        "version": config.version,
        "languages": list(config.languages),
        "defaultLanguage": config.default_language,
        "apiEndpoint": config.api_endpoint,
        "status": "Active" if config.active else "Inactive",
        "auth": {"enabled": config.authentication, "allowSessionUpgrade": config.session_upgrade},
        "journeyEvents": {"enabled": False},
        "headlessMode": {"enabled": False},
        "cobrowse": {"enabled": False},
        "video": {"enabled": False},
        "customI18nLabels": [_labels(language, words) for language, words in config.texts.items()],
        "messenger": {
            "enabled": config.active,
            "styles": {"primaryColor": config.primary_color},
            "launcherButton": {"visibility": config.launcher, "displayType": config.launcher_display},
            "position": {
                "alignment": config.alignment,
                "sideSpace": config.side_space,
                "bottomSpace": config.bottom_space,
            },
            "homeScreen": {"enabled": config.home_screen, "logoUrl": config.logo_url},
            "fileUpload": _file_upload(config),
            "apps": {"conversations": _conversations(config), "knowledge": {"enabled": False}},
        },
    }


def _labels(language: str, words: Mapping[str, str]) -> Wire:
    return {"language": language, "localizedLabels": [{"key": key, "value": text} for key, text in words.items()]}


def _file_upload(config: DeploymentConfig) -> Wire:
    mode = {"fileTypes": list(config.limits.file_types), "maxFileSizeKB": config.limits.max_file_size_kb}
    return {"enableAttachments": config.attachments, "modes": [mode] if config.attachments else []}


def _conversations(config: DeploymentConfig) -> Wire:
    return {
        "messagingEndpoint": config.messaging_endpoint,
        "showAgentTypingIndicator": config.agent_typing,
        "showUserTypingIndicator": config.user_typing,
        "autoStart": {"enabled": config.auto_start},
        "conversationDisconnect": {
            "enabled": config.disconnect is not None,
            "type": config.disconnect or "Send",
        },
        "conversationClear": {"enabled": config.clear},
        "notifications": {
            "enabled": config.notifications,
            "notificationContentType": "ExcludeMessagesContent",
        },
        "markdown": {"enabled": config.markdown},
        "humanize": {"enabled": config.humanize},
        "sessionDurationSeconds": config.session_duration_seconds,
    }


def domains_json(domains: Sequence[str]) -> Wire:
    """The sites that may embed the messenger; none listed means any."""
    return {"allowAllDomains": not domains, "domains": list(domains)}
