"""Agents' status, and setting an agent's state."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from agents.models import PRESENCES, User
from agents.presence import Presence, RoutingStatus
from contactcenter.kernel.errors import NotFound
from contactcenter.kernel.http import answer
from reporting.forms import AgentFilterForm, StateForm
from reporting.queries import agents as query
from reporting.views.shell import number, show, supervisors, viewer, without
from routing.actions import supervise


@require_GET
@supervisors
@ensure_csrf_cookie
def agents(request: HttpRequest) -> HttpResponse:
    """The table of agents: filtered, sorted, a page of it."""
    form = AgentFilterForm(request.GET)
    wanted, page = form.filter(), number(request, "page")
    found, count = query.page(wanted, page)
    context = {
        "form": form,
        "agents": found,
        "count": count,
        "page": page,
        "last_page": max(1, -(-count // query.PAGE)),
        "sort": wanted,
        "query": without(request, "page", "sort"),
        "query_sorted": without(request, "page"),
    }
    return show(request, "agents", context)


@require_GET
@supervisors
def state_dialog(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Choose a state for an agent, with what it would interrupt."""
    agent = query.one(user_id)
    if agent is None:
        raise NotFound
    context = {
        "agent": agent,
        "alerting": sum(work.state == "alerting" for work in agent.works),
        "presences": list(PRESENCES.items()),
        "not_responding": agent.status == RoutingStatus.NOT_RESPONDING,
    }
    return render(request, "reporting/_state.html", context)


@require_POST
@supervisors
def set_state(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """On queue, off queue, or a presence."""
    agent = get_object_or_404(User, id=user_id, is_active=True)
    to = StateForm(request.POST).values()["to"]
    if to == "on_queue":
        supervise.do_put_on_queue(agent, viewer(request))
        told = _("%(agent)s is on queue.")
    elif to == "off_queue":
        supervise.do_log_out_of_queue(agent, viewer(request))
        told = _("%(agent)s is off queue.")
    else:
        supervise.do_set_presence_of(agent, viewer(request), Presence(to))
        told = _("%(agent)s: %(presence)s.")
    presence = PRESENCES[Presence(to)] if to in list(Presence) else ""
    return done(told % {"agent": agent.name, "presence": presence})


def done(told: str) -> HttpResponse:
    """The dialog is done with, and the page looks again."""
    return answer(events={"look-again": {}, "sheet-done": {}, "toast": {"message": told, "kind": "ok"}})
