"""Files that customers sent and that still lie with the provider: fetched, looked at, stored like any upload."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from channels_app.actions.calls import do_keep_calls, http_for
from channels_app.actions.changes import do_stamp
from channels_app.actions.outbound import locked
from channels_app.adapters.errors import FetchFailed
from channels_app.adapters.http import Call
from channels_app.files import storage
from channels_app.files.names import named_for
from channels_app.files.refusal import FileFault, FileRefused
from channels_app.files.sniffing import media_type
from channels_app.files.storage import Facts, Kept
from channels_app.models import Attachment, Message
from channels_app.models.channel import NotConfigured
from contactcenter.kernel.db import Tx, action

log = structlog.get_logger(__name__)
BATCH = 16
LEASE = timedelta(minutes=3)  # longer than a download may take
TRIES = 8  # over about half an hour
LONGEST = timedelta(minutes=10)
GONE = "The file could not be fetched."

_CLAIM = """
WITH due AS (
    SELECT id FROM channels_app_attachment WHERE state = 'fetching' AND fetch_at <= %(now)s
    ORDER BY fetch_at LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE channels_app_attachment a SET fetch_at = %(lease)s, fetch_tries = a.fetch_tries + 1
FROM due WHERE a.id = due.id RETURNING a.id
"""


@action
def do_claim_fetches(tx: Tx) -> list[Attachment]:
    """Take the files that are due; whoever dies with one leaves it to the next after the lease."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": tx.now, "batch": BATCH, "lease": tx.now + LEASE})
        claimed = [row[0] for row in cursor.fetchall()]
    return list(Attachment.objects.filter(id__in=claimed).select_related("channel"))


def fetch(attachment: Attachment) -> bool:
    """Get one file, and record what became of it. False: it isn't there yet, or never will be."""
    channel = attachment.channel
    assert channel is not None, "a remote file is a channel's"
    calls: list[Call] = []
    try:
        http = http_for(channel.account)
        calls = http.calls
        facts = storage.examine(
            channel.adapter.fetch(attachment.remote_ref or {}, channel.account, http),
            filename=named_for(attachment.filename, attachment.declared_type),
            max_size=settings.CC_ATTACHMENT_MAX_BYTES,
            types=[],
        )
        try:
            kept = storage.keep(storage.new_key(), facts)
        finally:
            storage.discard(facts.part)
    except FileRefused as refused:
        again = refused.fault is FileFault.STORAGE_FAILED
        do_note_fetch(attachment.id, calls, reason=refused.message, again=again)
    except (FetchFailed, NotConfigured) as failed:
        log.warning("file not fetched", attachment=str(attachment.id), why=str(failed))
        do_note_fetch(attachment.id, calls, reason=GONE, again=getattr(failed, "retry", False))
    except Exception:  # a named edge: an adapter's fault; the file is tried again
        log.exception("adapter failed while fetching", kind=channel.kind, attachment=str(attachment.id))
        do_note_fetch(attachment.id, calls, reason=GONE, again=True)
    else:
        stored = False
        try:
            stored = do_store_fetched(attachment.id, facts, kept, calls)
        finally:
            if not stored:
                storage.forget(kept)
        return stored
    return False


@action
def do_store_fetched(tx: Tx, attachment_id: uuid.UUID, facts: Facts, kept: Kept, calls: list[Call]) -> bool:
    """Record a file that is kept, and let threads show it. False: somebody else was faster."""
    message, attachment = _locked(attachment_id)
    if attachment.state != Attachment.State.FETCHING:
        return False
    attachment.storage_key, attachment.thumbnail_key = kept.key, kept.thumbnail
    attachment.state, attachment.fetch_at = Attachment.State.UPLOADED, None
    attachment.filename, attachment.mime = facts.filename, facts.mime
    attachment.size, attachment.sha256 = facts.size, facts.sha256
    attachment.width, attachment.height = facts.width, facts.height
    attachment.save()
    _show(tx, message, attachment, calls)
    return True


@action
def do_note_fetch(tx: Tx, attachment_id: uuid.UUID, calls: list[Call], *, reason: str, again: bool = False) -> None:
    """It wasn't fetched: tried again later, or refused for good, and the thread says so."""
    message, attachment = _locked(attachment_id)
    if attachment.state != Attachment.State.FETCHING:
        return
    if again and attachment.fetch_tries < TRIES:
        wait = min(timedelta(seconds=5 * 2**attachment.fetch_tries), LONGEST)
        attachment.fetch_at = tx.now + wait
        attachment.save(update_fields=["fetch_at"])
        do_keep_calls.within(tx, message.conversation.channel_id, calls, message.id)
        return
    attachment.state, attachment.fetch_at, attachment.reason = Attachment.State.REJECTED, None, reason[:200]
    attachment.save(update_fields=["state", "fetch_at", "reason"])
    _show(tx, message, attachment, calls)


def _locked(attachment_id: uuid.UUID) -> tuple[Message, Attachment]:
    """The file with its message, under the conversation's lock."""
    found = Attachment.objects.select_related("message__conversation").get(id=attachment_id)
    assert found.message is not None, "a remote file came with a message"
    locked(found.message.conversation_id)
    rows = Attachment.objects.select_for_update(of=("self",), no_key=True)
    return found.message, rows.get(id=attachment_id)


def _show(tx: Tx, message: Message, attachment: Attachment, calls: list[Call]) -> None:
    """What the message says of the file is what it turned out to be."""
    facts: dict[str, Any] = {"filename": attachment.filename, "mime": attachment.mime, "size": attachment.size}
    facts["media_type"] = media_type(attachment.mime)
    own = str(attachment.id)
    content = [item | facts if item.get("id") == own else item for item in message.content]
    do_keep_calls.within(tx, message.conversation.channel_id, calls, message.id)
    do_stamp.within(tx, message, content=content)
