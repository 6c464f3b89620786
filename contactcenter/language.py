"""The language of a page: the user's own, else the browser's; in the admin also their time zone. Middleware, after
authentication.

`LocaleMiddleware` has chosen before by a cookie (kept since the user last chose, so that the log-in page is right
too) and by what the browser asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation


class LanguageOfUser:
    """Speaks the language that somebody chose. Visitors without a session aren't looked up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            chosen = request.user.locale
            if chosen in dict(settings.LANGUAGES):
                translation.activate(chosen)
                request.LANGUAGE_CODE = chosen
        with _zone(request):
            return self._get_response(request)


def _zone(request: HttpRequest) -> AbstractContextManager[object]:
    """The admin writes times as text, so it needs the reader's zone; elsewhere scripts write them in the browser's."""
    if not (request.path.startswith(reverse("admin:index")) and request.user.is_authenticated):
        return nullcontext()
    try:
        return timezone.override(ZoneInfo(request.user.time_zone))
    except (ValueError, OSError, KeyError):  # a zone that this machine doesn't know
        return nullcontext()
