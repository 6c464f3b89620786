"""The event log: one row for each event, written with the state that it tells of."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.kernel import ids


class CurrentTransaction(models.Func):
    """The number of the transaction that writes: 64 bits, so it never starts again."""

    function = "pg_current_xact_id"
    arity = 0
    allowed_default = True


class TransactionNumberField(models.Field):
    """PostgreSQL's `xid8` as an integer, filled in by the database."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, *_: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value


class EventRecordQuerySet(models.QuerySet["EventRecord"]):
    """Events by time and by subject."""

    def between(self, start: datetime, end: datetime) -> EventRecordQuerySet:
        """From `start` up to but without `end`. A range of ids, so that only those months are read."""
        return self.filter(id__gte=ids.floor(start), id__lt=ids.floor(end))

    def about(self, conversation_id: uuid.UUID) -> EventRecordQuerySet:
        """All events of a conversation, in order."""
        return self.filter(conversation_id=conversation_id).order_by("id")


class EventRecord(models.Model):
    """What happened, append-only, partitioned by month on its id.

    Ids, enums and numbers only (`contactcenter.kernel.events`), without foreign keys into or out of
    it. `id` tells the time, `xid` the transaction: who reads on from where they were goes by `xid`
    (`reporting.log`). The table and its partitions are made in SQL: see the first migration.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(_("event"), max_length=60)
    occurred_at = models.DateTimeField(_("time"))
    conversation_id = models.UUIDField(_("conversation"), null=True)
    agent_id = models.UUIDField(_("agent"), null=True)
    queue_id = models.UUIDField(_("queue"), null=True)
    data = models.JSONField(_("data"), default=dict)
    xid = TransactionNumberField(editable=False, db_default=CurrentTransaction())

    objects = EventRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["conversation_id", "id"], name="event_of_conversation"),
            models.Index(fields=["name", "id"], name="event_by_name"),
            models.Index(fields=["xid", "id"], name="event_by_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"
