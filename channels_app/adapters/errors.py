"""What can go wrong between us and a provider: a closed vocabulary."""

from __future__ import annotations

from typing import ClassVar, Literal

from django.utils.translation import gettext_noop

Scope = Literal["message", "conversation", "recipient", "channel", "app"]


class BadSignature(Exception):
    """The request isn't signed by this channel's provider."""


class BadPayload(Exception):
    """The request is signed, but can't be read."""


class FetchFailed(Exception):
    """A file at the provider can't be had. `retry`: it may be had later."""

    def __init__(self, detail: str, *, retry: bool) -> None:
        super().__init__(detail)
        self.retry = retry


class SendError(Exception):
    """A send failed. The subclasses are the closed vocabulary: what happens next is written on them.

    `detail` is for admins and logs. `scope` says what else is affected: with "channel" or "app" and a `retry_after`
    nothing is sent there until then.
    """

    code: ClassVar[str] = "unknown"
    retry: ClassVar[bool] = False
    #: whose fault: "provider", "message", "recipient", "configuration"
    fault: ClassVar[str] = "provider"
    #: what the agent may read
    agent_text: ClassVar[str] = gettext_noop("The provider didn't accept the message.")

    def __init__(self, detail: str = "", *, retry_after: float | None = None, scope: Scope = "message") -> None:
        super().__init__(detail or self.agent_text)
        self.detail = detail
        self.retry_after = retry_after
        self.scope: Scope = scope


class Unavailable(SendError):
    """The provider is down or slow before it took the message."""

    code, retry = "unavailable", True
    agent_text = gettext_noop("The provider can't be reached. We keep trying.")


class RateLimited(SendError):
    """Too many sends; try again after `retry_after` seconds."""

    code, retry = "rate_limited", True
    agent_text = gettext_noop("The provider asks us to slow down. We keep trying.")


class OutcomeUnknown(SendError):
    """The connection broke after the message was handed over: it is never repeated silently."""

    code = "outcome_unknown"
    agent_text = gettext_noop("It isn't known whether this arrived. Ask before you send it again.")


class NotAccepted(SendError):
    """The message's content is refused."""

    code, fault = "not_accepted", "message"
    agent_text = gettext_noop("The channel doesn't accept this content.")


class RecipientUnreachable(SendError):
    """The customer can't be reached on this address any more."""

    code, fault = "unreachable", "recipient"
    agent_text = gettext_noop("The customer can't be reached on this channel.")


class OptedOut(SendError):
    """The customer forbade to be written to."""

    code, fault = "opted_out", "recipient"
    agent_text = gettext_noop("The customer doesn't want to be written to on this channel.")


class WindowClosed(SendError):
    """The provider allows no free message now."""

    code, fault = "window_closed", "recipient"
    agent_text = gettext_noop("The channel allows a free message only soon after the customer wrote.")


class NotAuthorised(SendError):
    """Our credentials are refused: the channel fails until an admin repairs it."""

    code, fault = "not_authorised", "configuration"
    agent_text = gettext_noop("The channel's access is broken. Tell an admin.")


class WaitsForRate(SendError):
    """Its turn comes: the provider's own limit, which we keep (`Adapter.rates`), leaves no room now. No failed try."""

    code, retry = "waits_for_rate", True
    agent_text = gettext_noop("The provider's limit is reached. It goes out as soon as there is room.")


class ChannelOff(SendError):
    """The channel was switched off before the message went out."""

    code, fault = "channel_off", "configuration"
    agent_text = gettext_noop("The channel is switched off.")


#: by code, for those who read what was stored
SEND_ERRORS: dict[str, type[SendError]] = {
    error.code: error
    for error in (
        Unavailable,
        RateLimited,
        OutcomeUnknown,
        NotAccepted,
        RecipientUnreachable,
        OptedOut,
        WindowClosed,
        NotAuthorised,
        WaitsForRate,
        ChannelOff,
    )
}
