"""Notes that only the company sees: written, changed and taken back by their authors."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.desktop import composing, mentions, thread
from agents.desktop.actions import do_write_note
from agents.desktop.forms import MessageForm, NoteForm
from channels_app.actions.changes import do_edit_message, do_remove_message, own_note
from contactcenter.kernel.http import answer, for_people
from routing.queries import SUPERVISE, WORK, access_conversation

staff = for_people(WORK, SUPERVISE)


@require_POST
@staff
def write(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Write a note. The answer is the note as the thread shows it."""
    composing.check_pace(request.user)
    found = access_conversation(request.user, conversation_id)
    filled = MessageForm(request.POST).values()
    message = do_write_note(
        found.id,
        request.user,
        text=filled["text"],
        client_id=filled["client_id"],
        mentions=mentions.named(filled["mentions"], author=request.user),
    )
    return HttpResponse(thread.render_rows([message]))


@require_GET
@staff
def dialog(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """An own note to change."""
    note = own_note(message_id, request.user)
    access_conversation(request.user, note.conversation_id)
    return render(request, "desktop/_note.html", {"note": note})


@require_POST
@staff
def change(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Give an own note another text; the thread hears of it like of every change."""
    composing.check_pace(request.user)
    access_conversation(request.user, own_note(message_id, request.user).conversation_id)
    do_edit_message(message_id, text=NoteForm(request.POST).values()["text"], author=request.user)
    return answer(events={"desk-done": {}, "toast": {"message": _("Saved."), "kind": "ok"}})


@require_POST
@staff
def remove(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Take an own note back; the thread hears of it like of every change."""
    do_remove_message(message_id, author=request.user)
    return answer()
