"""Colleagues who are named in notes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models.conversation import Conversation, Message


class Mention(models.Model):
    """A note names a colleague: they hear of it, and may look at the conversation until it ends.

    `seen_at`: when they opened the conversation. The note itself says whom it names in `metadata`, for the thread.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="mention_once")]
        indexes = [
            models.Index(fields=["user", "conversation"], name="mention_of_user"),
            models.Index(fields=["user", "-created_at"], name="mention_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.user_id}"
