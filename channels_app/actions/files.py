"""Uploads: asked for, taken, refused, attached to a message, thrown away when nobody used them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from agents.models import User
from channels_app import content as kinds
from channels_app.events import AttachmentRejected, AttachmentUploaded
from channels_app.files import storage
from channels_app.files.limits import UploadLimits
from channels_app.files.names import clean_name
from channels_app.files.refusal import FileFault, FileRefused
from channels_app.files.sniffing import allowed, media_type
from channels_app.files.storage import Facts, Kept
from channels_app.models import Attachment, Message
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action

MAX_UNUSED = 20  # uploads of a guest that wait for their message
UNUSED_FOR = timedelta(days=1)
BATCH = 200


@action
def do_request_upload(
    tx: Tx,
    filename: str,
    *,
    guest: uuid.UUID | None = None,
    user: User | None = None,
    attachment_id: uuid.UUID | None = None,
    declared_type: str = "",
    size: int | None = None,
    limits: UploadLimits | None = None,
) -> Attachment:
    """Make room for one file of a guest (by the id of their session) or of a user; the bytes come by `receive_upload`.

    Asked again with the same id before the bytes came, it gives the same row.
    :raises FileRefused: the name, type or size; the id is taken; too many of the guest's uploads wait for a message.
    """
    limits = limits or UploadLimits(max_file_size_kb=settings.CC_ATTACHMENT_MAX_BYTES // 1024)
    name = _checked(filename, declared_type, size, limits)
    if guest is not None and Attachment.objects.filter(guest_id=guest, message=None).count() >= MAX_UNUSED:
        raise FileRefused(FileFault.TOO_MANY, "Too many files wait to be sent.")
    fresh = Attachment(
        id=attachment_id or ids.new(tx.now),
        guest_id=guest,
        uploader=user,
        filename=name,
        declared_type=declared_type[:200],
        allowed_types=[] if "*/*" in limits.file_types else list(limits.file_types),
        max_size=min(limits.max_file_size_kb * 1024, settings.CC_ATTACHMENT_MAX_BYTES),
        storage_key=storage.new_key(),
        created_at=tx.now,
    )
    Attachment.objects.bulk_create([fresh], ignore_conflicts=True)
    made = Attachment.objects.filter(_owned_by(guest, user), id=fresh.id, state=Attachment.State.PENDING).first()
    if made is None:
        raise FileRefused(FileFault.ID_TAKEN, "This attachment id is already used.")
    return made


def _checked(filename: str, declared_type: str, size: int | None, limits: UploadLimits) -> str:
    """What can be refused before a byte is sent."""
    name = clean_name(filename)
    if f".{name.rpartition('.')[2].lower()}" in limits.blocked_extensions:
        raise FileRefused(FileFault.TYPE_REFUSED, "Files of this type aren't allowed.")
    if declared_type and not allowed(declared_type.partition(";")[0].strip().lower(), limits.file_types):
        raise FileRefused(FileFault.TYPE_REFUSED, "Files of this type aren't allowed.")
    if size is not None and size > limits.max_file_size_kb * 1024:
        raise FileRefused(FileFault.TOO_LARGE, "The file is larger than %(size)d KB.", size=limits.max_file_size_kb)
    if size == 0:
        raise FileRefused(FileFault.EMPTY, "The file is empty.")
    return name


def receive_upload(attachment: Attachment, chunks: Iterable[bytes]) -> Attachment:
    """Take the bytes of a pending upload: written, examined and kept outside a transaction, then recorded.

    :raises FileRefused: it was not good, which is recorded, and nothing is kept; or the storage failed, and the same
        upload may be tried again.
    """
    if attachment.state != Attachment.State.PENDING:
        raise _not_pending()
    try:
        facts = storage.examine(
            chunks,
            filename=attachment.filename,
            max_size=attachment.max_size,
            types=attachment.allowed_types,
        )
    except FileRefused as refused:
        do_reject_upload(attachment.id, refused.fault, refused.message)
        raise
    try:
        kept = storage.keep(attachment.storage_key, facts)
        try:
            return do_store_upload(attachment.id, facts, kept)
        except BaseException:  # a named edge: whatever stopped it, the file has no row
            storage.forget(kept)
            raise
    finally:
        storage.discard(facts.part)


def _not_pending() -> FileRefused:
    return FileRefused(FileFault.NOT_FOUND, "This upload is done already, or was never asked for.")


@action
def do_store_upload(tx: Tx, attachment_id: uuid.UUID, facts: Facts, kept: Kept) -> Attachment:
    """Record a file that is kept. :raises FileRefused: another upload of it was faster."""
    attachment = _locked_pending(attachment_id)
    attachment.storage_key, attachment.thumbnail_key = kept.key, kept.thumbnail
    attachment.state = Attachment.State.UPLOADED
    attachment.filename, attachment.mime = facts.filename, facts.mime
    attachment.size, attachment.sha256 = facts.size, facts.sha256
    attachment.width, attachment.height = facts.width, facts.height
    attachment.save()
    tx.record(
        AttachmentUploaded(
            agent_id=attachment.uploader_id,
            attachment_id=attachment.id,
            guest_id=attachment.guest_id,
            size=attachment.size,
        ),
        about=attachment,
    )
    return attachment


@action
def do_reject_upload(tx: Tx, attachment_id: uuid.UUID, fault: FileFault, reason: str) -> Attachment:
    """Note that a file was refused, and why."""
    attachment = _locked_pending(attachment_id)
    attachment.state = Attachment.State.REJECTED
    attachment.reason = reason[:200]
    attachment.save(update_fields=["state", "reason"])
    tx.record(
        AttachmentRejected(
            agent_id=attachment.uploader_id,
            attachment_id=attachment.id,
            guest_id=attachment.guest_id,
            fault=fault,
        ),
        about=attachment,
    )
    return attachment


def _locked_pending(attachment_id: uuid.UUID) -> Attachment:
    rows = Attachment.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(id=attachment_id, state=Attachment.State.PENDING).first()
    if found is None:
        raise _not_pending()
    return found


def access_uploads(
    attachment_ids: Sequence[uuid.UUID], *, guest: uuid.UUID | None = None, user: User | None = None
) -> list[Attachment]:
    """Uploads of their owner, in the order asked for: what a message is to carry (`content_for`).

    :raises FileRefused: not there, or somebody else's; its bytes didn't come, or were refused.
    """
    found = {a.id: a for a in Attachment.objects.filter(_owned_by(guest, user), id__in=attachment_ids)}
    if not all(attachment_id in found for attachment_id in attachment_ids):
        raise FileRefused(FileFault.NOT_FOUND, "This attachment doesn't exist.")
    if any(attachment.state != Attachment.State.UPLOADED for attachment in found.values()):
        raise FileRefused(FileFault.NOT_UPLOADED, "This attachment has not been uploaded.")
    return [found[attachment_id] for attachment_id in dict.fromkeys(attachment_ids)]


def _owned_by(guest: uuid.UUID | None, user: User | None) -> Q:
    if (guest is None) == (user is None):
        raise ValueError("an upload belongs to a guest or to a user")
    return Q(guest_id=guest) if guest is not None else Q(uploader=user)


@action
def do_attach(
    tx: Tx,
    message: Message,
    attachment_ids: Sequence[uuid.UUID],
    *,
    guest: uuid.UUID | None = None,
    user: User | None = None,
) -> list[Attachment]:
    """Give uploads to the message that was just added with their content. A file belongs to one message.

    :raises FileRefused: as `access_uploads`; also for a file of another message. The message is undone with it.
    """
    attachments = access_uploads(attachment_ids, guest=guest, user=user)
    free = Attachment.objects.filter(Q(message=None) | Q(message=message), id__in=[a.id for a in attachments])
    if free.update(message=message) != len(attachments):
        raise FileRefused(FileFault.NOT_FOUND, "This attachment was sent already.")
    for attachment in attachments:
        attachment.message = message
    return attachments


def content_for(attachment: Attachment) -> dict[str, Any]:
    """An uploaded file as an item of a message's content. Without address: that is signed when it is shown."""
    item = kinds.Attachment(
        id=str(attachment.id),
        media_type=media_type(attachment.mime),
        filename=attachment.filename,
        mime=attachment.mime,
        size=attachment.size,
        sha256=attachment.sha256,
    )
    return kinds.dump([item])[0]


@action
def do_delete_upload(tx: Tx, attachment_id: uuid.UUID, *, guest: uuid.UUID) -> None:
    """A guest takes back a file that no message carries yet. :raises FileRefused: not there, or sent."""
    mine = Attachment.objects.select_for_update(of=("self",), no_key=True)
    attachment = mine.filter(id=attachment_id, guest_id=guest, message=None).first()
    if attachment is None:
        raise FileRefused(FileFault.NOT_FOUND, "This attachment doesn't exist.")
    storage.delete(attachment.storage_key)
    attachment.delete()


@action
def do_prune_uploads(tx: Tx) -> int:
    """Throw away a batch of uploads that no message used for a day, files first; gives how many."""
    unused = Attachment.objects.filter(message=None, created_at__lt=tx.now - UNUSED_FOR)
    rows = list(unused.select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("created_at")[:BATCH])
    for attachment in rows:
        storage.delete(attachment.storage_key)
    Attachment.objects.filter(id__in=[attachment.id for attachment in rows]).delete()
    return len(rows)
