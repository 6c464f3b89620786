"""Start-up of the root: the only place where event sinks are attached."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings

from contactcenter.kernel import events, metrics


class ContactCentreConfig(AppConfig):
    """Wires the packages together."""

    name = "contactcenter"

    def ready(self) -> None:
        import contactcenter.celery  # noqa: F401 shared tasks find their broker by it
        from agents.desktop.live import push
        from channels_app.messenger.live import push_guests
        from channels_app.messenger.page import answer_time
        from channels_app.messenger.reactions import REACTIONS
        from channels_app.messenger.tasks import nudge_notify
        from channels_app.tasks import nudge_sender
        from reporting.live import push as push_supervisors
        from reporting.recorder import insert_from, record
        from routing.queries.answer_time import get_answer_seconds
        from routing.reactions import CHANGES, note_unseen, nudge_routing

        events.attach(
            in_transaction=[record],
            in_statement=[insert_from],
            reactions=[*REACTIONS, (note_unseen, CHANGES)],
            after_commit=[push_guests, push, push_supervisors, nudge_routing, nudge_sender, nudge_notify],
        )
        answer_time.provide(get_answer_seconds)
        if settings.CC_METRICS_TOKEN:
            metrics.measure()
