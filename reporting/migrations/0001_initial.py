"""The event log: a table partitioned by month, which Django's schema editor can't say; the state can."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

import reporting.models
from contactcenter.kernel import clock
from reporting import partitions

TABLE = """
    CREATE TABLE reporting_eventrecord (
        id uuid NOT NULL PRIMARY KEY,
        name varchar(60) NOT NULL,
        occurred_at timestamptz NOT NULL,
        conversation_id uuid,
        agent_id uuid,
        queue_id uuid,
        data jsonb NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id()
    ) PARTITION BY RANGE (id);
    CREATE INDEX event_of_conversation ON reporting_eventrecord (conversation_id, id);
    CREATE INDEX event_by_name ON reporting_eventrecord (name, id);
    CREATE INDEX event_by_transaction ON reporting_eventrecord (xid, id);
    CREATE TABLE reporting_eventrecord_default PARTITION OF reporting_eventrecord DEFAULT;
"""


def make_months(apps: Any, schema_editor: Any) -> None:
    partitions.ensure(months_ahead=1, now=clock.now())


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, "DROP TABLE reporting_eventrecord"),
                migrations.RunPython(make_months, migrations.RunPython.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="EventRecord",
                    fields=[
                        ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                        ("name", models.CharField(max_length=60, verbose_name="event")),
                        ("occurred_at", models.DateTimeField(verbose_name="time")),
                        ("conversation_id", models.UUIDField(null=True, verbose_name="conversation")),
                        ("agent_id", models.UUIDField(null=True, verbose_name="agent")),
                        ("queue_id", models.UUIDField(null=True, verbose_name="queue")),
                        ("data", models.JSONField(default=dict, verbose_name="data")),
                        (
                            "xid",
                            reporting.models.TransactionNumberField(
                                db_default=reporting.models.CurrentTransaction(), editable=False
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "event",
                        "verbose_name_plural": "events",
                        "indexes": [
                            models.Index(fields=["conversation_id", "id"], name="event_of_conversation"),
                            models.Index(fields=["name", "id"], name="event_by_name"),
                            models.Index(fields=["xid", "id"], name="event_by_transaction"),
                        ],
                    },
                ),
            ],
        ),
    ]
