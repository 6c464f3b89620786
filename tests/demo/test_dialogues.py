"""What people of the demo say can be said: every line can be filled in, every queue and code is the company's."""

from __future__ import annotations

import random

import pytest

from contactcenter.demo import company
from contactcenter.demo.dialogues import Dialogue, Said, details, read_line, texts

QUEUES = {line.name: line for line in company.QUEUES}
every_dialogue = pytest.mark.parametrize(
    "dialogue", texts().dialogues, ids=[f"{n}-{one.queue}-{one.language}" for n, one in enumerate(texts().dialogues)]
)


@every_dialogue
def test_every_line_can_be_filled_in(dialogue: Dialogue) -> None:
    known = details(dialogue.language, random.Random(1))
    for said in (*dialogue.lines, *dialogue.later):
        assert "{" not in said.text.format(name="Jonas", agent="Ana", **known)


@every_dialogue
def test_a_customer_begins_and_an_agent_answers(dialogue: Dialogue) -> None:
    for lines in filter(None, (dialogue.lines, dialogue.later)):
        assert lines[0].kind == "customer"
        assert any(said.kind == "agent" for said in lines)
        assert "{agent}" not in lines[0].text


@every_dialogue
def test_queues_and_codes_are_the_companys(dialogue: Dialogue) -> None:
    transfers = [said.queue for said in dialogue.lines if said.kind == "transfer"]
    assert dialogue.code in QUEUES[transfers[-1] if transfers else dialogue.queue].codes
    assert set(transfers) <= set(QUEUES)


@pytest.mark.parametrize("door", company.DOORS, ids=lambda door: door.name)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_channel_has_something_to_talk_about_in_both_languages(door: company.Door, language: str) -> None:
    assert len(texts().of(door.queue, language)) >= 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c Hello there", Said("customer", "Hello there")),
        ("a Which one? [This | That one]", Said("agent", "Which one?", choices=("This", "That one"))),
        ("t Billing | twice", Said("transfer", "twice", queue="Billing")),
        ("p", Said("park")),
    ],
)
def test_a_line_is_read_by_its_first_letter(line: str, said: Said) -> None:
    assert read_line(line) == said


def test_a_line_with_another_letter_is_refused() -> None:
    with pytest.raises(KeyError):
        read_line("x what is this")
