"""Log-in links: by one, a person without a password (or who forgot it) chooses one and is logged in.

Of a link only the time is stored at which it was made. Its token is signed over the account as it is, by Django's
`PasswordResetTokenGenerator`: it ends with a new link, with a new password, with a log-in, with a new address, and
after PASSWORD_RESET_TIMEOUT.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_noop

from agents import roles
from agents.actions.changes import WORDS, Change, Outcome, note
from agents.actions.people import locked
from agents.models import User
from contactcenter.kernel import clock
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotAllowed, Refused

_NOTED = Change(gettext_noop("log-in link"), "", gettext_noop("Made"), WORDS)


class NobodyActive(Refused):
    """All of them are switched off, so they get no links. Switch them on first."""


class LinkTokens(PasswordResetTokenGenerator):
    """Django's, by the product's clock, and for active people only.

    Who is made a superuser loses their link: an admin who isn't one could have kept it.
    """

    key_salt = "agents.actions.log_in_links"

    def check_token(self, user: Any, token: str | None) -> bool:
        return bool(user and user.is_active and super().check_token(user, token))

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_superuser}{user.link_made_at}"

    def _now(self) -> datetime:
        return clock.now().replace(tzinfo=None)


TOKENS = LinkTokens()


@dataclass(frozen=True, slots=True)
class MadeLink:
    """What the address of somebody's link is made of."""

    user: User
    uid: str
    token: str


@dataclass(frozen=True, slots=True)
class LinksMade(Outcome):
    """`links` are to be shown once and kept nowhere; `left_out` are switched off, so they got none."""

    links: tuple[MadeLink, ...] = ()
    left_out: tuple[User, ...] = ()


@action
def do_make_log_in_links(tx: Tx, by: User, user_ids: Collection[UUID]) -> LinksMade:
    """A link for each of these people who is active; one made for them earlier ends.

    The log says for whom one was made, never the link.

    :raises NotAllowed: `by` may not change users. :raises Refused: one of these people is above `by`.
    :raises NobodyActive: all of them are switched off.
    """
    if not by.has_perm("agents.change_user"):
        raise NotAllowed
    users = locked(user_ids)
    roles.check_reach(by, users)
    active = sorted((user for user in users if user.is_active), key=lambda user: user.name)
    if not active:
        raise NobodyActive
    note(tx.now, by.pk, [(user, [_NOTED]) for user in active])
    for user in active:
        user.link_made_at = tx.now
    User.objects.bulk_update(active, ["link_made_at"])
    links = tuple(
        MadeLink(user, urlsafe_base64_encode(force_bytes(user.pk)), TOKENS.make_token(user)) for user in active
    )
    return LinksMade(len(active), 0, links, tuple(user for user in users if not user.is_active))
