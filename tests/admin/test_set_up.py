"""The admin's start page until the set-up is complete: the steps, what is missing or broken, and failures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Skill
from channels_app.messenger.models import Deployment, MessengerConfiguration
from channels_app.models import Channel
from contactcenter.admin_overview import get_failures
from contactcenter.admin_site import get_steps
from routing.models import Queue, QueueMember, RouteNeed
from tests.admin.data import complete_set_up, failed_payload
from tests.admin.pages import said

pytestmark = pytest.mark.django_db


def open_steps() -> list[str]:
    return [step.title for step in get_steps() if not step.complete]


def problems() -> list[str]:
    return [text for step in get_steps() for text, _link in step.problems]


def test_an_empty_set_up_misses_everything() -> None:
    assert open_steps() == ["Skills", "A queue", "Agents", "A channel", "A messenger deployment", "A route"]


def test_a_complete_one_misses_nothing() -> None:
    complete_set_up()
    assert open_steps() == []
    assert problems() == []


def _no_members(parts: Sequence[Any]) -> None:
    QueueMember.objects.all().delete()


def _no_password(parts: Sequence[Any]) -> None:
    parts[0].set_unusable_password()
    parts[0].save()


def _unpublished(parts: Sequence[Any]) -> None:
    MessengerConfiguration.objects.update(published=None)


def _no_deployment(parts: Sequence[Any]) -> None:
    Deployment.objects.update(active=False)


def _lost_channel(parts: Sequence[Any]) -> None:
    Channel.objects.create(kind="fake", name="Second")


def _unskilled(parts: Sequence[Any]) -> None:
    RouteNeed.objects.create(route=parts[3], skill=Skill.objects.get(), minimum=3)


def _queue_off(parts: Sequence[Any]) -> None:
    Queue.objects.create(name="Other")
    Queue.objects.filter(pk=parts[1].pk).update(active=False)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_no_members, "“Returns” has no agents."),
        (_no_members, "Ana serves no queue."),
        (_no_password, "Ana has no password."),
        (_unpublished, "“Front” was never published."),
        (_no_deployment, "“Shop” has no deployment"),
        (_lost_channel, "“Second” leads nowhere"),
        (_unskilled, "Nobody in “Returns” has all the skills"),
        (_queue_off, "“Returns” is switched off, but a channel leads there."),
    ],
)
def test_what_breaks_a_set_up_is_said(damage: Callable[[Sequence[Any]], None], sentence: str, desk: Client) -> None:
    damage(complete_set_up())
    assert [text for text in problems() if sentence in text]
    assert sentence in said(desk.get(reverse("admin:index")))


def test_failures_are_on_the_start_page(desk: Client, shop: Channel) -> None:
    assert get_failures() == []
    failed_payload(shop, b"")
    Channel.objects.update(health=Channel.Health.FAILING, health_note="401")
    page = said(desk.get(reverse("admin:index")))
    assert "1 inbound payload failed." in page
    assert "“Shop” fails: 401" in page


def test_a_provider_s_channel_needs_no_deployment() -> None:
    _ana, _queue, channel, _route = complete_set_up()
    Deployment.objects.all().delete()
    Channel.objects.filter(pk=channel.pk).update(kind="fake")
    assert open_steps() == []
