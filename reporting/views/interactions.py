"""The list of interactions, one interaction in detail, and what supervisors do with it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from channels_app.models import Conversation
from contactcenter.kernel import clock
from contactcenter.kernel.errors import NotFound
from reporting.forms import AssignForm, InteractionFilterForm
from reporting.queries import interaction as query
from reporting.queries import interactions as listing
from reporting.queries.agents import is_past_limit
from reporting.queries.explained import explained
from reporting.views.agents import done
from reporting.views.shell import show, supervisors, viewer, without
from routing.actions import supervise
from routing.actions.locks import owner_of
from routing.models import RoutingPass
from routing.queries import access_conversation, targets

WHOLE_TRANSCRIPT = 500  # changes; of a longer one the end is shown first


@require_GET
@supervisors
@ensure_csrf_cookie
def interactions(request: HttpRequest) -> HttpResponse:
    """A page of the list; the filters and the place in it are the page's address."""
    form, now = InteractionFilterForm(request.GET), clock.now()
    wanted = form.filter(now, viewer(request))
    page = listing.page(wanted, now, before=_key(request, "before"), after=_key(request, "after"))
    context = {
        "form": form,
        "page": page,
        "query": without(request, "before", "after"),
        "first_page": not (request.GET.get("before") or request.GET.get("after")),
    }
    return show(request, "interactions", context)


def _key(request: HttpRequest, name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET.get(name, ""))
    except ValueError:
        return None


@require_GET
@supervisors
@ensure_csrf_cookie
def interaction(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """One interaction: `pass` names the stretch of work, otherwise the latest."""
    found = access_conversation(viewer(request), conversation_id)
    return show(request, "interaction", _shown(request, found))


def _shown(request: HttpRequest, found: Conversation) -> dict[str, Any]:
    now, stretches = clock.now(), query.stretches(found)
    context: dict[str, Any] = {
        "conversation": found,
        "contact": found.address.contact,
        "stretches": stretches,
        "transcript_from": max(0, found.change_seq - WHOLE_TRANSCRIPT),
    }
    work = _chosen(request, stretches)
    if work is None:
        return context
    detail = query.detail(found, work, now)
    return context | {"work": work, "detail": detail, "facts": detail.facts, "why": explained(detail.offers)}


def _chosen(request: HttpRequest, stretches: list[RoutingPass]) -> RoutingPass | None:
    asked = _key(request, "pass")
    return next((one for one in stretches if one.id == asked), stretches[0] if stretches else None)


# --- actions -----------------------------------------------------------------------------------


@require_GET
@supervisors
def assign_dialog(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Choose an agent; with `q`, only the list."""
    found = access_conversation(viewer(request), conversation_id)
    live = _live(found)
    search = request.GET.get("q", "").strip()[:100]
    context = {
        "conversation": found,
        "contact": found.address.contact,
        "owner": owner_of(live),
        "agents": targets.agent_targets(viewer(request), live.medium, search),
        "may_pass": viewer(request).has_perm(supervise.ASSIGN_PAST_LIMIT),
        "search": search,
    }
    return render(request, "reporting/_candidates.html" if "q" in request.GET else "reporting/_assign.html", context)


@require_POST
@supervisors
def assign(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Give it to an agent at once."""
    access_conversation(viewer(request), conversation_id)
    filled = AssignForm(request.POST).values()
    agent, past = filled["to"], filled["past_limit"]
    made = supervise.do_assign(conversation_id, viewer(request), agent, past_limit=past)
    told = _("Assigned to %(name)s, past their limit.") if is_past_limit(made) else _("Assigned to %(name)s.")
    return done(told % {"name": agent.name})


@require_GET
@supervisors
def take_back_dialog(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Whom it interrupts, and where it goes."""
    found = access_conversation(viewer(request), conversation_id)
    live = _live(found)
    context = {"conversation": found, "contact": found.address.contact, "live": live, "owner": owner_of(live)}
    return render(request, "reporting/_take_back.html", context)


@require_POST
@supervisors
def take_back(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Back to its queue."""
    access_conversation(viewer(request), conversation_id)
    live = supervise.do_take_back(conversation_id, viewer(request))
    return done(_("It waits in %(queue)s again.") % {"queue": live.queue})


def _live(conversation: Conversation) -> RoutingPass:
    live = query.live_of(conversation)
    if live is None:
        raise NotFound(_("Nobody is working on this conversation any more."))
    return live
