"""The one webhook view: verify, parse, apply, answer. What a provider needs to differ is in its adapter.

| outcome | status | kept |
| --- | --- | --- |
| applied | 200 | payload, applied |
| unreadable, or applying failed | 200 | payload, failed: visible and replayable |
| unknown or inactive channel | 404 | nothing |
| wrong signature | 403 | nothing |
| too large | 413 | nothing |
| the database is down | 503 | nothing: the provider tries again |
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from channels_app.actions import payloads
from channels_app.adapters.base import (
    Adapter,
    BadPayload,
    BadSignature,
    Inbound,
    InboundTyping,
    WebhookReply,
    WebhookRequest,
)
from channels_app.adapters.registry import adapter_for
from channels_app.models import Channel
from contactcenter.kernel import live
from contactcenter.kernel.errors import NotFound

log = structlog.get_logger(__name__)
MAX_BODY = 3 * 1024 * 1024  # bytes; the largest that a provider of ours documents (WhatsApp) is 3 MB


@csrf_exempt
def webhook(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    """Any method, from any provider: the signature is the permission."""
    try:
        channel = Channel.objects.filter(id=channel_id, active=True).first()
        adapter = adapter_for(channel.kind) if channel else None
        if channel is None or adapter is None:
            return _answer(404)
        return _handle(request, channel, adapter)
    except NotFound:
        return _answer(404)
    except (OperationalError, InterfaceError):
        log.exception("webhook not taken, the database is down", channel=str(channel_id))
        return _answer(503)


def _handle(request: HttpRequest, channel: Channel, adapter: Adapter) -> HttpResponse:
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return _answer(413)
    values = _values(request, body)
    if reply := adapter.challenge(values, channel.secrets):
        return _reply(reply)
    try:
        adapter.verify(values, channel.secrets)
    except BadSignature:
        log.warning("webhook with a wrong signature", channel=str(channel.id))
        return _answer(403)
    _take(channel, adapter, values)
    return _answer(200)


def _values(request: HttpRequest, body: bytes) -> WebhookRequest:
    return WebhookRequest(
        method=request.method or "",
        path=request.path,
        query=request.GET.dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


def _take(channel: Channel, adapter: Adapter, request: WebhookRequest) -> None:
    """Apply a verified request, or keep it as failed."""
    raw = payloads.redacted(request, channel, adapter.secrets)
    try:
        found = adapter.parse(request)
    except BadPayload as error:
        payloads.do_keep(channel, raw, [payloads.fault(error)])
        return
    except Exception as error:  # a named edge: an adapter's fault must not lose what the customer said
        log.exception("adapter failed while parsing", kind=channel.kind)
        payloads.do_keep(channel, raw, [payloads.fault(error)])
        return
    _apply(channel, raw, found)


def _apply(channel: Channel, raw: payloads.Raw, found: Sequence[Inbound]) -> None:
    try:
        payloads.do_apply(channel, raw, found)
    except Exception as error:  # a named edge: the payload is kept with the fault
        log.exception("webhook not applied", channel=str(channel.id))
        faults = payloads.apply_each(channel, found) if len(found) > 1 else [payloads.fault(error)]
        payloads.do_keep(channel, raw, faults)
    _show_typing(channel, found)


def _show_typing(channel: Channel, found: Sequence[Inbound]) -> None:
    for value in found:
        if isinstance(value, InboundTyping) and (conversation_id := payloads.typing_in(channel, value)):
            live.publish(f"conversation:{conversation_id}", {"typing": {"customer": True}})


def _reply(reply: WebhookReply) -> HttpResponse:
    """Our own answer to a set-up request. It may repeat what the provider sent, so it is never shown as a page."""
    answer = HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _answer(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain")
