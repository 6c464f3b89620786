"""`manage.py demo`: the demo company and its past week, made once."""

from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable

from django.core.management.base import BaseCommand

from contactcenter.demo import accounts, company, week


def _upto(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) > most:
            raise ArgumentTypeError(f"a number from 0 to {most}")
        return int(text)

    return number


class Command(BaseCommand):
    help = "Makes the demo company and its past week, if they aren't there yet."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        most = week.MOST_CONVERSATIONS
        parser.add_argument(
            "--conversations",
            type=_upto(most),
            default=week.CONVERSATIONS,
            help=f"how many customers wrote in these days (up to {most}, default {week.CONVERSATIONS}; 0: no past)",
        )
        parser.add_argument("--days", type=_upto(28), default=week.DAYS, help="how many days back (default 7)")
        parser.add_argument("--seed", type=int, default=week.SEED, help="another number makes another week")

    def handle(self, *, conversations: int, days: int, seed: int, **_options: object) -> None:
        began = time.monotonic()
        if not self._company():
            return
        if conversations and days and not week.is_there():
            made = week.make_week(conversations=conversations, days=days, seed=seed, tell=self.stdout.write)
            self.stdout.write(f"The past {days} days: {made} conversations, {time.monotonic() - began:.1f} s.")

    def _company(self) -> bool:
        """Make the company, or see that its accounts have the password that is printed. False: not in this database."""
        kept, password = accounts.kept_password(), accounts.wanted_password()
        if not company.is_founded():
            try:
                company.do_found(password)
            except company.NotEmpty as refused:
                self.stdout.write(refused.message)
                return False
            self.stdout.write("The demo company is there.")
        elif password != kept:
            company.do_change_password(password)
            self.stdout.write("The demo accounts have a new password.")
        accounts.keep(password)
        return True
