"""Invitations: a link to the hosted page with a prefilled text and campaign parameters, also as a QR code. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import segno

TEXT = 500  # characters of a prefilled text
VALUE = 200  # characters of a parameter
CAMPAIGN = 8  # parameters
_CAMPAIGN = re.compile(r"utm_[a-z0-9_]{1,30}|campaign|ref")


def prefill(query: Mapping[str, str]) -> str:
    """The text that the composer begins with."""
    return _plain(query.get("text", ""))[:TEXT]


def campaign(query: Mapping[str, str]) -> dict[str, str]:
    """Where the visitor comes from: utm_*, campaign and ref, nothing else of the address."""
    found = {key: _plain(value)[:VALUE] for key, value in query.items() if _CAMPAIGN.fullmatch(key)}
    return dict([pair for pair in found.items() if pair[1]][:CAMPAIGN])


def invitation(page: str, *, text: str = "", **parameters: str) -> str:
    """The address to invite with."""
    given = {"text": prefill({"text": text})} | campaign(parameters)
    query = urlencode({key: value for key, value in given.items() if value})
    return f"{page}?{query}" if query else page


def qr_code(address: str) -> str:
    """A QR code as an SVG document, dark on white with its quiet zone, so that it also reads on a dark screen."""
    code = segno.make(address, error="m", micro=False)
    svg: str = code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True)
    return svg


def _plain(text: str) -> str:
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]+", " ", text).strip()
