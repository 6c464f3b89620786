"""Views for people who are logged in: permission first, and a refused action as an answer they can read.

The desk asks by htmx and by fetch (both send `HX-Request`). A refusal keeps what was typed: the answer
carries its status, its sentence as text and as the event `refused`, and swaps nothing. A login that is
gone leads to the login page instead of putting that page into a panel.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext

from contactcenter.kernel.errors import ContactCentreError, NotAllowed, NotFound, TooFast

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_people(*permissions: str) -> Callable[[View[P]], View[P]]:
    """A view for users who hold one of `permissions` (any user, if none is named), with refusals as answers."""

    def wrap(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_login(request)
            try:
                if permissions and not any(request.user.has_perm(name) for name in permissions):
                    raise NotAllowed
                return view(request, *args, **kwargs)
            except ContactCentreError as error:
                return refusal(request, error)

        return cast("View[P]", guarded)

    return wrap


def refusal(request: HttpRequest, error: ContactCentreError) -> HttpResponse:
    """The answer to a refused action. A whole page gets Django's own pages for 403 and 404."""
    if not is_partial(request):
        if isinstance(error, NotFound):
            raise Http404(error.said(gettext))
        if isinstance(error, NotAllowed):
            raise PermissionDenied(error.said(gettext))
    response = HttpResponse(error.said(gettext), status=error.status, content_type="text/plain; charset=utf-8")
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = json.dumps({"refused": {"message": error.said(gettext), "code": error.code}})
    if isinstance(error, TooFast):
        response["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def is_partial(request: HttpRequest) -> bool:
    """Asked for by a script of a page that is open, not by the browser for a page of its own."""
    return "HX-Request" in request.headers


def answer(*, events: Mapping[str, Mapping[str, str]] | None = None) -> HttpResponse:
    """Done, nothing to swap (204), with events for the page and their details (`HX-Trigger`)."""
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    if events:
        response["HX-Trigger"] = json.dumps(events)
    return response


def _to_login(request: HttpRequest) -> HttpResponse:
    if not is_partial(request):
        return redirect_to_login(request.get_full_path())
    response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    came_from = request.headers.get("HX-Current-URL", "")
    back = "/" + came_from.split("/", 3)[3] if came_from.count("/") > 2 else "/"
    response["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    return response
