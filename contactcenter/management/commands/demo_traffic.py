"""`manage.py demo_traffic`: live customers, and if wanted agents, against the running product."""

from __future__ import annotations

import asyncio
import math
import signal
import threading
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from contactcenter.demo import accounts
from contactcenter.demo.desks import Desks
from contactcenter.demo.ledger import Ledger
from contactcenter.demo.plan import NotHere, Plan, check_loopback
from contactcenter.demo.traffic import Traffic

LEAVE_WITHIN = 10.0  # seconds that the agents have to end their work and leave
SPEAKS_EVERY = 2.0  # seconds between two messages of one customer: the protocol refuses five a second


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 5000:
        raise ArgumentTypeError("a number above 0 and up to 5000")
    return number


class Command(BaseCommand):
    help = "Plays customers over the guest protocol against a server on this machine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rate", type=_positive, default=2.0, help="messages a second, of all customers (2)")
        parser.add_argument("--seconds", type=float, default=60.0, help="for how long (60); 0: until Ctrl-C")
        parser.add_argument("--customers", type=int, default=0, help="how many (enough for the rate)")
        parser.add_argument("--ledger", type=Path, help="append what was sent and shown, as JSON lines")
        parser.add_argument("--url", default="", help="the server (the one that runs on this data folder)")
        parser.add_argument("--deployment", action="append", default=[], help="a deployment's id (the demo's)")
        parser.add_argument("--agents", type=int, default=0, help="let so many demo agents answer")

    def handle(self, **options: Any) -> None:
        plan = self._plan(options)
        with ExitStack() as stack:
            ledger = stack.enter_context(closing(Ledger(options["ledger"])))
            if options["agents"]:
                stack.enter_context(_AtWork(options["agents"]))
            asyncio.run(self._play(plan, ledger))

    def _plan(self, options: dict[str, Any]) -> Plan:
        url = (options["url"] or settings.BASE_URL).rstrip("/")
        try:
            check_loopback(url)
        except NotHere as refused:
            raise CommandError(refused.message) from None
        deployments = options["deployment"] or [one["id"] for one in accounts.messengers(url)]
        if not deployments:
            raise CommandError("There is no demo deployment. Run manage.py demo first, or name one by --deployment.")
        customers = options["customers"] or max(4, math.ceil(options["rate"] * SPEAKS_EVERY))
        return Plan(url, deployments, options["rate"], max(0.0, options["seconds"]), customers)

    async def _play(self, plan: Plan, ledger: Ledger) -> None:
        traffic = Traffic(plan, ledger, self._tell)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, traffic.stopping.set)
        self._tell(f"{plan.customers} customers write to {plan.base_url}, {plan.rate:g} messages a second.")
        await traffic.run()

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


class _AtWork:
    """Demo agents in a thread of their own, while the block runs."""

    def __init__(self, count: int) -> None:
        self._desks = Desks(count)
        self._stopping = threading.Event()
        # a daemon: agents who wait for a database that hangs don't keep the command
        self._thread = threading.Thread(target=self._desks.work, args=[self._stopping], name="demo-agents", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        self._thread.join(LEAVE_WITHIN)
