"""The customer's profile at the desk: read in the panel, changed in a dialog."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.desktop.forms import CustomerForm
from channels_app.actions.contacts import do_change_contact
from contactcenter.kernel.http import answer, for_people
from routing.queries import WORK, access_conversation

EMPTY_ROWS = 2


@require_GET
@for_people(WORK)
def dialog(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The profile to change."""
    found = access_conversation(request.user, conversation_id)
    contact = found.address.contact
    rows = [*contact.attributes.items(), *[("", "")] * EMPTY_ROWS]
    return render(request, "desktop/_customer.html", {"conversation": found, "contact": contact, "rows": rows})


@require_POST
@for_people(WORK)
def change(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Write it down; every desk that shows this customer hears of it."""
    found = access_conversation(request.user, conversation_id)
    filled = CustomerForm(request.POST).values()
    do_change_contact(
        found.address.contact_id,
        agent=request.user,
        name=filled["name"],
        locale=filled["locale"],
        attributes=filled["attributes"],
        conversation_id=found.id,
    )
    told = {"message": _("Saved."), "kind": "ok"}
    return answer(events={"desk-done": {}, "desk-customer": {}, "toast": told})
