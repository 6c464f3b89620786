"""Known customers: somebody vouches for a guest, whose session and conversation then become the customer's."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Greatest

from channels_app.actions.blocks import Blocked, blocks_in_force
from channels_app.actions.inbound import known_address
from channels_app.actions.lifecycle import do_end
from channels_app.actions.outbound import do_system_line
from channels_app.adapters.base import Sender
from channels_app.messenger.actions.sessions import (
    Configured,
    SessionExpired,
    SessionMissing,
    configured,
    session_of,
    take_over,
    token_hash,
)
from channels_app.messenger.events import SessionAuthenticated, SessionRevoked
from channels_app.messenger.models import Deployment, GuestSession, PushDevice, SignIn
from channels_app.models import Address, Contact, Conversation
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import Refused
from contactcenter.kernel.secrets import digest


class NotSignedIn(Refused):
    """Sign in again."""

    status = 401


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a verified token says that the customer is. `kind` and `subject` name them; the rest describes."""

    kind: str  # "customer" by the company's own key, "oidc" by a provider
    subject: str
    name: str = ""
    locale: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@action
def do_sign_in(tx: Tx, deployment: Deployment, identity: Identity) -> tuple[SignIn, str]:
    """A verified customer: known from now on. Gives the sign-in and its refresh token, which only the client keeps.

    :raises Blocked: the customer is blocked.
    """
    sender = Sender(identity.subject, kind=identity.kind, name=identity.name, locale=identity.locale, verified=True)
    address, _new = known_address(tx, deployment.channel, sender)
    if blocks_in_force(address.id).exists():
        raise Blocked
    _describe(address.contact, identity)
    token = secrets.token_urlsafe(32)
    made = SignIn.objects.create(
        id=ids.new(tx.now),
        deployment=deployment,
        address=address,
        refresh_hash=digest(token),
        created_at=tx.now,
        expires_at=tx.now + timedelta(days=settings.CC_GUEST_SIGN_IN_DAYS),
    )
    return made, token


def _describe(contact: Contact, identity: Identity) -> None:
    """What the token says now; what an agent wrote elsewhere stays."""
    wanted = {
        "name": identity.name[:200] or contact.name,
        "locale": identity.locale[:10] or contact.locale,
        "attributes": contact.attributes | dict(identity.attributes),
    }
    changed = [name for name, value in wanted.items() if getattr(contact, name) != value]
    for name in changed:
        setattr(contact, name, wanted[name])
    if changed:
        contact.save(update_fields=changed)


@action
def do_refresh(tx: Tx, refresh_token: str) -> SignIn:
    """Renew a sign-in; it slides on. :raises NotSignedIn: unknown, over, or signed out."""
    rows = SignIn.objects.select_for_update(of=("self",), no_key=True).select_related("deployment")
    found = rows.filter(refresh_hash=digest(refresh_token), revoked_at=None, expires_at__gt=tx.now).first()
    if found is None:
        raise NotSignedIn
    found.expires_at = tx.now + timedelta(days=settings.CC_GUEST_SIGN_IN_DAYS)
    found.save(update_fields=["expires_at"])
    return found


@action
def do_authenticate(
    tx: Tx,
    deployment: Deployment,
    token: str,
    sign_in_id: uuid.UUID,
    *,
    start_new: bool = False,
    carried: uuid.UUID | None = None,
) -> Configured:
    """Configure a session for a customer who signed in. A running anonymous one becomes theirs, with all that was
    said in it; if they have another open conversation, that one ends as merged into this one.

    `carried`: the session that the same client has had so far. Mobile SDKs since 2.11 make a new token for the step;
    an anonymous session goes on with it.

    :raises NotSignedIn: signed out meanwhile. :raises SessionExpired, Blocked: as without signing in.
    :raises SessionMissing: the token is another customer's; the client makes a new one.
    """
    anonymous = GuestSession.objects.filter(id=carried, sign_in=None, expires_at__gt=tx.now)
    if carried is not None and anonymous.exists():
        take_over(carried, token_hash(deployment.id, token), deployment)
    session, new = session_of(tx, deployment, token, start_new=start_new)
    valid = SignIn.objects.filter(id=sign_in_id, deployment=deployment, revoked_at=None, expires_at__gt=tx.now)
    sign_in = valid.select_related("address__contact").first()
    if sign_in is None:
        raise NotSignedIn
    if blocks_in_force(sign_in.address_id).exists():
        raise Blocked
    if session.sign_in_id is not None and session.address_id != sign_in.address_id:
        raise SessionMissing
    stepped_up = session.sign_in_id is None
    merged = _step_up(tx, session, sign_in.address) if stepped_up else False
    session.sign_in, session.address = sign_in, sign_in.address
    session.save(update_fields=["sign_in", "address"])
    return configured(
        tx, session, deployment, new=new, start_new=start_new, merged=merged, signed_in=stepped_up and not new
    )


