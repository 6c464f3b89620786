"""The messenger's pages and files over HTTP: hosted page, loader and its data, configuration for clients."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import rjsmin
from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from channels_app.messenger import frames
from channels_app.messenger.actions.sessions import access_deployment
from channels_app.messenger.config import MessengerSettings
from channels_app.messenger.cors import public
from channels_app.messenger.models import Deployment
from channels_app.messenger.page import page_config
from channels_app.messenger.page.labels import labels
from channels_app.messenger.socket.consumers import limits
from contactcenter.kernel import clock
from contactcenter.kernel.errors import NotFound

FRESH = 60  # seconds that a configuration may be kept: so soon does what was published show


def _find(deployment_id: object) -> tuple[Deployment, MessengerSettings]:
    try:
        deployment = access_deployment(str(deployment_id))
    except NotFound as error:
        raise Http404(error.message) from None
    return deployment, page_config.read_settings(deployment.published)


def _origin(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _language(request: HttpRequest, settings: MessengerSettings) -> str:
    accepted = request.headers.get("Accept-Language", "").split(",")
    return settings.language(request.GET.get("lang", ""), *(one.partition(";")[0].strip() for one in accepted))


@xframe_options_exempt  # the policy below says which pages may frame it
@gzip_page  # it holds no secret whose length could tell something
@require_safe
def hosted_page(request: HttpRequest, deployment_id: object) -> HttpResponse:
    """The messenger as a page of its own, and with `?embed=1` inside the loader's frame."""
    deployment, settings = _find(deployment_id)
    language = _language(request, settings)
    view = page_config.PageView(
        language=language,
        now=clock.now(),
        socket_url=f"{_origin(request)}/v1".replace("http", "ws", 1),
        embedded=request.GET.get("embed") == "1",
        query=request.GET.dict(),
        words_url=reverse("messenger:language", args=[deployment.id, language]),
    )
    return render_messenger(request, deployment, settings, page_config.page(deployment, settings, limits(), view))


def render_messenger(
    request: HttpRequest, deployment: Deployment, settings: MessengerSettings, page: dict[str, Any]
) -> HttpResponse:
    """The page with its policy: framed by the allowed sites only; pictures of cards and agents come from anywhere."""
    shown = {
        "id": deployment.id,
        "name": deployment.name,
        "company_name": settings.company_name,
        "primary_color": settings.primary_color,
        "greeting_text": settings.greeting,
    }
    framed = csp_replace({"frame-ancestors": page_config.ancestors(deployment.allowed_domains)})(render)
    pictured = csp_update({"img-src": ["https:"], "media-src": [SELF, "https:"]})(framed)
    with translation.override(page["language"]):
        return pictured(request, "messenger/page.html", {"deployment": shown, "config": page, "settings": settings})


@cache
def _loader() -> dict[str, bytes]:
    """The loader without its comments, by content coding."""
    text: str = rjsmin.jsmin(Path(str(finders.find("messenger/embed/embed.js"))).read_text())
    return {"": text.encode(), "gzip": gzip.compress(text.encode(), 9, mtime=0)}


@conditional_page
@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """`embed.js`: the one line of script on a foreign page."""
    coding = "gzip" if "gzip" in request.headers.get("Accept-Encoding", "") else ""
    response = public(HttpResponse(_loader()[coding], content_type="text/javascript; charset=utf-8"), seconds=3600)
    response["Vary"] = "Accept-Encoding"
    if coding:
        response["Content-Encoding"] = coding
    return response


@gzip_page
@conditional_page
@require_safe
def launcher(request: HttpRequest, deployment_id: object) -> HttpResponse:
    """What the loader imports: the code, in the version that fits, and this deployment's settings."""
    deployment, settings = _find(deployment_id)
    language = _language(request, settings)
    address = _origin(request) + reverse("messenger:page", args=[deployment.id])
    data = json.dumps(page_config.launcher(deployment, settings, language, address))
    module = (
        f'export {{ Messenger }} from "{static("messenger/embed/messenger.js")}";\nexport const settings = {data};\n'
    )
    response = public(HttpResponse(module, content_type="text/javascript; charset=utf-8"), seconds=FRESH)
    response["Vary"] = "Accept-Language"
    return response


@conditional_page
@require_safe
def config_json(request: HttpRequest, deployment_id: object) -> HttpResponse:
    """The deployment's configuration, as mobile and web clients load it."""
    deployment, settings = _find(deployment_id)
    config = page_config.client_config(deployment, settings, limits(), _origin(request))
    return public(JsonResponse(frames.config_json(config)), seconds=FRESH)


@conditional_page
@require_safe
def domains_json(request: HttpRequest, deployment_id: object) -> HttpResponse:
    """Which sites may show the messenger."""
    deployment, _settings = _find(deployment_id)
    return public(JsonResponse(frames.domains_json(deployment.allowed_domains)), seconds=FRESH)


@gzip_page
@conditional_page
@require_safe
def language_json(request: HttpRequest, deployment_id: object, language: str) -> HttpResponse:
    """The messenger's words in one of its languages: `{key: text}`."""
    _deployment, settings = _find(deployment_id)
    if language not in settings.languages:
        raise Http404
    return public(JsonResponse(labels(language, settings.texts)), seconds=FRESH)
