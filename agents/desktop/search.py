"""Search at the desk: over customers and what was said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contactcenter.kernel.http import for_people
from contactcenter.kernel.limits import check_rate
from routing.queries import SUPERVISE, WORK
from routing.queries.search import FEWEST, find

SEARCHES_PER_MINUTE = 120  # of one person; the field asks while they type
staff = for_people(WORK, SUPERVISE)


@require_GET
@staff
def dialog(request: HttpRequest) -> HttpResponse:
    """The dialog with an empty search."""
    return render(request, "desktop/_search.html", {"search": ""})


@require_GET
@staff
def found(request: HttpRequest) -> HttpResponse:
    """What fits `q`, of which page."""
    check_rate("desk-search", str(request.user.pk), limit=SEARCHES_PER_MINUTE, seconds=60)
    search = request.GET.get("q", "").replace("\0", "").strip()[:100]
    asked = request.GET.get("page", "")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 5 else 1
    rows, more = find(request.user, search, page)
    context = {"rows": rows, "more": more, "page": page, "search": search, "asked": len(search) >= FEWEST}
    return render(request, "desktop/_found.html", context)
