"""Invitations: a link to the hosted page with a prefilled text and campaign parameters, also as a QR code. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import segno

TEXT = 500  # characters of a prefilled text
VALUE = 200  # characters of a parameter
CAMPAIGN = 8  # parameters
_DRAWN: dict[str, Any] = {"scale": 4, "border": 4, "dark": "#000", "light": "#fff", "omitsize": True}
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
    """A QR code as SVG, dark on white with its quiet zone, so that it also reads on a dark screen."""
    svg: str = _code(address).svg_inline(**_DRAWN)
    return svg


def qr_file(address: str) -> str:
    """The same as a data address, to be saved."""
    data: str = _code(address).svg_data_uri(**_DRAWN)
    return data


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m")


def _plain(text: str) -> str:
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]+", " ", text).strip()
