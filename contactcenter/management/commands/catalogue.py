"""`manage.py catalogue`: the product's texts in other languages."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from contactcenter.catalogue.compiled import catalogues, compile_stale


class Command(BaseCommand):
    help = "update: take the sources' texts into each .po; check: list what is missing or wrong; compile: make the .mo"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=("update", "check", "compile"))

    def handle(self, *, what: str, **_options: object) -> None:
        if what == "update":
            self._update()
        if what == "compile":
            self._say_made(compile_stale())
        else:
            self._check()

    def _update(self) -> None:
        from contactcenter.catalogue import files, sources

        found = sources.texts()
        for path in catalogues():
            files.update(path, found)

    def _check(self) -> None:
        from contactcenter.catalogue import checks, files, sources

        found = sources.texts()
        wrong = [
            f"{files.language_of(path)}: {one}"
            for path in catalogues()
            for one in checks.complaints(found, files.read(path))
        ]
        for complaint in wrong:
            self.stdout.write(complaint)
        if wrong:
            raise CommandError(f"{len(wrong)} of {len(found)} texts need a translator.")
        self.stdout.write(f"{len(found)} texts, all translated.")

    def _say_made(self, made: list[Path]) -> None:
        for path in made:
            self.stdout.write(f"{path.parent.parent.name}: {path.name} made")
