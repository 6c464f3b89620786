"""What is done with a channel's account at its provider beside messages: credentials, health, polls, names, signals.

Each asks the provider outside any transaction, and writes down what it learned in one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Literal

import structlog
from django.db import connection
from django.db.models import QuerySet

from channels_app.actions import payloads
from channels_app.actions.calls import do_keep_calls, http_for
from channels_app.actions.sending import note_health
from channels_app.adapters.errors import SendError
from channels_app.adapters.http import Http
from channels_app.adapters.registry import adapter_for, kinds
from channels_app.adapters.values import Credentials, Health, Profile, Sender, Signal
from channels_app.models import Channel, Contact, Conversation, InboundKey, Message
from channels_app.models.channel import NotConfigured
from contactcenter.kernel.db import Tx, action

log = structlog.get_logger(__name__)
BEFORE = timedelta(minutes=10)  # so long before their end credentials are renewed


@contextmanager
def only_one(key: str) -> Iterator[bool]:
    """Whether this process may do something now that no other does at the same time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


# --- credentials -------------------------------------------------------------------------------


def ending(now: datetime) -> QuerySet[Channel]:
    """Channels whose credentials end soon, or were refused before their time."""
    return Channel.objects.filter(active=True, credentials_expire_at__lte=now + BEFORE).order_by("id")


def refresh(channel: Channel) -> bool:
    """Renew a channel's credentials, once however many ask. False: not now, or the provider refused."""
    with only_one(f"credentials:{channel.id}") as mine:
        if not mine:
            return False
        channel.refresh_from_db()
        account = channel.account
        http = http_for(account)
        try:
            fresh = channel.adapter.refresh(account, http)
        except SendError as error:
            do_note_refresh(channel, None, http, problem=error.detail or error.agent_text)
            return False
        do_note_refresh(channel, fresh, http)
        return fresh is not None


@action
def do_note_refresh(tx: Tx, channel: Channel, fresh: Credentials | None, http: Http, *, problem: str = "") -> None:
    """Keep fresh credentials, or note why there are none; then they are asked for again in a minute."""
    http.secrets = [*http.secrets, *(fresh.values.values() if fresh else ())]
    do_keep_calls.within(tx, channel.id, http.cleaned())
    if fresh is not None:
        ends = {"credentials": dict(fresh.values), "credentials_expire_at": fresh.expires_at}
    else:
        ends = {"credentials_expire_at": tx.now + BEFORE + timedelta(minutes=1) if problem else None}
    Channel.objects.filter(id=channel.id).update(**ends)
    if problem:
        note_health(tx, channel, ok=False, note=problem)


# --- health ------------------------------------------------------------------------------------


def check(channel: Channel) -> Health:
    """Ask the provider whether the channel works, and write it down."""
    try:
        account = channel.account
        http = http_for(account)
        found = channel.adapter.check(account, http) or Health(ok=True)
    except NotConfigured as error:
        return do_note_check(channel, Health(ok=False, note=error.message), Http())
    except SendError as error:
        found = Health(ok=False, note=error.detail or error.agent_text)
    return do_note_check(channel, found, http)


@action
def do_note_check(tx: Tx, channel: Channel, found: Health, http: Http) -> Health:
    do_keep_calls.within(tx, channel.id, http.calls)
    note_health(tx, channel, ok=found.ok, note=found.note)
    return found


# --- polls -------------------------------------------------------------------------------------


def polled() -> QuerySet[Channel]:
    """Channels that are asked for what came."""
    asked = [kind for kind in kinds() if adapter_for(kind).polls]
    return Channel.objects.filter(active=True, kind__in=asked).order_by("id")


def poll(channel: Channel) -> int:
    """Ask a channel for what came since, and apply it with the place where the next poll begins; gives how many."""
    with only_one(f"poll:{channel.id}") as mine:
        if not mine:
            return 0
        channel.refresh_from_db()
        http = Http()
        try:
            account = channel.account
            http = http_for(account)
            found = channel.adapter.poll(account, channel.cursor, http)
        except NotConfigured:
            return 0
        except SendError as error:
            do_note_check(channel, Health(ok=False, note=error.detail or error.agent_text), http)
            return 0
        if found is None:
            return 0
        payloads.take(channel, payloads.Raw(found.raw, {}, method="POLL"), found.values, dict(found.cursor))
        return len(found.values)


# --- names and signals -------------------------------------------------------------------------


def fetch_profile(conversation_id: uuid.UUID) -> bool:
    """Learn a new customer's name, if their provider tells it. False: it doesn't, or somebody named them meanwhile."""
    found = Conversation.objects.select_related("channel", "address__contact").get(id=conversation_id)
    channel, address = found.channel, found.address
    if not channel.adapter.profiles or address.contact.name:
        return False
    account = channel.account
    http = http_for(account)
    profile = None
    try:
        profile = channel.adapter.profile(Sender(address.external_id, address.kind), account, http)
    except SendError as error:
        log.info("no profile", channel=str(channel.id), why=str(error))
    return do_note_profile(channel, address.contact, profile, http)


@action
def do_note_profile(tx: Tx, channel: Channel, contact: Contact, profile: Profile | None, http: Http) -> bool:
    do_keep_calls.within(tx, channel.id, http.calls)
    if profile is None or not profile.name:
        return False
    mine = Contact.objects.filter(id=contact.id, name="")
    return bool(mine.update(name=profile.name[:200], locale=profile.locale[:10] or contact.locale))


def signal(conversation_id: uuid.UUID, kind: Literal["typing", "read"]) -> bool:
    """Tell the customer's provider that somebody types, or that all was read. False: it doesn't take that."""
    found = Conversation.objects.select_related("channel", "address").get(id=conversation_id)
    channel = found.channel
    takes = channel.capabilities
    if not channel.active or not (takes.typing if kind == "typing" else takes.read_marks):
        return False
    said = Message.objects.public().filter(conversation=found, direction=Message.Direction.INBOUND)
    last = said.order_by("-seq").values_list("id", flat=True).first()
    key = InboundKey.objects.filter(channel=channel, message_id=last).values_list("key", flat=True).first()
    account = channel.account
    http = http_for(account)
    sent = Signal(kind, found.address.external_id, found.address.kind, found.thread_key, key or "")
    try:
        channel.adapter.signal(sent, account, http)
    except SendError as error:
        log.info("signal not taken", channel=str(channel.id), kind=kind, why=str(error))
        return False
    return True
