"""What was said: channels, contacts, conversations, messages and their deliveries."""

from channels_app.models.channel import Channel, Deployment, DeploymentVersion
from channels_app.models.contact import Address, Consent, Contact
from channels_app.models.conversation import Conversation, GuestSession, Message
from channels_app.models.delivery import Attachment, Delivery, InboundKey, InboundPayload, PendingReceipt

__all__ = [
    "Address",
    "Attachment",
    "Channel",
    "Consent",
    "Contact",
    "Conversation",
    "Delivery",
    "Deployment",
    "DeploymentVersion",
    "GuestSession",
    "InboundKey",
    "InboundPayload",
    "Message",
    "PendingReceipt",
]
