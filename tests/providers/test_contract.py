"""The contract of `channels_app.adapters.base`, asked of every kind of channel: by its samples and by rubbish."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from channels_app.actions import payloads
from channels_app.adapters.base import Adapter, secret_names
from channels_app.adapters.errors import BadPayload, BadSignature, NotAccepted
from channels_app.adapters.registry import adapter_for
from channels_app.adapters.values import Ignored, Outgoing
from channels_app.models import Channel, InboundPayload, Message
from tests.providers import contract

every_provider = pytest.mark.parametrize("kind", contract.providers())
every_request = pytest.mark.parametrize(
    ("kind", "path"), list(contract.samples("in")), ids=lambda one: one.stem if isinstance(one, Path) else one
)
every_message = pytest.mark.parametrize(
    ("kind", "path"), list(contract.samples("out")), ids=lambda one: one.stem if isinstance(one, Path) else one
)


def adapter_and(kind: str, path: Path) -> tuple[Adapter[Any], dict[str, Any]]:
    return adapter_for(kind), contract.read(path)


# --- in


@every_request
def test_a_sample_says_what_stands_in_it(kind: str, path: Path) -> None:
    adapter, sample = adapter_and(kind, path)
    found = adapter.parse(contract.request_of(sample), contract.account_of(adapter, sample))
    told = [{"value": type(one).__name__, **contract.plain(one)} for one in found]
    assert told, "a request says something, or why it is ignored"
    assert contract.differences(sample["expect"], told) == []


@every_request
def test_what_is_ignored_is_never_a_customers_word(kind: str, path: Path) -> None:
    adapter, sample = adapter_and(kind, path)
    found = adapter.parse(contract.request_of(sample), contract.account_of(adapter, sample))
    assert all("text" not in one.what for one in found if isinstance(one, Ignored))


def channel_for(kind: str, sample: dict[str, Any]) -> Channel:
    secrets = dict.fromkeys(secret_names(adapter_for(kind)), contract.SECRET)
    return Channel.objects.create(
        kind=kind,
        name=f"{kind} {Channel.objects.count()}",
        account_id=sample.get("account", "acme"),
        settings=sample.get("settings", {}),
        secrets=secrets,
    )


def taken(channel: Channel, sample: dict[str, Any], *, backwards: bool = False) -> payloads.Taken:
    request = contract.request_of(sample)
    found = list(channel.adapter.parse(request, channel.account))
    raw = payloads.redacted(request, channel, channel.account)
    return payloads.take(channel, raw, found[::-1] if backwards else found)


def thread() -> list[tuple[Any, ...]]:
    rows = Message.objects.exclude(kind="system").order_by("metadata___sent_at", "text", "direction")
    return sorted(
        (one.direction, one.text, one.removed_at is None, [item["type"] for item in one.content]) for one in rows
    )


@pytest.mark.django_db
@every_request
def test_a_request_that_comes_twice_changes_nothing_the_second_time(kind: str, path: Path) -> None:
    sample = contract.read(path)
    channel = channel_for(kind, sample)
    taken(channel, sample)
    before = thread()
    again = taken(channel, sample)
    assert thread() == before
    assert again.state in {InboundPayload.State.APPLIED, InboundPayload.State.WAITING}


@pytest.mark.django_db
@every_request
def test_in_whatever_order_its_parts_come_the_end_is_the_same(kind: str, path: Path) -> None:
    sample = contract.read(path)
    before = transaction.savepoint()
    taken(channel_for(kind, sample), sample)
    right = thread()
    transaction.savepoint_rollback(before)
    channel = channel_for(kind, sample)
    taken(channel, sample, backwards=True)
    for payload_id in InboundPayload.objects.filter(channel=channel, state="waiting").values_list("id", flat=True):
        payloads.replay(payload_id)
    assert thread() == right


_WORDS = st.sampled_from(["account", "events", "type", "id", "from", "to", "message", "text", "at"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=8,
)
_NEARLY = st.fixed_dictionaries({"events": st.lists(st.dictionaries(_WORDS, _JSON, max_size=5), max_size=2)})


@every_provider
@given(body=st.binary(max_size=100) | (_JSON | _NEARLY).map(lambda value: json.dumps(value).encode()))
def test_rubbish_is_refused_as_such(kind: str, body: bytes) -> None:
    adapter = adapter_for(kind)
    request = replace(contract.request_of({"body": ""}), body=body)
    with suppress(BadPayload):
        adapter.parse(request, contract.account_of(adapter, {}))
    with suppress(BadPayload):
        adapter.accounts(request)


@every_provider
@pytest.mark.parametrize("headers", [{}, {"x-fake-signature": "sha256=00"}, {"authorization": contract.SECRET}])
def test_what_isnt_signed_is_refused(kind: str, headers: dict[str, str]) -> None:
    adapter = adapter_for(kind)
    sample: dict[str, Any] = {"body": {"events": []}, "headers": headers}
    with pytest.raises(BadSignature):
        adapter.verify(contract.request_of(sample), contract.account_of(adapter, sample))


# --- out


@every_message
def test_a_message_is_rendered_as_its_golden_file_says(kind: str, path: Path) -> None:
    adapter, sample = adapter_and(kind, path)
    parts = adapter.render(contract.outgoing_of(sample), contract.account_of(adapter, sample))
    told = [contract.plain(part.body) | ({"_files": list(part.files)} if part.files else {}) for part in parts]
    if contract.UPDATE:
        path.write_text(json.dumps({**sample, "parts": told}, indent=2, ensure_ascii=False) + "\n")
        return
    assert told == sample["parts"]


@every_message
def test_rendering_is_pure_and_tells_no_secret(kind: str, path: Path) -> None:
    adapter, sample = adapter_and(kind, path)
    message, account = contract.outgoing_of(sample), contract.account_of(adapter, sample)
    first, second = adapter.render(message, account), adapter.render(message, account)
    assert first == second
    assert contract.SECRET not in json.dumps(contract.plain(first))


_ITEMS: dict[str, dict[str, Any]] = {
    "attachment": {"type": "attachment", "id": "f1", "url": "https://contact.example/files/f1", "filename": "a.pdf"},
    "quick_replies": {"type": "quick_replies", "items": [{"text": "Yes", "payload": "yes"}]},
    "card": {"type": "card", "title": "Rain jacket", "description": "Blue"},
    "carousel": {"type": "carousel", "cards": [{"type": "card", "title": "Rain jacket", "description": "Blue"}]},
}


@every_provider
def test_each_kind_of_content_that_it_claims_is_rendered_and_no_other_is_dropped_in_silence(kind: str) -> None:
    adapter = adapter_for(kind)
    account = contract.account_of(adapter, {})
    for name, item in _ITEMS.items():
        message = contract.outgoing_of({"message": {"content": [item]}})
        if name in adapter.capabilities_of(account).content:
            assert adapter.render(message, account)
            continue
        with pytest.raises(NotAccepted):
            adapter.render(message, account)


@every_provider
def test_a_text_takes_a_part(kind: str) -> None:
    adapter = adapter_for(kind)
    message: Outgoing = contract.outgoing_of({"message": {"text": "Hello"}})
    assert adapter.render(message, contract.account_of(adapter, {}))


# --- the admin's side


@every_provider
def test_each_setting_has_a_name_and_a_help_text(kind: str) -> None:
    for name, field in adapter_for(kind).settings.model_fields.items():
        assert field.title, f"{kind}: {name} has no title"
        assert field.description, f"{kind}: {name} has no description"
        assert str(field.description).endswith(".")


@every_provider
def test_each_kind_has_samples_of_both_directions(kind: str) -> None:
    for direction in ("in", "out"):
        assert any(one == kind for one, _ in contract.samples(direction)), f"{kind}/samples/{direction} is empty"


def test_the_comparison_finds_a_difference() -> None:
    assert contract.differences([{"a": 1}], [{"a": 1, "b": 2}]) == []
    assert contract.differences([{"a": 1}], [{"a": 2}]) == ["[0].a: 2 isn't 1"]
    assert contract.differences([1], [1, 2]) == [": [1, 2] isn't [1]"]
