"""What an agent is doing, as spans: one open row per agent, closed by the next one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.presence import Presence, RoutingStatus

#: what people call each
PRESENCES: dict[Presence, Any] = {
    Presence.AVAILABLE: _("Available"),
    Presence.BUSY: _("Busy"),
    Presence.BREAK: _("Break"),
    Presence.MEAL: _("Meal"),
    Presence.MEETING: _("Meeting"),
    Presence.TRAINING: _("Training"),
    Presence.AWAY: _("Away"),
    Presence.OFFLINE: _("Offline"),
}
STATUSES: dict[RoutingStatus, Any] = {
    RoutingStatus.OFF_QUEUE: _("Off queue"),
    RoutingStatus.IDLE: _("Idle"),
    RoutingStatus.INTERACTING: _("Interacting"),
    RoutingStatus.NOT_RESPONDING: _("Not responding"),
}
_PRESENCES = [(one.value, label) for one, label in PRESENCES.items()]
_STATUSES = [(one.value, label) for one, label in STATUSES.items()]


class Span(models.Model):
    """A stretch of time with one status. Open while `ended_at` is empty."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="%(class)ss")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["user", "started_at"])]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="%(class)s_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")),
                name="%(class)s_ends_after_start",
            ),
        ]


class PresenceSpan(Span):
    """A stretch of one presence."""

    status = models.CharField(max_length=20, choices=_PRESENCES)


class RoutingStatusSpan(Span):
    """A stretch of one routing status."""

    status = models.CharField(max_length=20, choices=_STATUSES)

    class Meta(Span.Meta):
        indexes = [
            *Span.Meta.indexes,
            models.Index(fields=["status"], condition=Q(ended_at=None), name="routingstatus_current"),
        ]


class AgentState(models.Model):
    """The row of an agent that changes often: the current status, the socket's heartbeat, the desk's head.

    `seq` rises with every change of what the agent's desk shows beside the threads (offers, work,
    status): the head of the stream `agent:<id>`. `idle_since` is when work last came or went.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    presence = models.CharField(max_length=20, choices=_PRESENCES, default=Presence.OFFLINE.value)
    status = models.CharField(max_length=20, choices=_STATUSES, default=RoutingStatus.OFF_QUEUE.value)
    status_since = models.DateTimeField()
    idle_since = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seq = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["seen_at"], condition=~Q(status="off_queue"), name="agentstate_on_queue_seen")]
