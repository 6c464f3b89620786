"""Which pages may read an answer over HTTP."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from channels_app.messenger.models import Deployment
from channels_app.messenger.socket import session


def cors(request: HttpRequest, response: HttpResponse, deployment: Deployment | None = None) -> HttpResponse:
    """Let the page that shows the messenger read the answer; a bearer token, not a cookie, opens it."""
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).scheme in ("http", "https"):
        if deployment is None or session.allowed_origin(deployment, origin, request.get_host()):
            response["Access-Control-Allow-Origin"] = origin
        response["Vary"] = "Origin"
    return response


def public(response: HttpResponse, *, seconds: int) -> HttpResponse:
    """Every page may read it, and everybody may keep it for a while."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={seconds}"
    return response
