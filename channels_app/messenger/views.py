"""The guest protocol's REST beside its socket. The messenger's pages and its configuration are in `pages`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from channels_app import history
from channels_app.messenger import frames, session, wire
from channels_app.messenger.cors import cors

MOST_A_PAGE = 100


@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """The REST history of a guest session: bearer token from getJwt, newest first, empty past the end."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = session.session_by_token(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        return cors(request, JsonResponse({"message": "Session authentication failed", "code": "401"}, status=401))
    number = _number(request.GET.get("pageNumber"), 1, 1_000_000)
    size = _number(request.GET.get("pageSize"), 25, MOST_A_PAGE)
    rows, total = history.public_page(found, number, size)
    page = frames.history_page([wire.guest_message(row) for row in rows], number, size, total)
    return cors(request, JsonResponse(page), found.deployment)


def _number(text: str | None, default: int, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdigit() else default


def preflight(request: HttpRequest) -> HttpResponse:
    """The answer to a browser's OPTIONS before the history."""
    response = cors(request, HttpResponse(status=204))
    response["Access-Control-Allow-Headers"] = "authorization, content-type"
    response["Access-Control-Allow-Methods"] = "GET, OPTIONS"
    response["Access-Control-Max-Age"] = "3600"
    return response


def messages_or_preflight(request: HttpRequest) -> HttpResponse:
    """One path, both methods."""
    return preflight(request) if request.method == "OPTIONS" else messages(request)
