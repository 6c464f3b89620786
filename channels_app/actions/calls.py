"""What adapters asked their providers, kept for those who look for a fault."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from pydantic import SecretStr

from channels_app.adapters.base import Account
from channels_app.adapters.http import Call, Http
from channels_app.models import ProviderCall
from contactcenter.kernel.db import Tx, action

KEPT_FOR = timedelta(days=14)
LEAST = 4  # characters of a secret that is looked for; shorter ones would tear holes into everything


def http_for(account: Account[Any]) -> Http:
    """A client whose log holds none of the account's secrets."""
    return Http(secrets=secrets_of(account))


def secrets_of(account: Account[Any]) -> list[str]:
    """The texts that must not reach a log, the longest first."""
    values = [value.get_secret_value() for _, value in account.settings if isinstance(value, SecretStr)]
    values += list(account.credentials.values.values()) if account.credentials else []
    return sorted({value for value in values if len(value) >= LEAST}, key=len, reverse=True)


@action
def do_keep_calls(
    tx: Tx, channel_id: uuid.UUID, calls: Sequence[Call], message_id: uuid.UUID | None = None
) -> list[ProviderCall]:
    """Keep calls that were made for a channel, or for one message of it."""
    return ProviderCall.objects.bulk_create(
        ProviderCall(
            channel_id=channel_id,
            message_id=message_id,
            at=tx.now,
            method=call.method,
            url=call.url,
            request=call.request,
            status=call.status,
            response=call.response,
            error=call.error,
            seconds=call.seconds,
        )
        for call in calls
    )


@action
def do_prune_calls(tx: Tx, batch: int = 1000) -> int:
    """Delete a batch of calls that are older than two weeks, the oldest first; gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH oldest AS (SELECT id, at FROM channels_app_providercall ORDER BY id LIMIT %s) "
            "DELETE FROM channels_app_providercall WHERE id IN (SELECT id FROM oldest WHERE at < %s)",
            [batch, tx.now - KEPT_FOR],
        )
        return int(cursor.rowcount)
