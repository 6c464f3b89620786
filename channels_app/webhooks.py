"""The one webhook view: whom it is for, verify, parse, apply, answer. What a provider needs to differ, its adapter has.

A channel has an address of its own, `/webhooks/<channel>/`. Where one address serves many accounts, `/webhooks/<kind>/`
asks the adapter whom a request is for.

| outcome | status | kept |
| --- | --- | --- |
| applied | 200, or the adapter's reply | payload, applied |
| unreadable, or applying failed | 200 | payload, failed: visible and replayable |
| unknown or inactive channel, or one that isn't set up | 404 | nothing |
| wrong signature | 403 | nothing |
| too large | 413 | nothing |
| the database is down | 503 | nothing: the provider tries again |
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from channels_app.actions import payloads
from channels_app.actions.apply import typing_in
from channels_app.adapters.base import Account, WebhookReply, WebhookRequest
from channels_app.adapters.errors import BadPayload, BadSignature
from channels_app.adapters.registry import adapter_for
from channels_app.adapters.values import Applied, InboundTyping
from channels_app.models import Channel
from channels_app.models.channel import NotConfigured
from contactcenter.kernel import live
from contactcenter.kernel.errors import NotFound

log = structlog.get_logger(__name__)
MAX_BODY = 3 * 1024 * 1024  # bytes; the largest that a provider of ours documents (WhatsApp) is 3 MB


@csrf_exempt
def webhook(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    """Of one channel. Any method, from any provider: the signature is the permission."""
    return _guarded(request, lambda _values: list(Channel.objects.filter(id=channel_id, active=True)))


@csrf_exempt
def webhook_of_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Of all accounts of a provider's app. A set-up request names nobody: any channel's secret may answer it."""

    def named(values: WebhookRequest) -> list[Channel]:
        channels = Channel.objects.filter(kind=kind, active=True).order_by("id")
        if values.method == "GET":
            return list(channels)
        try:
            return list(channels.filter(account_id__in=adapter_for(kind).accounts(values)))
        except BadPayload:
            return []

    return _guarded(request, named)


def _guarded(request: HttpRequest, named: Callable[[WebhookRequest], list[Channel]]) -> HttpResponse:
    try:
        body = request.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            return _answer(413)
        values = WebhookRequest(
            method=request.method or "",
            url=settings.BASE_URL + request.get_full_path(),
            query=request.GET.dict(),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
        )
        return _handle(named(values), values)
    except NotFound:
        return _answer(404)
    except (OperationalError, InterfaceError):
        log.exception("webhook not taken, the database is down", path=request.path)
        return _answer(503)


def _handle(channels: list[Channel], request: WebhookRequest) -> HttpResponse:
    """Each channel that is meant and whose secret the request is signed with takes its part."""
    if not channels:
        return _answer(404)
    answers = []
    for channel in channels:
        try:
            account = channel.account
        except NotConfigured as error:
            log.warning("webhook of a channel that isn't set up", channel=str(channel.id), why=error.message)
            answers.append(WebhookReply(status=404))
            continue
        if reply := channel.adapter.challenge(request, account):
            answers.append(reply)
            if reply.status == 200:
                return _reply(reply)
            continue
        try:
            channel.adapter.verify(request, account)
        except BadSignature:
            log.warning("webhook with a wrong signature", channel=str(channel.id))
            answers.append(WebhookReply(status=403))
            continue
        taken = _take(channel, account, request)
        answers.append(channel.adapter.reply(request, taken))
    return _reply(min(answers, key=lambda reply: reply.status))


def _take(channel: Channel, account: Account[Any], request: WebhookRequest) -> Sequence[Applied]:
    """Apply a verified request, or keep it as failed."""
    raw = payloads.redacted(request, channel, account)
    try:
        found = channel.adapter.parse(request, account)
    except Exception as error:  # a named edge: an adapter's fault must not lose what the customer said
        if not isinstance(error, BadPayload):
            log.exception("adapter failed while parsing", kind=channel.kind)
        payloads.do_keep(channel, raw, unread=payloads.fault(error))
        return ()
    taken = payloads.take(channel, raw, found)
    for value in found:
        if isinstance(value, InboundTyping) and (conversation_id := typing_in(channel, value)):
            live.publish(f"conversation:{conversation_id}", {"typing": {"customer": True}})
    return taken.applied


def _reply(reply: WebhookReply) -> HttpResponse:
    """An adapter's own answer. It may repeat what the provider sent, so it is never shown as a page."""
    answer = HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _answer(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain")
