"""The live preview beside a configuration's form: the hosted page with sample messages, cut off from everything."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from channels_app.messenger import frames
from channels_app.messenger.config import MessengerSettings
from channels_app.messenger.models import Deployment
from channels_app.messenger.page import page_config
from channels_app.models import Channel
from contactcenter.kernel import clock

NOBODY = uuid.UUID(int=0)
#: no connection may be opened from it, whatever its scripts try
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; connect-src 'none'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; img-src 'self' data: blob: {pictures}"
)


def render_preview(request: HttpRequest, content: dict[str, Any], *, home: bool) -> HttpResponse:
    """The page of a deployment that doesn't exist, showing this configuration."""
    settings = MessengerSettings.model_validate(content)
    nowhere = Deployment(id=NOBODY, name=settings.company_name or "–", channel=Channel(id=NOBODY))
    language = settings.language(request.POST.get("preview_language", ""))
    view = page_config.PageView(language=language, now=clock.now(), socket_url="ws://preview.invalid/v1", embedded=True)
    page = page_config.page(nowhere, settings, frames.DEFAULT_LIMITS, view)
    page["preview"] = {
        "home": home,
        "launcher": page_config.launcher(nowhere, settings, language, ""),
        "teaser": page["labels"]["preview.teaser"],
    }
    context = {"deployment": {"name": nowhere.name, "primary_color": settings.primary_color}, "config": page}
    with translation.override(language):
        response = render(request, "messenger/page.html", context)
    logo = urlsplit(settings.logo_url)
    response["Content-Security-Policy"] = POLICY.format(pictures=f"https://{logo.netloc}" if logo.netloc else "")
    response["Cache-Control"] = "no-store"
    return response