def _step_up(tx: Tx, session: GuestSession, known: Address) -> bool:
    """The anonymous address becomes part of the known customer. True: two open conversations became one."""
    mine, theirs = None, None
    if session.address_id is not None:
        mine, theirs = _open(session.address_id), _open(known.id)
    merged = mine is not None and theirs is not None
    if theirs is not None and mine is not None:
        do_end.within(tx, theirs.id, Conversation.EndReason.MERGED)
        Conversation.objects.filter(id=mine.id).update(last_time=Greatest(mine.last_time, theirs.last_time))
    if session.address_id is not None:
        _move(session.address_id, known)
    if mine is not None:
        mine.address = known
        do_system_line.within(tx, mine, "merged" if merged else "signed_in")
    tx.record(
        SessionAuthenticated(
            conversation_id=mine.id if mine else None, session_id=session.id, address_id=known.id, merged=merged
        )
    )
    return merged


def _open(address_id: uuid.UUID) -> Conversation | None:
    rows = Conversation.objects.open().select_for_update(of=("self",), no_key=True)
    return rows.filter(address_id=address_id, thread_key="").first()


def _move(anonymous_id: uuid.UUID, known: Address) -> None:
    """All of an anonymous address to the known one; the address and a contact that nothing names any more go."""
    Conversation.objects.filter(address_id=anonymous_id).update(address=known)
    GuestSession.objects.filter(address_id=anonymous_id).update(address=known)
    anonymous = Address.objects.select_related("contact").get(id=anonymous_id)
    stranger = anonymous.contact
    anonymous.delete()
    if stranger.id != known.contact_id and not stranger.addresses.exists():
        if stranger.name and not known.contact.name:
            Contact.objects.filter(id=known.contact_id).update(name=stranger.name)
        stranger.delete()


@action
def do_sign_out(tx: Tx, sign_in_id: uuid.UUID) -> int:
    """The customer leaves this machine: its sessions are over, its phone is silent. Gives how many ended."""
    found = SignIn.objects.select_for_update(of=("self",), no_key=True).filter(id=sign_in_id, revoked_at=None).first()
    if found is None:
        raise NotSignedIn
    found.revoked_at = tx.now
    found.save(update_fields=["revoked_at"])
    rows = GuestSession.objects.select_for_update(of=("self",), no_key=True)
    sessions = list(rows.filter(sign_in=found, expires_at__gt=tx.now))
    PushDevice.objects.filter(session__in=sessions).delete()
    for session in sessions:
        session.expires_at = max(tx.now, session.started_at)
        session.save(update_fields=["expires_at"])
        tx.record(SessionRevoked(session_id=session.id))
    return len(sessions)


@action
def do_prune_sign_ins(tx: Tx, batch: int = 500) -> int:
    """Delete a batch of those that are over and that no living session goes by; gives how many."""
    over = SignIn.objects.filter(Q(expires_at__lte=tx.now) | Q(revoked_at__isnull=False))
    living = GuestSession.objects.filter(sign_in=OuterRef("pk"), expires_at__gt=tx.now)
    ids_over = list(over.filter(~Exists(living)).values_list("id", flat=True)[:batch])
    SignIn.objects.filter(id__in=ids_over).delete()
    return len(ids_over)


__all__ = [
    "Blocked",
    "Identity",
    "NotSignedIn",
    "SessionExpired",
    "do_authenticate",
    "do_prune_sign_ins",
    "do_refresh",
    "do_sign_in",
    "do_sign_out",
]  # fmt: skip
