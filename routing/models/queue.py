"""Queues, who serves them, and which channel leads where."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Skill
from channels_app.models import Channel
from contactcenter.kernel import ids


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


class WrapUpCode(models.Model):
    """How a piece of work ended. The timeout code is set by the system."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    is_timeout = models.BooleanField(default=False, editable=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("wrap-up code")
        verbose_name_plural = _("wrap-up codes")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["is_timeout"], condition=Q(is_timeout=True), name="one_timeout_code")
        ]

    def __str__(self) -> str:
        return self.name


class Queue(models.Model):
    """A line of waiting conversations and the settings of its service."""

    class WrapUpPrompt(models.TextChoices):
        OPTIONAL = "optional", _("Optional: the agent may skip it")
        MANDATORY = "mandatory", _("Mandatory: no time limit")
        TIMEOUT = "timeout", _("Mandatory, time-boxed")
        FORCED_TIMEOUT = "forced_timeout", _("Mandatory, time-boxed, no early end")

    class LastAgent(models.TextChoices):
        ANY = "any", _("The last agent, whatever their queues and skills")
        MEMBERS = "members", _("The last agent, if member and skilled")
        DISABLED = "disabled", _("Off")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    active = models.BooleanField(_("active"), default=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="QueueMember", related_name="queues")
    codes = models.ManyToManyField(WrapUpCode, through="QueueWrapUpCode", related_name="queues", blank=True)
    alert_timeout = models.DurationField(
        _("alert time"),
        default=_seconds(30),
        validators=[MinValueValidator(_seconds(7)), MaxValueValidator(_seconds(900))],
        help_text=_("How long an offer alerts. Then the agent becomes Not responding and it returns to the queue."),
    )
    auto_answer = models.BooleanField(
        _("auto-answer"), default=False, help_text=_("Offers are accepted by themselves.")
    )
    manual_pick = models.BooleanField(
        _("manual pick"), default=True, help_text=_("Members may pick waiting conversations themselves.")
    )
    last_agent = models.CharField(_("last agent"), max_length=10, choices=LastAgent, default=LastAgent.MEMBERS)
    last_agent_wait = models.DurationField(
        _("wait for the last agent"),
        default=_seconds(60),
        validators=[MinValueValidator(_seconds(0)), MaxValueValidator(timedelta(days=7))],
        help_text=_("How long a returning customer is kept for the last agent, if that agent is available."),
    )
    wrapup_prompt = models.CharField(_("wrap-up"), max_length=15, choices=WrapUpPrompt, default=WrapUpPrompt.TIMEOUT)
    wrapup_timeout = models.DurationField(
        _("wrap-up time"),
        default=_seconds(60),
        validators=[MinValueValidator(_seconds(1)), MaxValueValidator(_seconds(3600))],
        help_text=_("Then the time-out code is set."),
    )
    wrapup_counts = models.BooleanField(
        _("wrap-up takes a slot"),
        default=True,
        help_text=_("Work in wrap-up counts against the agent's limit."),
    )
    parked_weight = models.DecimalField(
        _("weight of parked work"),
        max_digits=3,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0: parked work takes no slot. 1: as much as connected work."),
    )
    reclaim_after = models.DurationField(
        _("keep parked work for its agent"),
        default=timedelta(minutes=30),
        help_text=_("After a reply, if the agent has no free slot: how long it waits for them alone."),
    )
    inactivity_timeout = models.DurationField(
        _("inactivity"),
        null=True,
        blank=True,
        validators=[MinValueValidator(_seconds(60))],
        help_text=_("Without a message from either side for so long, the work is closed. Empty: never."),
    )
    abandon_after = models.DurationField(
        _("work of agents who vanish"),
        default=timedelta(minutes=15),
        help_text=_("How long connected work stays with an agent whose desk is gone."),
    )
    service_level = models.DecimalField(
        _("service level target (%)"),
        max_digits=4,
        decimal_places=1,
        default=80,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    service_level_within = models.DurationField(_("answered within"), default=_seconds(20))

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class QueueWrapUpCode(models.Model):
    """A wrap-up code that a queue offers. A queue with none offers all."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE)
    code = models.ForeignKey(WrapUpCode, on_delete=models.CASCADE, verbose_name=_("wrap-up code"))

    class Meta:
        verbose_name = _("wrap-up code of the queue")
        verbose_name_plural = _("wrap-up codes of the queue")
        constraints = [models.UniqueConstraint(fields=["queue", "code"], name="queue_code_once")]

    def __str__(self) -> str:
        return str(self.code)


class QueueMember(models.Model):
    """An agent who serves a queue; `active` is the agent's own switch."""

    queue = models.ForeignKey(Queue, verbose_name=_("queue"), on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("agent"),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["queue", "user"], name="member_once")]
        indexes = [models.Index(fields=["user"], condition=Q(active=True), name="member_active")]

    def __str__(self) -> str:
        return f"{self.user} · {self.queue}"


class InboundRoute(models.Model):
    """Where a channel leads, until a flow says otherwise."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="route", verbose_name=_("channel"))
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="routes", verbose_name=_("queue"))
    priority = models.IntegerField(
        _("priority"),
        default=0,
        validators=[MinValueValidator(-1000), MaxValueValidator(1000)],
        help_text=_("1 point counts like one minute of waiting."),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("inbound route")
        verbose_name_plural = _("inbound routes")

    def __str__(self) -> str:
        return f"{self.channel} → {self.queue}"


class Need(models.Model):
    """A skill that is needed, with the least proficiency that will do."""

    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="+", verbose_name=_("skill"))
    minimum = models.DecimalField(
        _("at least"),
        max_digits=2,
        decimal_places=1,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(5)],
    )

    class Meta:
        abstract = True


class RouteNeed(Need):
    """What a route asks of the agent."""

    route = models.ForeignKey(InboundRoute, on_delete=models.CASCADE, related_name="needs")

    class Meta:
        verbose_name = _("needed skill")
        verbose_name_plural = _("needed skills")
        constraints = [models.UniqueConstraint(fields=["route", "skill"], name="route_need_once")]

    def __str__(self) -> str:
        return f"{self.skill} ≥ {self.minimum}"
