"""The desk's panels about work, and what an agent does with it. Each POST calls one action.

Views answer with fragments for htmx. After an action nothing is swapped: events say what to fetch again
(`desk-changed`) or to open (`desk-open`), so that no panel is rendered twice.
"""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.models import PRESENCES
from agents.presence import Presence
from contactcenter.kernel import clock
from contactcenter.kernel.http import answer, for_people
from routing.actions import availability, offers, transfers, work
from routing.forms import EndForm, ParkForm, PresenceForm, TransferForm, WrapUpForm
from routing.models import Assignment, Queue
from routing.queries import WORK, access_conversation, canned, desk, facts, own_day, targets
from routing.queries.access import SUPERVISE

staff = for_people(WORK, SUPERVISE)
TABS = ("mine", "waiting", "parked")


def _page(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return max(1, min(int(asked), 10_000)) if asked.isdecimal() and len(asked) < 6 else 1


def _changed() -> HttpResponse:
    return answer(events={"desk-changed": {}})


def _open(conversation_id: uuid.UUID) -> HttpResponse:
    return answer(events={"desk-changed": {}, "desk-open": {"id": str(conversation_id)}})


def _done(told: str) -> HttpResponse:
    """The dialog is done with."""
    return answer(events={"desk-changed": {}, "desk-done": {}, "toast": {"message": told, "kind": "ok"}})


# --- status ------------------------------------------------------------------------------------


@require_GET
@staff
def status(request: HttpRequest) -> HttpResponse:
    """Presence, time in it, capacity."""
    shown = desk.status_of(request.user, clock.now())
    return render(request, "routing/_status.html", {"status": shown, "presences": list(PRESENCES.items())})


@require_GET
@for_people(WORK)
def today(request: HttpRequest) -> HttpResponse:
    """The agent's own day, since midnight where they are."""
    return render(request, "routing/_own_day.html", {"day": own_day.own_day(request.user, clock.now())})


@require_POST
@for_people(WORK)
def set_presence(request: HttpRequest) -> HttpResponse:
    """Choose a presence."""
    chosen = PresenceForm(request.POST).values()["presence"]
    availability.do_set_presence(request.user, Presence(chosen))
    return _changed()


@require_POST
@for_people(WORK)
def set_queue(request: HttpRequest) -> HttpResponse:
    """On queue (also out of Not responding), or off."""
    if request.POST.get("on"):
        availability.do_go_on_queue(request.user)
    else:
        availability.do_go_off_queue(request.user.id, reason="agent")
    return _changed()


# --- offers ------------------------------------------------------------------------------------


@require_GET
@staff
def alerting(request: HttpRequest) -> HttpResponse:
    """What alerts at this agent."""
    found = desk.alerting_at(request.user)
    why = facts.reasons(found)
    said = desk.last_words([offer.routing_pass.conversation_id for offer in found])
    rows = [
        {
            "offer": offer,
            "reasons": why[offer.id],
            "said": said.get(offer.routing_pass.conversation_id),
            "alert_seconds": round((offer.expires_at - offer.made_at).total_seconds()),
        }
        for offer in found
    ]
    return render(request, "routing/_offers.html", {"rows": rows})


@require_POST
@for_people(WORK)
def accept(request: HttpRequest, offer_id: uuid.UUID) -> HttpResponse:
    """Accept an offer and open its thread."""
    assignment = offers.do_accept(offer_id, request.user)
    return _open(assignment.conversation_id)


@require_POST
@for_people(WORK)
def decline(request: HttpRequest, offer_id: uuid.UUID) -> HttpResponse:
    """Decline an offer."""
    offers.do_decline(offer_id, request.user)
    return _changed()


# --- lists -------------------------------------------------------------------------------------


@require_GET
@staff
def work_lists(request: HttpRequest) -> HttpResponse:
    """The tabs with their counts, and the rows of one of them."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "mine"
    page = _page(request)
    context: dict[str, object] = {"tab": tab, "tabs": _tabs(request), "page": page}
    if tab == "mine":
        context |= {"lines": desk.mine(request.user), "owed": desk.after_call(request.user)}
    elif tab == "parked":
        context["lines"] = desk.parked(request.user)
    else:
        context["lines"], context["more"] = desk.waiting(request.user, page)
    return render(request, "routing/_work.html", context)


def _tabs(request: HttpRequest) -> list[tuple[str, str, int]]:
    counts = desk.counts_of(request.user)
    return [
        ("mine", _("Mine"), counts.mine + counts.wrapup),
        ("waiting", _("Waiting"), counts.waiting),
        ("parked", _("Parked"), counts.parked),
    ]


@require_POST
@for_people(WORK)
def pick(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Pick a waiting conversation and open it."""
    transfers.do_pick(conversation_id, request.user)
    return _open(conversation_id)


# --- what becomes of a conversation ----------------------------------------------------------------


@require_GET
@for_people(WORK)
def transfer_dialog(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Choose where to; with `q`, only the list."""
    conversation = access_conversation(request.user, conversation_id)
    search = request.GET.get("q", "").strip()[:100]
    owned = Assignment.objects.filter(conversation=conversation, agent=request.user).order_by("-connected_at").first()
    medium = owned.medium if owned else "message"
    context = {
        "conversation": conversation,
        "queues": targets.queue_targets(search),
        "agents": targets.agent_targets(request.user, medium, search),
        "search": search,
    }
    template = "routing/_targets.html" if "q" in request.GET else "routing/_transfer.html"
    return render(request, template, context)


@require_POST
@for_people(WORK)
def transfer(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """To a queue, or offered to a person."""
    filled = TransferForm(request.POST).values()
    to, note = filled["to"], filled["note"]
    if isinstance(to, Queue):
        transfers.do_transfer_to_queue(conversation_id, request.user, to, note=note)
        told = _("Transferred to %(name)s.") % {"name": to.name}
    else:
        transfers.do_transfer_to_agent(conversation_id, request.user, to, note=note)
        told = _("Offered to %(name)s. It stays yours until they accept.") % {"name": to.name}
    return _done(told)


@require_POST
@for_people(WORK)
def cancel_transfer(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Take an alerting transfer back."""
    transfers.do_cancel_transfer(conversation_id, request.user)
    return _changed()


@require_GET
@for_people(WORK)
def canned_list(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Canned responses that fit `q`, with their placeholders filled in."""
    conversation = access_conversation(request.user, conversation_id)
    search = request.GET.get("q", "").strip()[:100]
    found = canned.responses_for(request.user, conversation, search)
    return render(request, "routing/_canned.html", {"responses": found, "search": search})


@require_GET
@for_people(WORK)
def park_dialog(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Choose until when."""
    conversation = access_conversation(request.user, conversation_id)
    choices = [
        ("", _("When the customer replies, or I take it up")),
        (15, _("In 15 minutes")),
        (60, _("In an hour")),
        (240, _("In 4 hours")),
        (1440, _("Tomorrow at this time")),
        (0, _("At a time that I choose")),
    ]
    return render(request, "routing/_park.html", {"conversation": conversation, "choices": choices})


@require_POST
@for_people(WORK)
def park(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Put the work aside."""
    form = ParkForm(request.POST)
    filled = form.values()
    resume_at = form.resume_at(clock.now())
    work.do_park(
        conversation_id,
        request.user,
        resume_at=resume_at,
        on_reply=filled["on_reply"],
        seen_seq=filled["seen_seq"],
    )
    return _done(_("Parked."))


@require_POST
@for_people(WORK)
def resume(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Take parked work up again."""
    work.do_resume(conversation_id, request.user)
    return _open(conversation_id)


@require_POST
@for_people(WORK)
def end(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """End the work, unless the customer wrote what the screen doesn't show yet."""
    seen = EndForm(request.POST).values()["seen_seq"]
    work.do_end(conversation_id, request.user, seen_seq=seen)
    return _changed()


@require_POST
@for_people(WORK)
def wrap_up(request: HttpRequest, assignment_id: uuid.UUID) -> HttpResponse:
    """Finish the wrap-up with a code, or skip it."""
    filled = WrapUpForm(request.POST).values()
    work.do_wrap_up(
        assignment_id,
        request.user,
        code=None if filled["skip"] else filled["code"],
        notes=filled["notes"],
        skip=filled["skip"],
    )
    return answer(events={"desk-changed": {}, "desk-wrapped": {}})
