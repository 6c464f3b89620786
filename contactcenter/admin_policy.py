"""What the browser may load on the admin's pages: middleware.

Alpine, on which the admin's theme is built, evaluates expressions: that needs 'unsafe-eval'. Scripts themselves
still come from here alone, none inline.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIX = "/admin/"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class AdminPolicy:
    """Sets the policy on answers below `/admin/`, which the rest of the site's policy leaves out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path_info.startswith(PREFIX):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
