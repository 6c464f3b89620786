"""Channels, and what came in through them, in the admin."""

from __future__ import annotations

from channels_app.admin import blocks, calls, channels, conversations, payloads

__all__ = ["blocks", "calls", "channels", "conversations", "payloads"]
