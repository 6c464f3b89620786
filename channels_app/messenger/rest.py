"""What the guest protocol's REST endpoints share: methods, preflight, bearer tokens, bodies, refusals."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from channels_app.messenger.cors import cors
from channels_app.messenger.limits import client_address
from contactcenter.kernel import ids
from contactcenter.kernel.errors import TooFast

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
MOST_BYTES = 65_536
#: names of headers: a page's client may send its own (the Platform SDK's `X-Journey-…`); no cookie opens anything here
_HEADERS = re.compile(r"[A-Za-z0-9-]+( *, *[A-Za-z0-9-]+){0,20}")


class BadBody(Exception):
    """The body isn't a JSON object."""


def guest_api(*methods: str) -> Callable[[View[P]], View[P]]:
    """An endpoint that pages on other sites ask too: with an answer to OPTIONS, and no cookie that could be misused."""

    def wrap(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def endpoint(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method == "OPTIONS":
                return _preflight(request, methods)
            if request.method not in methods:
                return cors(request, refused(405, "Method not allowed", "method.not.allowed"))
            response = view(request, *args, **kwargs)
            return response if response.has_header("Access-Control-Allow-Origin") else cors(request, response)

        return csrf_exempt(endpoint)

    return wrap


def _preflight(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    response = cors(request, HttpResponse(status=204))
    asked = request.headers.get("Access-Control-Request-Headers", "")
    response["Access-Control-Allow-Headers"] = asked if _HEADERS.fullmatch(asked) else "authorization, content-type"
    response["Access-Control-Allow-Methods"] = ", ".join((*methods, "OPTIONS"))
    response["Access-Control-Max-Age"] = "3600"
    return response


def bearer(request: HttpRequest) -> str:
    """The token of `Authorization`, whatever the case of its scheme; "" without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object. :raises BadBody:"""
    raw = request.body
    if not raw:
        return {}
    if len(raw) > MOST_BYTES:
        raise BadBody
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadBody from None
    if not isinstance(found, dict):
        raise BadBody
    return found


def text_of(body: dict[str, Any], name: str, most: int = 4096) -> str:
    """A text field; anything else, or one too long, counts as missing."""
    value = body.get(name)
    return value if isinstance(value, str) and len(value) <= most else ""


def network_address(request: HttpRequest) -> str:
    """Who asks, for the limits."""
    return client_address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For"))


def refused(status: int, message: str, code: str, wait: TooFast | None = None) -> HttpResponse:
    """An error as the Transport SDK reads it."""
    answer = {"message": message, "code": code, "status": status, "contextId": str(ids.new()), "details": []}
    response = JsonResponse(answer, status=status)
    if wait is not None:
        response["Retry-After"] = str(max(1, round(wait.retry_after)))
    return response
