"""Work on a conversation: passes, visits, offers, assignments, and why each decision fell (DESIGN: States)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Medium
from channels_app.models import Conversation
from contactcenter.kernel import ids
from routing.models.queue import Need, Queue, WrapUpCode


class RoutingPass(models.Model):
    """One stretch of work on a conversation, from the message that wakes it until it rests.

    `order_at` is `waiting_since` made earlier by one minute a point of priority: the order of service.
    `due_at` is the next moment when the sweep has to look: the end of `only_agent`'s time while
    waiting, the inactivity check while connected, `resume_at` while parked.
    """

    class State(models.TextChoices):
        FLOW = "flow", _("In the flow")
        WAITING = "waiting", _("Waiting")
        OFFERED = "offered", _("Offered")
        CONNECTED = "connected", _("Connected")
        PARKED = "parked", _("Parked")
        CLOSED = "closed", _("Closed")

    class Outcome(models.TextChoices):
        OPEN = "", ""
        HANDLED = "handled", _("Handled by an agent")
        ABANDONED = "abandoned", _("Customer left while waiting")
        FLOW_OUT = "flow_out", _("Left the queue unanswered")
        FLOW = "flow", _("Finished by the flow")

    class ClosedBy(models.TextChoices):
        NOBODY = "", ""
        AGENT = "agent", _("Agent")
        CUSTOMER = "customer", _("Customer")
        INACTIVITY = "inactivity", _("Inactivity")
        SYSTEM = "system", _("System")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="passes")
    state = models.CharField(max_length=10, choices=State)
    medium = models.CharField(max_length=10, choices=Medium, default=Medium.MESSAGE)
    queue = models.ForeignKey(Queue, null=True, on_delete=models.PROTECT, related_name="passes")
    priority = models.IntegerField(default=0)
    started_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    order_at = models.DateTimeField(null=True)
    only_agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    closed_by = models.CharField(max_length=10, choices=ClosedBy, blank=True, default="")

    class Meta:
        verbose_name = _("routing pass")
        verbose_name_plural = _("routing passes")
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=~Q(state="closed"), name="pass_one_live"),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "offered"]) | Q(queue__isnull=False, order_at__isnull=False),
                name="pass_waiting_has_queue",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | ~Q(state="closed") & Q(closed_at=None),
                name="pass_closed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "order_at"], condition=Q(state="waiting"), name="pass_waiting"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="pass_due"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Unseen(models.Model):
    """A conversation that began, woke, rests or ended since the engine looked at it.

    Written in the transaction that changed it (`routing.reactions`), deleted by the step that looked: so looking costs
    what changed, however much is active.
    """

    conversation = models.OneToOneField(Conversation, primary_key=True, on_delete=models.CASCADE, related_name="+")


class PassNeed(Need):
    """What a pass asks of its agent."""

    routing_pass = models.ForeignKey(RoutingPass, on_delete=models.CASCADE, related_name="needs")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["routing_pass", "skill"], name="pass_need_once")]


class QueueVisit(models.Model):
    """A stay in one queue. Its id is the participant id of the ACD that the API shows."""

    class Outcome(models.TextChoices):
        OPEN = "", ""
        ANSWERED = "answered", _("Answered")
        ABANDONED = "abandoned", _("Abandoned")
        TRANSFERRED = "transferred", _("Transferred")
        FLOW_OUT = "flow_out", _("Left unanswered")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    routing_pass = models.ForeignKey(RoutingPass, on_delete=models.CASCADE, related_name="visits")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="visits")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["routing_pass"], condition=Q(left_at=None), name="visit_one_open")
        ]


class Offer(models.Model):
    """A conversation alerting at an agent."""

    class Kind(models.TextChoices):
        ACD = "acd", _("Routed")
        LAST = "last", _("Last agent")
        TRANSFER = "transfer", _("Transferred")
        PICK = "pick", _("Picked")
        ASSIGN = "assign", _("Assigned")

    class State(models.TextChoices):
        ALERTING = "alerting", _("Alerting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    routing_pass = models.ForeignKey(RoutingPass, on_delete=models.CASCADE, related_name="offers")
    visit = models.ForeignKey(QueueVisit, null=True, on_delete=models.CASCADE, related_name="offers")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="offers")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.ALERTING)
    medium = models.CharField(max_length=10, choices=Medium)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.UniqueConstraint(
                fields=["routing_pass", "agent"], condition=Q(state="alerting"), name="offer_one_alerting"
            )
        ]
        indexes = [
            models.Index(fields=["agent"], condition=Q(state="alerting"), name="offer_alerting_agent"),
            models.Index(fields=["expires_at"], condition=Q(state="alerting"), name="offer_expires"),
            models.Index(fields=["visit", "agent"], name="offer_of_visit"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Assignment(models.Model):
    """An agent's part in a pass, as its owner. Its id is the agent's participant id that the API shows."""

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        PARKED = "parked", _("Parked")
        WRAPUP = "wrapup", _("Wrap-up")
        DONE = "done", _("Done")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    routing_pass = models.ForeignKey(RoutingPass, on_delete=models.CASCADE, related_name="assignments")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="assignments")
    offer = models.OneToOneField(Offer, null=True, on_delete=models.SET_NULL, related_name="assignment")
    queue = models.ForeignKey(Queue, null=True, on_delete=models.PROTECT, related_name="assignments")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    state = models.CharField(max_length=10, choices=State, default=State.CONNECTED)
    medium = models.CharField(max_length=10, choices=Medium)
    weight = models.DecimalField(max_digits=3, decimal_places=2, default=1)  # what it counts in AgentLoad now
    connected_at = models.DateTimeField()
    parked_at = models.DateTimeField(null=True)
    parked_for = models.DurationField(default=timedelta(0))  # all parks of it that are over
    resume_at = models.DateTimeField(null=True)
    resume_on_reply = models.BooleanField(default=True)
    parked_seq = models.BigIntegerField(null=True)  # the conversation's last_seq then: a later one is a reply
    left_at = models.DateTimeField(null=True)  # when connected or parked work ended
    wrapup_due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(state__in=["connected", "parked"]),
                name="assignment_one_owner",
            )
        ]
        indexes = [
            models.Index(fields=["agent"], condition=~Q(state="done"), name="assignment_open_agent"),
            models.Index(fields=["agent", "done_at"], condition=Q(state="done"), name="assignment_done_agent"),
            models.Index(
                fields=["wrapup_due_at"],
                condition=Q(state="wrapup", wrapup_due_at__isnull=False),
                name="wrapup_due",
            ),
            models.Index(fields=["conversation", "-connected_at"], name="assignment_last_agent"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class WrapUp(models.Model):
    """How the agent's part ended: a code, or skipped."""

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="wrapup")
    code = models.ForeignKey(WrapUpCode, null=True, on_delete=models.PROTECT, related_name="+")
    notes = models.TextField(blank=True)
    skipped = models.BooleanField(default=False)
    timed_out = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("wrap-up")
        verbose_name_plural = _("wrap-ups")


class Decision(models.Model):
    """Why a pass was offered to this agent: the candidates with their values, enough to choose again."""

    offer = models.OneToOneField(Offer, on_delete=models.CASCADE, related_name="decision")
    routing_pass = models.ForeignKey(RoutingPass, on_delete=models.CASCADE, related_name="decisions")
    chosen = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("chosen"), on_delete=models.PROTECT, related_name="+"
    )
    method = models.CharField(_("method"), max_length=20)
    data = models.JSONField(_("data"))  # routing.acd.values.Decision as JSON
    decided_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("routing decision")
        verbose_name_plural = _("routing decisions")

    def __str__(self) -> str:
        return str(self.chosen)
