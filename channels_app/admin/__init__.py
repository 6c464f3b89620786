"""Channels, and what came in through them, in the admin."""

from __future__ import annotations

from channels_app.admin import blocks, channels, conversations, payloads

__all__ = ["blocks", "channels", "conversations", "payloads"]
