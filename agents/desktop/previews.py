"""What is behind a link in a thread, fetched by the server when somebody asks for it, never by itself."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import asdict
from urllib.parse import urlsplit

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from channels_app.content.unfurl import described
from channels_app.models import Message
from contactcenter.kernel.errors import NotFound, Refused
from contactcenter.kernel.http import for_people
from contactcenter.kernel.limits import check_rate
from contactcenter.kernel.outbound import OutboundFailed, OutboundRefused, get_page
from routing.queries import SUPERVISE, WORK, access_conversation

PREVIEWS_PER_MINUTE = 30  # of one person
KEPT = 3600  # seconds


class NoPreview(Refused):
    """There is no preview of this page."""


@require_POST
@for_people(WORK, SUPERVISE)
def preview(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """The title and description of the page at `url`, which this message must name: nothing else is fetched."""
    check_rate("desk-preview", str(request.user.pk), limit=PREVIEWS_PER_MINUTE, seconds=60)
    message = Message.objects.filter(id=message_id, removed_at=None).first()
    if message is None:
        raise NotFound
    access_conversation(request.user, message.conversation_id)
    url = request.POST.get("url", "")
    if not url or url not in message.text:
        raise NotFound
    about = _about(url)
    return render(request, "desktop/_preview.html", {"about": about, "url": url, "host": urlsplit(url).hostname})


def _about(url: str) -> dict[str, str]:
    """:raises NoPreview: it isn't public, isn't there, or says nothing."""
    key = f"preview:{hashlib.sha256(url.encode()).hexdigest()}"
    known: dict[str, str] | None = cache.get(key)
    if known is None:
        try:
            known = asdict(described(get_page(url)))
        except (OutboundRefused, OutboundFailed):
            known = {"title": "", "text": ""}
        cache.set(key, known, KEPT)
    if not known["title"]:
        raise NoPreview
    return known
