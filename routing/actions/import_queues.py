"""Queues with their members and wrap-up codes, as an import writes them."""

from __future__ import annotations

from collections.abc import Sequence

from agents.actions.importing import CHANGED, NEW, Plan, RowPlan, set_columns
from contactcenter.kernel.db import Tx
from routing.models import Queue, QueueMember, QueueWrapUpCode

PLAIN = (
    "name", "description", "active", "alert_timeout", "auto_answer", "manual_pick", "last_agent", "last_agent_wait",
    "wrapup_prompt", "wrapup_timeout", "wrapup_counts", "parked_weight", "reclaim_after", "inactivity_timeout",
    "abandon_after", "service_level", "service_level_within",
)  # fmt: skip


def write_queues(tx: Tx, plan: Plan) -> None:
    """Queues; where the file has the column, exactly these members and codes."""
    rows = plan.of(NEW, CHANGED)
    set_columns(rows, Queue, PLAIN)
    _write_members([one for one in rows if "members" in one.values])
    _write_codes([one for one in rows if "codes" in one.values])


def _write_members(rows: Sequence[RowPlan]) -> None:
    """A member who stays keeps the row, so that nothing else that refers to it is lost."""
    known = {
        (row.queue_id, row.user_id): row for row in QueueMember.objects.filter(queue__in=[one.row for one in rows])
    }
    wanted = {(one.row.pk, user.pk): active for one in rows for user, active in one.values["members"]}
    QueueMember.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in wanted]).delete()
    for key in known.keys() & wanted.keys():
        known[key].active = wanted[key]
    kept = [row for key, row in known.items() if key in wanted]
    QueueMember.objects.bulk_update(kept, ["active"], batch_size=500)
    fresh = [
        QueueMember(queue_id=queue, user_id=user, active=active)
        for (queue, user), active in wanted.items()
        if (queue, user) not in known
    ]
    QueueMember.objects.bulk_create(fresh, batch_size=1000)


def _write_codes(rows: Sequence[RowPlan]) -> None:
    QueueWrapUpCode.objects.filter(queue__in=[one.row for one in rows]).delete()
    fresh = [QueueWrapUpCode(queue=one.row, code=code) for one in rows for code in one.values["codes"]]
    QueueWrapUpCode.objects.bulk_create(fresh, batch_size=1000)
