"""Small files that others read while we write them."""

from __future__ import annotations

from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """All or nothing, and for the owner only."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.rename(path)
