"""The envelope of every frame that the server sends."""

from __future__ import annotations

import json
from typing import Any, Literal

Wire = dict[str, Any]


def encode(frame: Wire) -> str:
    """Compact JSON. Raises ValueError for NaN and infinities, which aren't JSON."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def envelope(
    kind: Literal["response", "message"],
    name: str,
    body: Wire | str,
    *,
    code: int = 200,
    tracing_id: str | None = None,
) -> Wire:
    frame: Wire = {"type": kind, "class": name, "code": code, "body": body}
    return frame if tracing_id is None else {**frame, "tracingId": tracing_id}
