"""Messenger deployments and configurations in the admin; a channel of this kind shows its deployments."""

from __future__ import annotations

from channels_app.messenger.admin import configurations, deployments, on_channel

__all__ = ["configurations", "deployments", "on_channel"]
