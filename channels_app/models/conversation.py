"""What was said: conversations and their messages."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Channel
from channels_app.models.contact import Address
from contactcenter.kernel import ids


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Conversations by state."""

    def open(self) -> ConversationQuerySet:
        """Not ended: a message joins it."""
        return self.exclude(state=Conversation.State.ENDED)


class Conversation(models.Model):
    """A thread with one customer on one address, active, resting or ended (DESIGN: States).

    `last_seq` numbers messages; `change_seq` rises with every visible change; `last_time` is the
    time of the last message, unique and rising within the conversation.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        RESTING = "resting", _("Resting")
        ENDED = "ended", _("Ended")

    class EndReason(models.TextChoices):
        NONE = "", ""
        WINDOW = "window", _("Window passed")
        CLEARED = "cleared", _("Cleared by the customer")
        ERASED = "erased", _("Erased")
        MERGED = "merged", _("Merged")
        RESTARTED = "restarted", _("The customer began anew")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="conversations")
    channel = models.ForeignKey(
        Channel, verbose_name=_("channel"), on_delete=models.PROTECT, related_name="conversations"
    )
    thread_key = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    end_reason = models.CharField(_("ended by"), max_length=10, choices=EndReason, blank=True, default="")
    last_seq = models.BigIntegerField(default=0)
    change_seq = models.BigIntegerField(default=0)
    last_time = models.DateTimeField(_("last message"))
    last_inbound_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("opened"))
    active_since = models.DateTimeField()
    ends_at = models.DateTimeField(_("ends"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    window_expires_at = models.DateTimeField(null=True)  # until when the provider lets us answer freely
    # watermarks of what the company's side received and read (the customer's side has Delivery rows)
    delivered_seq = models.BigIntegerField(default=0)
    read_seq = models.BigIntegerField(default=0)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(
                fields=["address", "thread_key"], condition=~Q(state="ended"), name="conversation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="resting", ends_at__isnull=False) | ~Q(state="resting") & Q(ends_at=None),
                name="conversation_ends_at_while_resting",
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(state="resting"), name="conversation_resting_ends"),
            models.Index(fields=["active_since"], condition=Q(state="active"), name="conversation_active"),
            models.Index(fields=["address", "-created_at"], name="conversation_of_address"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by audience and freshness."""

    def public(self) -> MessageQuerySet:
        """What the customer may see. Guest and provider code reads nothing else."""
        return self.filter(audience=Message.Audience.PUBLIC)

    def told(self, lines: Collection[str]) -> MessageQuerySet:
        """What a customer's own client may show: what was said, and system lines of these kinds.

        Of a line only its kind and the ids in it are for customers, never a text.
        """
        said = Q(audience=Message.Audience.PUBLIC) & ~Q(kind=Message.Kind.SYSTEM)
        return self.filter(said | Q(kind=Message.Kind.SYSTEM, content__0__kind__in=list(lines)), removed_at=None)

    def with_words(self, text: str) -> MessageQuerySet:
        """In which every word of `text` begins a word. No word: none. Answered by the index `message_words`."""
        words = re.findall(r"\w+", text)
        if not words:
            return self.none()
        asked = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
        return self.annotate(words=SearchVector("text", config="simple")).filter(words=asked, removed_at=None)

    def since(self, changed_seq: int) -> MessageQuerySet:
        """What changed after a head, in order."""
        return self.filter(changed_seq__gt=changed_seq).order_by("seq")


class Message(models.Model):
    """One thing said in a conversation: text, rich content, a note, a system line."""

    class Direction(models.TextChoices):
        INBOUND = "inbound", _("From the customer")
        OUTBOUND = "outbound", _("To the customer")
        INTERNAL = "internal", _("Within the company")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Customer and company")
        STAFF = "staff", _("Company only")

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        STRUCTURED = "structured", _("Structured")
        EVENT = "event", _("Event")
        NOTE = "note", _("Note")
        SYSTEM = "system", _("System line")

    class Author(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        AGENT = "agent", _("Agent")
        BOT = "bot", _("Bot")
        FLOW = "flow", _("Flow")
        SYSTEM = "system", _("System")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="messages"
    )
    seq = models.BigIntegerField()
    changed_seq = models.BigIntegerField()
    direction = models.CharField(_("direction"), max_length=10, choices=Direction)
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.PUBLIC)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.TEXT)
    text = models.TextField(_("text"), blank=True)
    content = models.JSONField(_("content"), default=list, blank=True)  # channels_app.content
    author_kind = models.CharField(max_length=10, choices=Author)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    client_id = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 null: unique where given
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    created_at = models.DateTimeField(_("time"))
    edited_at = models.DateTimeField(_("edited"), null=True)
    removed_at = models.DateTimeField(_("removed"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_once"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="message_client_id_once"),
        ]
        indexes = [
            models.Index(fields=["conversation", "changed_seq"], name="message_changed"),
            GinIndex(SearchVector("text", config="simple"), name="message_words"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq}"

    @property
    def names_files(self) -> bool:
        """Whether its content speaks of attachments: only then they need to be asked for."""
        return any(item.get("type") == "attachment" for item in self.content)
