"""Messenger configurations: a draft that an admin edits, and the version that customers see."""

from __future__ import annotations

import uuid
from typing import Any

from channels_app.messenger import config
from channels_app.messenger.models import ConfigurationVersion, Deployment, MessengerConfiguration
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound, Refused

#: a complete configuration of which nothing was changed
DEFAULTS: dict[str, Any] = config.complete({})


class NothingToPublish(Refused):
    """There is no draft to publish."""


def get_configuration(version: ConfigurationVersion | None) -> dict[str, Any]:
    """The configuration of a version, complete: the keys and values of `config.MessengerSettings`, as JSON."""
    return config.complete(version.content if version else {})


def get_newest(configuration_id: uuid.UUID) -> ConfigurationVersion | None:
    """The draft, or the published version when nothing was changed since."""
    return ConfigurationVersion.objects.filter(configuration_id=configuration_id).order_by("-number").first()


@action
def do_add_configuration(tx: Tx, name: str, content: dict[str, Any]) -> MessengerConfiguration:
    """A new configuration, live at once. A taken name gets a number behind it.

    :raises pydantic.ValidationError: a value that `config.MessengerSettings` refuses.
    """
    made = MessengerConfiguration.objects.create(name=_free_name(name))
    do_save_draft.within(tx, made.id, content)
    do_publish.within(tx, made.id)
    made.refresh_from_db()
    return made


@action
def do_configure_deployment(tx: Tx, deployment_id: uuid.UUID, content: dict[str, Any]) -> MessengerConfiguration:
    """Give a deployment a configuration of its own, named after it and live at once."""
    deployment = Deployment.objects.select_for_update(of=("self",), no_key=True).get(id=deployment_id)
    deployment.configuration = do_add_configuration.within(tx, deployment.name, content)
    deployment.save(update_fields=["configuration"])
    return deployment.configuration


def _free_name(name: str) -> str:
    taken = set(MessengerConfiguration.objects.filter(name__startswith=name[:90]).values_list("name", flat=True))
    tries = (f"{name[:90]} {number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *tries) if one not in taken)


@action
def do_save_draft(tx: Tx, configuration_id: uuid.UUID, content: dict[str, Any]) -> ConfigurationVersion:
    """Keep a configuration as the draft. A published version is never changed: the next number begins.

    :raises pydantic.ValidationError: a value that `config.MessengerSettings` refuses.
    """
    content = config.complete(content)
    _lock(configuration_id)
    newest = get_newest(configuration_id)
    if newest and get_configuration(newest) == content:
        return newest
    if newest and newest.published_at is None:
        newest.content = content
        newest.save(update_fields=["content"])
        return newest
    return ConfigurationVersion.objects.create(
        configuration_id=configuration_id,
        number=newest.number + 1 if newest else 1,
        content=content,
        created_at=tx.now,
    )


@action
def do_publish(tx: Tx, configuration_id: uuid.UUID) -> ConfigurationVersion:
    """Show the newest version to customers from now on.

    :raises NothingToPublish: there is no version yet.
    """
    configuration = _lock(configuration_id)
    newest = get_newest(configuration_id)
    if newest is None:
        raise NothingToPublish
    if newest.published_at is None:
        newest.published_at = tx.now
        newest.save(update_fields=["published_at"])
    if configuration.published_id != newest.pk:
        configuration.published = newest
        configuration.save(update_fields=["published"])
    return newest


@action
def do_restore(tx: Tx, configuration_id: uuid.UUID, number: int) -> ConfigurationVersion:
    """Make an older version the draft; customers see it once it is published. :raises NotFound:"""
    found = ConfigurationVersion.objects.filter(configuration_id=configuration_id, number=number).first()
    if found is None:
        raise NotFound
    return do_save_draft.within(tx, configuration_id, found.content)


def _lock(configuration_id: uuid.UUID) -> MessengerConfiguration:
    return MessengerConfiguration.objects.select_for_update(of=("self",), no_key=True).get(id=configuration_id)
