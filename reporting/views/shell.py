"""What all of the supervisors' pages share."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from agents.models import User
from contactcenter.kernel import clock
from contactcenter.kernel.http import for_people, is_partial
from routing.queries import SUPERVISE

supervisors = for_people(SUPERVISE)
#: page → the entry of the navigation that it belongs to
SECTIONS = {
    "activity": "activity",
    "agents": "agents",
    "interactions": "interactions",
    "interaction": "interactions",
}


def show(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The page `name`, or for a script its changing part, `_name`: both from one template."""
    if is_partial(request) and "HX-History-Restore-Request" not in request.headers:
        return render(request, f"reporting/_{name}.html", context)
    shell = {"texts": texts(), "server_time": clock.now(), "section": SECTIONS[name]}
    return render(request, f"reporting/{name}.html", context | shell)


def viewer(request: HttpRequest) -> User:
    """Who looks: `supervisors` has let nobody else in."""
    return cast("User", request.user)


def number(request: HttpRequest, name: str) -> int:
    """A page's number out of the address, from 1."""
    asked = request.GET.get(name, "")
    return max(1, min(int(asked), 10_000)) if asked.isdecimal() and len(asked) < 6 else 1


def without(request: HttpRequest, *names: str) -> str:
    """The address's query without some fields and without empty ones, to be continued by `&…`."""
    query = request.GET.copy()
    for name in list(query):
        if name in names or not query.get(name):
            query.pop(name, None)
    return query.urlencode()


def texts() -> dict[str, str]:
    """The words that the pages' scripts say, by the key that they use."""
    return {
        "offline": _("No connection. Try again in a moment."),
        "error": _("That didn't work. Try again."),
        "paused": _("Updates are paused."),
        "resumed": _("Updates go on."),
        "customer": _("Customer:"),
    }
