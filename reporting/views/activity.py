"""Queue activity, of all queues or of the supervisor's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from contactcenter.kernel import clock
from reporting.forms import ActivityForm
from reporting.queries import agents
from reporting.queries.activity import activity as activity_of
from reporting.queries.recent import course
from reporting.queries.scope import all_queues, my_queues
from reporting.views.shell import show, supervisors, viewer

AGENTS_SHOWN = 12


@require_GET
@supervisors
@ensure_csrf_cookie
def activity(request: HttpRequest, *, mine: bool = False) -> HttpResponse:
    """What waits, who talks, who is there, now."""
    now = clock.now()
    medium = ActivityForm(request.GET).wanted().get("medium", "")
    queues = list(my_queues(viewer(request)) if mine else all_queues())
    team = agents.AgentFilter(queues=[queue.id for queue in queues] if mine else None)
    found = activity_of(queues, now, medium)
    context = {
        "mine": mine,
        "medium": medium,
        "activity": found,
        "course": course([queue.id for queue in queues], now, medium),
        "people": agents.first(team, AGENTS_SHOWN),
        "now": now,
    }
    return show(request, "activity", context)
