"""Contacts, conversations and messages, to read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agents.admin.base import ReadOnlyInline, Record, link_to, moment
from channels_app.content import LINES
from channels_app.models import Address, Contact, Conversation, Message

_STATES = {"active": "success", "resting": "info", "ended": ""}  # one that isn't here would show its key
#: what `external_id` is, and what system lines and events say; one that isn't here shows its key
_KINDS = {
    "guest": _("Guest"),
    "user": _("User"),
    "email": _("E-mail"),
    "phone": _("Phone"),
}
_EVENTS = {**LINES, "connected": gettext_noop("An agent has it"), "transferred": gettext_noop("Handed over")}


def _said(item: dict[str, Any]) -> str:
    """A part of a message in a word or sentence: what happened, or else what it is."""
    kind = str(item.get("kind", "")) if item.get("type") == "event" else ""
    return gettext(_EVENTS[kind]) if kind in _EVENTS else kind or str(item.get("type", ""))


class _ShowsMessages:
    """Columns of a message."""

    @display(description=_("time"))
    def shown_time(self, message: Message) -> str:
        return moment(message.created_at)

    @display(description=_("from"))
    def shown_author(self, message: Message) -> str:
        return str(message.author) if message.author_id else message.get_author_kind_display()

    @display(description=_("text"))
    def shown_text(self, message: Message) -> str:
        if message.removed_at:
            return str(_("(removed)"))
        kinds = ", ".join(_said(item) for item in message.content)
        return " · ".join(part for part in (message.text[:300], kinds) if part)


class MessageInline(_ShowsMessages, ReadOnlyInline):
    """The transcript."""

    model = Message
    fields = readonly_fields = ("shown_time", "shown_author", "kind", "shown_text")
    ordering = ("seq",)
    per_page = 50

    def get_queryset(self, request: Any) -> QuerySet[Message]:
        return super().get_queryset(request).select_related("author")


class AddressInline(ReadOnlyInline):
    """How the contact is reached."""

    model = Address
    fields = readonly_fields = ("shown_channel", "shown_kind", "shown_id", "shown_verified", "shown_first_seen")

    def get_queryset(self, request: Any) -> QuerySet[Address]:
        return super().get_queryset(request).select_related("channel")

    @display(description=_("channel"))
    def shown_channel(self, address: Address) -> str:
        return link_to(address.channel, address.channel.name)

    @display(description=_("kind"))
    def shown_kind(self, address: Address) -> str:
        return str(_KINDS.get(address.kind, address.kind))

    @display(description=_("address"))
    def shown_id(self, address: Address) -> str:
        return address.external_id

    @display(description=_("verified"))
    def shown_verified(self, address: Address) -> str:
        """In a word: a cross would say that something is wrong."""
        return str(_("Yes") if address.verified else _("No"))

    @display(description=_("first seen"))
    def shown_first_seen(self, address: Address) -> str:
        return moment(address.created_at)


@admin.register(Contact)
class ContactAdmin(Record):
    empty_text = _("A customer appears here with their first message.")
    list_display = ("shown_name", "locale", "created_at")
    ordering = ("-id",)
    fields = ("shown_name", "locale", "created_at", "attributes", "shown_conversations")
    inlines = (AddressInline,)
    search_help_text = _("Part of the name, or the whole address: e-mail, phone number, id")

    def search_text(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        known = list(Address.objects.filter(external_id=text).values_list("contact_id", flat=True)[:100])
        return queryset.filter(Q(name__icontains=text) | Q(pk__in=known))

    @display(description=_("name"))
    def shown_name(self, contact: Contact) -> str:
        return contact.display_name

    @display(description=_("conversations"))
    def shown_conversations(self, contact: Contact) -> str:
        newest = Conversation.objects.filter(address__contact=contact).select_related("channel").order_by("-id")[:20]
        opened = ((row, date_format(localtime(row.created_at), "DATETIME_FORMAT")) for row in newest)
        rows = ((link_to(row, f"{row.channel} · {at}"),) for row, at in opened)
        return format_html_join("", "<div>{}</div>", rows) or "–"


@admin.register(Conversation)
class ConversationAdmin(Record):
    empty_text = _("The first message of a customer opens a conversation. Then it is listed here.")
    id_fields: ClassVar[tuple[str, ...]] = ("id", "address_id", "address__contact_id")
    list_display = ("shown_contact", "channel", "shown_state", "created_at", "last_time")
    list_filter = ("state", "channel")
    list_select_related = ("address__contact", "channel")
    ordering = ("-id",)
    search_help_text = _("A contact's name, or the id of a conversation or contact")
    fields = (
        ("shown_contact", "channel"),
        ("state", "end_reason"),
        ("created_at", "last_time"),
        ("ends_at", "ended_at"),
        "id",
        "attributes",
    )
    inlines = (MessageInline,)

    @display(description=_("contact"))
    def shown_contact(self, conversation: Conversation) -> str:
        return conversation.address.contact.display_name

    @display(description=_("state"), label=_STATES)
    def shown_state(self, conversation: Conversation) -> tuple[str, str]:
        return conversation.state, conversation.get_state_display()

    def search_text(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        found = Contact.objects.filter(name__icontains=text).values_list("pk", flat=True)[:200]
        return queryset.filter(address__contact__in=list(found))


@admin.register(Message)
class MessageAdmin(_ShowsMessages, Record):
    empty_text = _("Every message of every conversation is listed here.")
    id_fields: ClassVar[tuple[str, ...]] = ("id", "conversation_id")
    list_display = ("shown_time", "shown_author", "direction", "audience", "kind", "shown_text", "shown_conversation")
    list_filter = ("direction", "audience", "kind", "author_kind")
    list_select_related = ("author", "conversation")
    ordering = ("-id",)
    search_help_text = _("The id of a message or of its conversation")
    fields = (
        ("created_at", "shown_author"),
        ("direction", "audience", "kind"),
        "text",
        "content",
        "metadata",
        "shown_conversation",
        ("edited_at", "removed_at"),
    )

    @display(description=_("conversation"))
    def shown_conversation(self, message: Message) -> str:
        return link_to(message.conversation, str(_("Open")))
