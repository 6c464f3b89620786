"""The language that somebody reads."""

from __future__ import annotations

import uuid

from agents.models import User
from contactcenter.kernel.db import Tx, action


@action
def do_choose_language(tx: Tx, user_id: uuid.UUID, language: str) -> None:
    """`language` is one of the settings' LANGUAGES, or empty for what the browser asks for."""
    User.objects.filter(pk=user_id).update(locale=language)
