"""The configuration of a messenger deployment: a draft that an admin edits, and versions that customers see."""

from __future__ import annotations

import uuid
from typing import Any

from channels_app.models import Deployment, DeploymentVersion
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import Refused

#: what a configuration holds; a key that a version lacks has this value
DEFAULTS = {"company_name": "", "greeting": "", "primary_color": "#4338ca"}


class NothingToPublish(Refused):
    """There is no draft to publish."""


def get_configuration(version: DeploymentVersion | None) -> dict[str, Any]:
    """The configuration of a version, complete."""
    return DEFAULTS | (version.configuration if version else {})


def get_newest(deployment_id: uuid.UUID) -> DeploymentVersion | None:
    """The draft, or the published version when nothing was changed since."""
    return DeploymentVersion.objects.filter(deployment_id=deployment_id).order_by("-number").first()


@action
def do_save_draft(tx: Tx, deployment_id: uuid.UUID, configuration: dict[str, Any]) -> DeploymentVersion:
    """Keep a configuration as the draft. A published version is never changed: the next number begins."""
    _lock(deployment_id)
    newest = get_newest(deployment_id)
    if newest and newest.configuration == configuration:
        return newest
    if newest and newest.published_at is None:
        newest.configuration = configuration
        newest.save(update_fields=["configuration"])
        return newest
    return DeploymentVersion.objects.create(
        deployment_id=deployment_id,
        number=newest.number + 1 if newest else 1,
        configuration=configuration,
        created_at=tx.now,
    )


@action
def do_publish(tx: Tx, deployment_id: uuid.UUID) -> DeploymentVersion:
    """Show the newest version to customers from now on.

    :raises NothingToPublish: there is no version yet.
    """
    deployment = _lock(deployment_id)
    newest = get_newest(deployment_id)
    if newest is None:
        raise NothingToPublish
    if newest.published_at is None:
        newest.published_at = tx.now
        newest.save(update_fields=["published_at"])
    if deployment.published_id != newest.pk:
        deployment.published = newest
        deployment.save(update_fields=["published"])
    return newest


def _lock(deployment_id: uuid.UUID) -> Deployment:
    return Deployment.objects.select_for_update(of=("self",), no_key=True).get(id=deployment_id)
