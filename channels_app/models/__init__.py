"""What was said: channels, contacts, conversations, messages and their deliveries."""

from channels_app.models.block import Block
from channels_app.models.channel import Channel
from channels_app.models.contact import Address, Contact
from channels_app.models.conversation import Conversation, Message
from channels_app.models.delivery import Attachment, Delivery, InboundKey, InboundPayload, PendingReceipt
from channels_app.models.mention import Mention

__all__ = [
    "Address",
    "Attachment",
    "Block",
    "Channel",
    "Contact",
    "Conversation",
    "Delivery",
    "InboundKey",
    "InboundPayload",
    "Mention",
    "Message",
    "PendingReceipt",
]
