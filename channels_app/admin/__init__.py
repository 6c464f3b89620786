"""Channels, messenger deployments, and what came in through them, in the admin."""

from __future__ import annotations

from channels_app.admin import blocks, channels, configurations, conversations, deployments, payloads

__all__ = ["blocks", "channels", "configurations", "conversations", "deployments", "payloads"]
