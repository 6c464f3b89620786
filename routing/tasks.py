"""Routing's tasks: one for the nudge, one for the sweep. Both may run twice and at the same time."""

from __future__ import annotations

from celery import shared_task

from contactcenter.kernel.tasks import Nudge
from routing.actions import engine


@shared_task(name="routing.react", expires=30)
def react() -> None:
    """Look at everything that a message or an agent may have made possible."""
    engine.react()


@shared_task(name="routing.wake_parked", expires=30)
def wake_parked() -> None:
    """Look at parked work whose customer may have replied."""
    engine.run(engine.STEPS["wake_parked"])


@shared_task(name="routing.sweep", expires=5)
def sweep() -> None:
    """Look at everything that is due."""
    engine.sweep()


nudge = Nudge(react, gap=0.05)
nudge_parked = Nudge(wake_parked, gap=0.25)  # most messages wake nothing: the seldom look is enough
