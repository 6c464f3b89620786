"""What was said: channels, contacts, conversations, messages and their deliveries."""

from channels_app.models.block import Block
from channels_app.models.channel import Channel
from channels_app.models.contact import Address, Consent, Contact
from channels_app.models.conversation import Conversation, Message
from channels_app.models.delivery import (
    Attachment,
    Delivery,
    DeliveryPart,
    InboundKey,
    InboundPayload,
    PendingReceipt,
    ProviderCall,
    RateBucket,
)
from channels_app.models.mention import Mention

__all__ = [
    "Address",
    "Attachment",
    "Block",
    "Channel",
    "Consent",
    "Contact",
    "Conversation",
    "Delivery",
    "DeliveryPart",
    "InboundKey",
    "InboundPayload",
    "Mention",
    "Message",
    "PendingReceipt",
    "ProviderCall",
    "RateBucket",
]
