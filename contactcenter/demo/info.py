"""What scripts need to use the running product: addresses, accounts, deployments, webhooks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from channels_app.adapters.base import Adapter
from channels_app.adapters.registry import adapter_for
from channels_app.models import Channel
from contactcenter.demo import accounts
from contactcenter.demo.company import DOORS


def get_info() -> dict[str, Any]:
    """`{"base_url", "desk_url", "admin_url", "accounts": [{"email", "password", "role", "name"}],
    "deployments": [{"id", "name", "url", "socket_url", "config_url"}],
    "webhooks": [{"channel", "url", "kind", "secret"}]}`; the demo's own only."""
    base = settings.BASE_URL
    return {
        "base_url": base,
        "desk_url": base + reverse("desktop:desk"),
        "admin_url": base + reverse("admin:index"),
        "accounts": accounts.kept().get("accounts", []),
        "deployments": [one | _addresses(base, one["id"]) for one in accounts.messengers(base)],
        "webhooks": [_webhook(base, channel) for channel in _with_webhooks()],
    }


def _addresses(base: str, deployment_id: str) -> dict[str, str]:
    return {
        "socket_url": f"{base.replace('http', 'ws', 1)}/v1?deploymentId={deployment_id}",
        "config_url": base + reverse("messenger:config", args=[deployment_id]),
    }


def _with_webhooks() -> list[Channel]:
    """The demo's channels whose provider sends webhooks: the web messenger's socket has none."""
    names = [door.name for door in DOORS]
    found = Channel.objects.filter(name__in=names, active=True).order_by("name")
    return [channel for channel in found if not _fetches(adapter_for(channel.kind))]


def _fetches(adapter: Adapter) -> bool:
    return adapter.capabilities.client_fetches


def _webhook(base: str, channel: Channel) -> dict[str, str]:
    return {
        "channel": channel.name,
        "url": base + reverse("channels_app:webhook", args=[channel.id]),
        "kind": channel.kind,
        "secret": str(channel.secrets.get("secret", "")),
    }
