"""What the contract's suite reads: the samples of each kind, which lie in its adapter's folder.

`samples/in/*.json`: a request as a provider sends it, and what is in it:

    {"settings": {…}, "account": "acme", "method": "POST", "headers": {…}, "body": {…} or "text",
     "expect": [{"value": "InboundMessage", "key": "m1", …only the fields that are compared…}]}

`samples/out/*.json`: a message of ours, and the calls that bring it:

    {"settings": {…}, "message": {"text": "…", "content": […]}, "parts": [{…}, …]}

To write the parts of a new sample: `CC_UPDATE_SAMPLES=1`, and read the diff.
"""

from __future__ import annotations

import dataclasses
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from channels_app.adapters.base import Account, Adapter, WebhookRequest, secret_names
from channels_app.adapters.registry import adapter_for, kinds
from channels_app.adapters.values import Outgoing, OutgoingFile
from tests.architecture.sources import ROOT

FOLDER = ROOT / "channels_app/adapters"
UPDATE = bool(os.environ.get("CC_UPDATE_SAMPLES"))
#: secrets that must never be seen where they don't belong
SECRET = "s3cret-of-the-contract-suite"


def providers() -> list[str]:
    """Kinds whose adapter talks to a provider."""
    return [kind for kind in kinds() if not adapter_for(kind).capabilities.sessions]


def samples(direction: str) -> Iterator[tuple[str, Path]]:
    for kind in providers():
        for path in sorted((FOLDER / kind / "samples" / direction).glob("*.json")):
            yield kind, path


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def account_of(adapter: Adapter[Any], sample: Mapping[str, Any]) -> Account[Any]:
    """A channel with the sample's settings, and a secret wherever the kind keeps one."""
    secrets = dict.fromkeys(secret_names(adapter), SECRET)
    given = adapter.settings.model_validate({**secrets, **sample.get("settings", {})})
    return Account(uuid.UUID(int=1), sample.get("account", "acme"), given)


def request_of(sample: Mapping[str, Any]) -> WebhookRequest:
    body = sample["body"] if isinstance(sample["body"], str) else json.dumps(sample["body"], ensure_ascii=False)
    return WebhookRequest(
        method=sample.get("method", "POST"),
        url=sample.get("url", "https://contact.example/webhooks/x/"),
        query=sample.get("query", {}),
        headers=sample.get("headers", {}),
        body=body.encode(),
    )


def outgoing_of(sample: Mapping[str, Any]) -> Outgoing:
    given = dict(sample["message"])
    files = {
        one["id"]: OutgoingFile(
            one["id"], one["url"], one.get("filename", "file"), one.get("mime", ""), one.get("size") or 0
        )
        for one in given.get("content", ())
        if one["type"] == "attachment"
    }
    fixed = {"idempotency_key": "00000000-0000-4000-8000-000000000001", "to": "jonas", "to_kind": "user"}
    return Outgoing(**{**fixed, "thread_key": "", "text": "", "content": (), **given, "files": files})


def plain(value: Any) -> Any:
    """A value as JSON: what samples are compared with."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def differences(expected: Any, found: Any, at: str = "") -> list[str]:
    """Where what was found isn't what was expected; of objects only the fields that are named are compared."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [line for key in expected for line in differences(expected[key], found.get(key), f"{at}.{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for number, (one, other) in pairs for line in differences(one, other, f"{at}[{number}]")]
    return [] if expected == found else [f"{at}: {found!r} isn't {expected!r}"]
