"""What a deployment's configuration says about the protocol, and a challenge of the installation's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from channels_app.actions.deployments import get_configuration
from channels_app.actions.files import own_limits
from channels_app.messenger.frames import Limits
from channels_app.models import Deployment
from contactcenter.kernel.errors import Refused


class ChallengeFailed(Refused):
    """Try to authenticate again"""  # the sentence that clients compare with, without a full stop

    status = 403


@dataclass(frozen=True, slots=True)
class Conduct:
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


def conduct_of(deployment: Deployment) -> Conduct:
    """By the published configuration."""
    own = get_configuration(deployment.published)
    general = own_limits()
    limits = replace(
        general,
        file_types=tuple(own["file_types"]) or general.file_types,
        max_file_size_kb=min(own["max_file_size_kb"], general.max_file_size_kb),
    )
    return Conduct(
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
class Visit:
    """What a challenge may decide by: the deployment, the guest's network address and origin, and the `answer`
    that the page put into `data.challenge` of configureSession."""

    deployment_id: str
    address: str
    origin: str | None
    answer: str | None


def check_challenge(visit: Visit) -> None:
    """Ask CC_GUEST_CHALLENGE, a function of a `Visit` that says whether this guest may go on.

    :raises ChallengeFailed: it said no.
    """
    if settings.CC_GUEST_CHALLENGE and not import_string(settings.CC_GUEST_CHALLENGE)(visit):
        raise ChallengeFailed
