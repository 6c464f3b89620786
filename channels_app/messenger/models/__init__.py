"""The web messenger's own: deployments, configurations, guest sessions, known customers, phones."""

from channels_app.messenger.models.configuration import ConfigurationVersion, MessengerConfiguration
from channels_app.messenger.models.deployment import Deployment
from channels_app.messenger.models.identity import IdentityKey, IdentityProvider
from channels_app.messenger.models.session import GuestSession, PushDevice, SignIn

__all__ = [
    "ConfigurationVersion",
    "Deployment",
    "GuestSession",
    "IdentityKey",
    "IdentityProvider",
    "MessengerConfiguration",
    "PushDevice",
    "SignIn",
]
