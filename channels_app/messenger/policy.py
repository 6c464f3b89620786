"""What a deployment's configuration says about the protocol, and a challenge of the installation's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from channels_app.messenger.actions.deployments import get_configuration
from channels_app.messenger.frames import Limits
from channels_app.messenger.models import Deployment
from contactcenter.kernel.errors import Refused


class ChallengeFailed(Refused):
    """Try to authenticate again"""  # the sentence that clients compare with, without a full stop

    status = 403


@dataclass(frozen=True, slots=True)
class GuestPolicy:
    """How guests of a deployment are treated. `announces_end`: the end is told to all clients, not only to those
    that ask for notices; `closes_read_only`: and then they begin anew to write."""

    announces_end: bool
    closes_read_only: bool
    clear: bool
    auto_start: bool
    humanize: bool
    attachments: bool
    typing_agent: bool
    typing_customer: bool
    push: Mapping[str, Any]
    limits: Limits


def own_limits() -> Limits:
    """What this installation takes, where no deployment says otherwise."""
    return Limits(
        text_bytes=settings.CC_GUEST_TEXT_BYTES,
        custom_attributes_bytes=settings.CC_GUEST_ATTRIBUTES_BYTES,
        max_file_size_kb=settings.CC_ATTACHMENT_MAX_BYTES // 1024,
    )


def narrowed(limits: Limits, *, file_types: Sequence[str], max_file_size_kb: int) -> Limits:
    """Limits as a configuration narrows them; it never widens them."""
    return replace(
        limits,
        file_types=tuple(file_types) or limits.file_types,
        max_file_size_kb=min(max_file_size_kb, limits.max_file_size_kb),
    )


def policy_of(deployment: Deployment) -> GuestPolicy:
    """By the published configuration."""
    own = get_configuration(deployment.published)
    limits = narrowed(own_limits(), file_types=own["file_types"], max_file_size_kb=own["max_file_size_kb"])
    return GuestPolicy(
        announces_end=own["conversation_disconnect"] != "off",
        closes_read_only=own["conversation_disconnect"] == "read_only",
        clear=own["conversation_clear"],
        auto_start=own["auto_start"],
        humanize=own["humanize"],
        attachments=own["attachments"],
        typing_agent=own["typing_agent"],
        typing_customer=own["typing_customer"],
        push=own["push"],
        limits=limits,
    )


@dataclass(frozen=True, slots=True)
class ChallengeRequest:
    """What a challenge may decide by: the deployment, the guest's network address and origin, and the `answer`
    that the page put into `data.challenge` of configureSession."""

    deployment_id: str
    address: str
    origin: str | None
    answer: str | None


def check_challenge(request: ChallengeRequest) -> None:
    """Ask CC_GUEST_CHALLENGE, a function of a `ChallengeRequest` that says whether this guest may go on.

    :raises ChallengeFailed: it said no.
    """
    if settings.CC_GUEST_CHALLENGE and not import_string(settings.CC_GUEST_CHALLENGE)(request):
        raise ChallengeFailed
