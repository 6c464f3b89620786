"""The web messenger over HTTP: the hosted page, and the guest protocol's REST beside its socket."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from channels_app import history
from channels_app.actions.deployments import get_configuration
from channels_app.actions.guests import access_deployment
from channels_app.messenger import frames, session, wire
from channels_app.messenger.consumers import limits
from channels_app.models import Deployment
from contactcenter.kernel.errors import NotFound

MOST_A_PAGE = 100


def _deployment(deployment_id: object) -> Deployment:
    try:
        return access_deployment(str(deployment_id))
    except NotFound as error:
        raise Http404(error.message) from None


def _socket_url(request: HttpRequest) -> str:
    return request.build_absolute_uri("/v1").replace("http", "ws", 1)


@require_GET
def hosted_page(request: HttpRequest, deployment_id: object) -> HttpResponse:
    """The messenger as a page of its own."""
    deployment = _deployment(deployment_id)
    look = get_configuration(deployment.published)
    shown = {
        "id": deployment.id,
        "name": deployment.name,
        "company_name": look["company_name"],
        "primary_color": look["primary_color"],
        "greeting_text": look["greeting"],
    }
    page = {
        "deploymentId": str(deployment.id),
        "socketUrl": _socket_url(request),
        "historyUrl": "/api/v2/webmessaging/messages",
        "features": ["receipts"],
        "attachments": True,
        "limits": {"textBytes": limits().text_bytes, "maxFileSizeKB": limits().max_file_size_kb},
    }
    return render(request, "channels_app/messenger_page.html", {"deployment": shown, "config": page})


@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """The REST history of a guest session: bearer token from getJwt, newest first, empty past the end."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = session.session_by_token(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        return _cors(request, JsonResponse({"message": "Session authentication failed", "code": "401"}, status=401))
    number = _number(request.GET.get("pageNumber"), 1, 1_000_000)
    size = _number(request.GET.get("pageSize"), 25, MOST_A_PAGE)
    rows, total = history.public_page(found, number, size)
    page = frames.history_page([wire.guest_message(row) for row in rows], number, size, total)
    return _cors(request, JsonResponse(page), found.deployment)


def _number(text: str | None, default: int, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdigit() else default


@require_GET
def config_json(request: HttpRequest, deployment_id: object) -> HttpResponse:
    """The deployment's configuration, as mobile and web clients load it."""
    deployment = _deployment(deployment_id)
    look = get_configuration(deployment.published)
    config = frames.DeploymentConfig(
        id=str(deployment.id),
        version=str(deployment.published.number if deployment.published else 1),
        languages=tuple(code for code, _ in settings.LANGUAGES),
        default_language=settings.LANGUAGE_CODE,
        api_endpoint=request.build_absolute_uri("/").rstrip("/"),
        messaging_endpoint=_socket_url(request).removesuffix("/v1"),
        limits=limits(),
        session_duration_seconds=int(deployment.session_duration.total_seconds()),
        primary_color=look["primary_color"],
    )
    return _cors(request, JsonResponse(frames.config_json(config)), deployment)


@require_GET
def domains_json(request: HttpRequest, deployment_id: object) -> HttpResponse:
    """Which sites may show the messenger."""
    deployment = _deployment(deployment_id)
    return _cors(request, JsonResponse(frames.domains_json(deployment.allowed_domains)), deployment)


def preflight(request: HttpRequest) -> HttpResponse:
    """The answer to a browser's OPTIONS before the history."""
    response = _cors(request, HttpResponse(status=204))
    response["Access-Control-Allow-Headers"] = "authorization, content-type"
    response["Access-Control-Allow-Methods"] = "GET, OPTIONS"
    response["Access-Control-Max-Age"] = "3600"
    return response


def messages_or_preflight(request: HttpRequest) -> HttpResponse:
    """One path, both methods."""
    return preflight(request) if request.method == "OPTIONS" else messages(request)


def _cors(request: HttpRequest, response: HttpResponse, deployment: Deployment | None = None) -> HttpResponse:
    """Let the page that shows the messenger read the answer; a bearer token, not a cookie, opens it."""
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).scheme in ("http", "https"):
        if deployment is None or session.allowed_origin(deployment, origin, request.get_host()):
            response["Access-Control-Allow-Origin"] = origin
        response["Vary"] = "Origin"
    return response
