"""Example pages that show the messenger: a plain shop, a site with a strict policy, a page for a native web view.

Served only while the demo company is there. Opened by another name of this machine (localhost instead of 127.0.0.1)
they are on a foreign origin, as a company's own site is.
"""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from channels_app.messenger.models import Deployment
from contactcenter.demo import company

PAGES = ("shop", "strict", "webview")
#: all that a company has to add to its own policy is our address in the first two
POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [settings.BASE_URL, SELF],
    "frame-src": [settings.BASE_URL],
    "style-src": [SELF],
    "img-src": [SELF],
    "base-uri": [NONE],
    "require-trusted-types-for": ["'script'"],
}


@require_safe
def example(request: HttpRequest, name: str) -> HttpResponse:
    """One of the pages, with the demo's first messenger."""
    names = [door.deployment for door in company.DOORS if door.deployment]
    found = Deployment.objects.filter(name=names[0], active=True).first()
    if name not in PAGES or found is None or not company.is_founded():
        raise Http404
    page = csp(POLICY)(render)
    context = {"server": settings.BASE_URL, "deployment": found, "name": name}
    return page(request, f"messenger/examples/{name}.html", context)
