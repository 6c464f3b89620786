"""Building rich content for a reply: what the channel takes of it, and what is wrong with it so far."""

from __future__ import annotations

import dataclasses
import json
import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from agents.desktop.forms import fault_text
from agents.models import User
from channels_app.adapters.base import Capabilities
from channels_app.content import dump
from channels_app.content.composing import composed
from channels_app.content.limits import COMPOSED
from channels_app.models import Conversation
from contactcenter.kernel.errors import Refused
from contactcenter.kernel.http import for_people
from contactcenter.kernel.limits import check_rate
from routing.queries import WORK, access_conversation

MESSAGES_PER_MINUTE = 120  # of one person, replies and notes together
CHECKS_PER_MINUTE = 240  # of one agent; the form asks while they type


def context(conversation: Conversation) -> dict[str, object]:
    """What the composer's template needs: capabilities, and which kinds can be built with which limits."""
    takes = conversation.channel.capabilities
    kinds = [kind for kind in COMPOSED if kind in takes.content]
    return {"takes": takes, "kinds": " ".join(kinds), "limits": json.dumps(dataclasses.asdict(takes.limits))}


def check_pace(user: User) -> None:
    """:raises TooFast: nobody writes replies and notes so quickly."""
    check_rate("desk-message", str(user.pk), limit=MESSAGES_PER_MINUTE, seconds=60)


def takes_of(conversation_id: uuid.UUID) -> Capabilities:
    """The capabilities of the conversation's channel; none are known of one that isn't there."""
    found = Conversation.objects.filter(id=conversation_id).select_related("channel").first()
    return found.channel.capabilities if found else Capabilities(content=frozenset())


@require_POST
@for_people(WORK)
def check(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """An item as it is now (field `item`, JSON): `{item, html, faults: {path: sentence}}`; html is what a thread shows,
    item its stored form, null as long as it can't be sent."""
    check_rate("desk-content", str(request.user.pk), limit=CHECKS_PER_MINUTE, seconds=60)
    found = access_conversation(request.user, conversation_id)
    try:
        raw = json.loads(request.POST.get("item", ""))
    except ValueError:
        raise Refused("This can't be read.") from None
    takes = found.channel.capabilities
    item, faults = composed(raw, takes.content, takes.limits)
    html = render_to_string("channels_app/_content.html", {"item": item}) if item else ""
    return JsonResponse(
        {
            "item": dump([item])[0] if item and not faults else None,
            "html": html,
            "faults": {fault.path: fault_text(fault) for fault in reversed(faults)},
        }
    )
