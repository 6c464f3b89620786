"""What a channel of the test provider is set up with."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_noop
from pydantic import Field, SecretStr

from channels_app.adapters.base import Settings as Base

_TEXT_LIMIT = 4000


class Settings(Base):
    secret: Annotated[
        SecretStr,
        Field(title=gettext_noop("Secret"), description=gettext_noop("Signs what comes in and what goes out.")),
    ] = SecretStr("")
    verify_token: Annotated[
        SecretStr,
        Field(title=gettext_noop("Verify token"), description=gettext_noop("Asked for when the webhook is set up.")),
    ] = SecretStr("")
    send_url: Annotated[
        str,
        Field(
            title=gettext_noop("Send address"),
            description=gettext_noop("Where messages go. Empty: they are only counted as sent."),
            pattern=r"^(https?://.+)?$",
        ),
    ] = ""
    api_url: Annotated[
        str,
        Field(
            title=gettext_noop("API address"),
            description=gettext_noop("Where files, names, signals, tokens and the account are asked for."),
            pattern=r"^(https?://.+)?$",
        ),
    ] = ""
    app: Annotated[
        str,
        Field(title=gettext_noop("App"), description=gettext_noop("Channels of one app pause together.")),
    ] = ""
    idempotent: Annotated[
        bool,
        Field(
            title=gettext_noop("Knows idempotency keys"),
            description=gettext_noop("A message whose outcome isn't known is simply sent again."),
        ),
    ] = False
    text_limit: Annotated[
        int,
        Field(
            title=gettext_noop("Characters in a text"),
            description=gettext_noop("Longer texts are refused."),
            ge=1,
            le=100_000,
        ),
    ] = _TEXT_LIMIT
    per_minute: Annotated[
        int,
        Field(
            title=gettext_noop("Messages a minute"),
            description=gettext_noop("More wait for their turn. 0: no limit."),
            ge=0,
            le=100_000,
        ),
    ] = 0
