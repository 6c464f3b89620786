"""A route that is off: new conversations wait for it, what is in a queue stays there."""

from __future__ import annotations

import pytest

from routing.actions import engine
from routing.models import InboundRoute, Queue, RoutingPass
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def route() -> InboundRoute:
    return InboundRoute.objects.create(channel=factories.channel(), queue=Queue.objects.create(name="Returns"))


def waiting() -> list[str]:
    return [str(one.queue) for one in RoutingPass.objects.filter(state=RoutingPass.State.WAITING)]


def test_a_route_that_is_on_leads_a_conversation_to_its_queue(route: InboundRoute) -> None:
    factories.said(route.channel)
    engine.run(engine.STEPS["open_passes"])
    assert waiting() == ["Returns"]


def test_one_that_is_off_lets_it_wait_until_it_is_on_again(route: InboundRoute) -> None:
    InboundRoute.objects.update(active=False)
    factories.said(route.channel)
    engine.run(engine.STEPS["open_passes"])
    assert waiting() == []
    InboundRoute.objects.update(active=True)
    engine.run(engine.STEPS["open_passes"])
    assert waiting() == ["Returns"]


def test_what_is_in_the_queue_stays_there(route: InboundRoute) -> None:
    factories.said(route.channel)
    engine.run(engine.STEPS["open_passes"])
    InboundRoute.objects.update(active=False)
    engine.run(engine.STEPS["open_passes"])
    assert waiting() == ["Returns"]
