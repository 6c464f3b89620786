"""What was said: channels, contacts, conversations, messages and their deliveries."""

from channels_app.models.channel import Channel, Deployment
from channels_app.models.configuration import ConfigurationVersion, MessengerConfiguration
from channels_app.models.contact import Address, Consent, Contact
from channels_app.models.conversation import Conversation, GuestSession, Message
from channels_app.models.delivery import Attachment, Delivery, InboundKey, InboundPayload, PendingReceipt
from channels_app.models.guest import Block, IdentityKey, IdentityProvider, PushDevice, SignIn
from channels_app.models.mention import Mention

__all__ = [
    "Address",
    "Attachment",
    "Block",
    "Channel",
    "ConfigurationVersion",
    "Consent",
    "Contact",
    "Conversation",
    "Delivery",
    "Deployment",
    "GuestSession",
    "IdentityKey",
    "IdentityProvider",
    "InboundKey",
    "InboundPayload",
    "Mention",
    "Message",
    "MessengerConfiguration",
    "PendingReceipt",
    "PushDevice",
    "SignIn",
]
