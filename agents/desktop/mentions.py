"""Colleagues in notes: whom one can name, who named me, and what I have looked at."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from agents.models import User
from channels_app.actions.outbound import do_see_mentions
from channels_app.models import Mention
from contactcenter.kernel.http import answer, for_people
from contactcenter.kernel.limits import check_rate
from routing.queries import SUPERVISE, WORK, access_conversation
from routing.queries.access import seen

staff = for_people(WORK, SUPERVISE)
MOST_FOUND = 8
MOST_LISTED = 30
SEARCHES_PER_MINUTE = 240  # of one person; the list asks while they type


@dataclass(frozen=True, slots=True)
class Row:
    """A mention in the list. `open`: its conversation may still be looked at."""

    mention: Mention
    open: bool


def colleagues() -> QuerySet[User]:
    """All who work or supervise."""
    able = ModelBackend().with_perm
    ids = able(WORK).values("id").union(able(SUPERVISE).values("id"))
    return User.objects.filter(is_active=True, id__in=ids)


def named(ids: Collection[uuid.UUID], *, author: User) -> list[User]:
    """Those of the ids who can be named by `author`, in the order of their names."""
    return list(colleagues().filter(id__in=ids).exclude(id=author.id).order_by("name")) if ids else []


@require_GET
@staff
def found(request: HttpRequest) -> HttpResponse:
    """Colleagues whose name, or one of its words, begins with `q`: `{people: [{id, name, team}]}`."""
    check_rate("desk-colleagues", str(request.user.pk), limit=SEARCHES_PER_MINUTE, seconds=60)
    search = request.GET.get("q", "").replace("\0", "")[:100].strip()
    begins = Q(name__istartswith=search) | Q(name__icontains=f" {search}")
    rows = colleagues().filter(begins).exclude(id=request.user.pk).select_related("team").order_by("name")
    people = [
        {"id": str(one.id), "name": one.name, "team": one.team.name if one.team else ""} for one in rows[:MOST_FOUND]
    ]
    return JsonResponse({"people": people})


@require_GET
@staff
def listed(request: HttpRequest) -> HttpResponse:
    """The dialog with the newest notes that name this person."""
    mentions = (
        Mention.objects.filter(user=request.user.pk)
        .select_related("message__author", "conversation__address__contact", "conversation__channel")
        .order_by("-created_at")[:MOST_LISTED]
    )
    may = set(seen(request.user).filter(id__in=[one.conversation_id for one in mentions]).values_list("id", flat=True))
    rows = [Row(one, one.conversation_id in may) for one in mentions]
    return render(request, "desktop/_mentions.html", {"rows": rows})


@require_GET
@staff
def count(request: HttpRequest) -> HttpResponse:
    """How many are new, as text ("" for none), with the newest of them in the event `mentions`."""
    unseen = Mention.objects.filter(user=request.user.pk, seen_at=None)
    newest = unseen.select_related("message__author").order_by("-created_at").first()
    response = HttpResponse(str(unseen.count() or ""))
    about = {"id": newest.pk, "conversation": str(newest.conversation_id), "by": _author(newest)} if newest else {}
    response["HX-Trigger"] = json.dumps({"mentions": about})
    return response


def _author(mention: Mention) -> str:
    return mention.message.author.name if mention.message.author else ""


@require_POST
@staff
def look(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The conversation is on this person's screen: what names them there isn't new any more."""
    found = access_conversation(request.user, conversation_id)
    do_see_mentions(request.user, found.id)
    return answer()
