"""How tests import and export: a file is uploaded, checked, applied, and comes back out."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.models import Skill, Team, User
from agents.roles import Role
from routing.models import WrapUpCode
from tests.admin.pages import member, said, url

USERS, SKILLS, QUEUES = "agents_user", "agents_skill", "routing_queue"


def upload(desk: Client, model: str, content: str | bytes) -> Any:
    """A file to the import; what it says: the check, or why the file can't be read."""
    data = content if isinstance(content, bytes) else content.encode()
    sent = {"file": SimpleUploadedFile("list.csv", data, "text/csv")}
    return desk.post(url(model, "sheet_import"), sent, follow=True)


def apply(desk: Client, model: str, checked: Any) -> Any:
    """Agree with what was shown."""
    found = re.search(r'name="fingerprint" value="(\w+)"', checked.content.decode())
    assert found, said(checked)
    return desk.post(url(model, "sheet_check"), {"fingerprint": found[1]}, follow=True)


def line(answer: Any) -> str:
    return re.sub(r"\s+", " ", said(answer))


def exported(desk: Client, model: str) -> bytes:
    return b"".join(desk.get(url(model, "sheet_export")))


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def people_there() -> None:
    Team.objects.create(name="Service")
    Skill.objects.create(name="German")
    Skill.objects.create(name="Returns")


def queues_there() -> tuple[User, User]:
    WrapUpCode.objects.create(name="Solved")
    return member("Ana", Role.AGENT), member("Ben", Role.AGENT)
