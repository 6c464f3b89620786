"""The desk: its shell, threads, the customer's panel. Panels about work come from routing by URL."""

from __future__ import annotations

import uuid

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from agents.desktop import composing, thread
from agents.desktop.actions import do_send, do_send_again
from agents.desktop.forms import MessageForm, check_content
from agents.desktop.live import agent_heads
from agents.desktop.texts import key_actions, texts
from channels_app import history
from channels_app.actions.blocks import blocks_in_force, do_block, do_unblock
from channels_app.adapters.registry import adapter_for
from channels_app.models import Address, Conversation
from contactcenter.kernel import clock
from contactcenter.kernel.errors import NotFound
from contactcenter.kernel.http import answer, for_people, is_partial
from routing.queries import SUPERVISE, WORK, access_conversation, facts

staff = for_people(WORK, SUPERVISE)
pictured = csp_update({"img-src": ["https:"]})  # cards show pictures of the company's other sites
EARLIER = 5


@require_GET
@staff
@ensure_csrf_cookie
@pictured
def desk(request: HttpRequest) -> HttpResponse:
    """The shell, without a thread."""
    return _shell(request)


@require_GET
@staff
@ensure_csrf_cookie
@pictured
def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """A thread: alone for htmx, within the shell for a browser that comes by its address."""
    found = access_conversation(request.user, conversation_id)
    context = _thread(request, found)
    if is_partial(request) and "HX-History-Restore-Request" not in request.headers:
        return render(request, "desktop/_thread.html", context)
    return _shell(request, **context)


def _shell(request: HttpRequest, **context: object) -> HttpResponse:
    key = str(request.user.id)
    context |= {"texts": texts(), "key_actions": key_actions(), "server_time": clock.now()}
    context["supervises"] = request.user.has_perm(SUPERVISE)
    context["seq"] = agent_heads([key]).get(key, 0)
    return render(request, "desktop/desk.html", context)


def _thread(request: HttpRequest, found: Conversation) -> dict[str, object]:
    return {"conversation": found, "page": thread.page(found)} | _seat(request, found)


def _seat(request: HttpRequest, found: Conversation) -> dict[str, object]:
    seat = facts.seat_of(request.user, found)
    codes = facts.offered_codes(seat.work) if seat.work and seat.part == facts.Part.WRAPUP else []
    return {
        "conversation": found,
        "seat": seat,
        "codes": codes,
        "contact": found.address.contact,
    } | composing.context(found)


@require_GET
@staff
def seat(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The head and foot of a thread: who has it, and what can be done."""
    found = access_conversation(request.user, conversation_id)
    return render(request, "desktop/_seat.html", _seat(request, found))


@require_GET
@staff
def older(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The page before a cursor."""
    found = access_conversation(request.user, conversation_id)
    before = thread.parse_cursor(request.GET.get("before", ""))
    page = thread.page(found, before) if before else thread.Page([], "")
    return render(
        request, "desktop/_rows.html", {"conversation": found, "page": page, "contact": found.address.contact}
    )


@require_GET
@staff
def since(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """What changed after `seq`, as the socket would have pushed it. `Desk-Head`: what it leads to."""
    found = access_conversation(request.user, conversation_id)
    asked = request.GET.get("seq", "")
    seq = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    # the head is read first: a change in between is then told again, never left out
    response = HttpResponse(thread.changed(found.id, seq))
    response["Desk-Head"] = str(found.change_seq)
    return response


@require_GET
@staff
def panel(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The customer: how they reach us, earlier conversations, the facts of this one."""
    found = access_conversation(request.user, conversation_id)
    contact = found.address.contact
    earlier = history.conversations(contact, exclude=found.id, limit=EARLIER)
    ended = facts.outcomes([one.id for one in earlier])
    context = {
        "conversation": found,
        "contact": contact,
        "addresses": Address.objects.filter(contact=contact).select_related("channel").order_by("created_at")[:10],
        "earlier": [{"conversation": one, "outcome": ended.get(one.id)} for one in earlier],
        "facts": facts.facts_of(found),
        "language": _language(contact.locale),
        "known": _known(found),
        "attributes": found.attributes,
        "block": blocks_in_force(found.address_id).select_related("by").first(),
        "window_hours": round(found.channel.window.total_seconds() / 3600),
    }
    return render(request, "desktop/_panel.html", context)


def _known(found: Conversation) -> str:
    """Whether a token vouches for a messenger's customer; "" where the channel itself knows who writes."""
    if not adapter_for(found.channel.kind).capabilities.sessions:
        return ""
    return "known" if found.address.verified else "anonymous"


def _language(locale: str) -> str:
    """Its name in the reader's language; a tag that isn't known, as it is."""
    try:
        return str(get_language_info(locale.replace("_", "-").lower())["name_translated"]) if locale else ""
    except KeyError:
        return locale


@require_POST
@for_people(WORK)
def reply(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Write to the customer. The answer is the message as the thread shows it."""
    composing.check_pace(request.user)
    filled = MessageForm(request.POST).values()
    message = do_send(
        conversation_id,
        request.user,
        text=filled["text"],
        attachment_ids=filled["uploads"],
        content=check_content(filled["content"], composing.takes_of(conversation_id)) if filled["content"] else [],
        client_id=filled["client_id"],
    )
    return HttpResponse(thread.render_rows([message]))


@require_POST
@for_people(WORK)
def send_again(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Try a failed message once more; the thread hears of it like of every change."""
    do_send_again(message_id, request.user)
    return answer()


# --- blocking a customer --------------------------------------------------------------------------


@require_GET
@for_people(WORK)
def block_dialog(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Asks once more, and why."""
    found = access_conversation(request.user, conversation_id)
    context = {"conversation": found, "contact": found.address.contact, "known": _known(found)}
    return render(request, "desktop/_block.html", context)


@require_POST
@for_people(WORK)
def block(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Nothing that this customer sends is stored any more."""
    found = access_conversation(request.user, conversation_id)
    do_block(found.id, agent=request.user, reason=request.POST.get("reason", ""))
    return _told_panel(_("Blocked. You can undo it beside the conversation."))


@require_POST
@for_people(WORK)
def unblock(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The customer may write again."""
    found = access_conversation(request.user, conversation_id)
    block = blocks_in_force(found.address_id).first()
    if block is None:
        raise NotFound
    do_unblock(block.id, agent=request.user)
    return _told_panel(_("They can write again."))


def _told_panel(told: str) -> HttpResponse:
    return answer(events={"desk-done": {}, "desk-panel": {}, "toast": {"message": told, "kind": "ok"}})
