"""Every text of the product is there in every language (`manage.py catalogue check` lists what isn't)."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import PoFileError
from django.core.management import CommandError, call_command

from agents.desktop.texts import key_actions, texts
from contactcenter.catalogue import checks, files, sources
from contactcenter.catalogue.compiled import catalogues, compile_stale

Made = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def found() -> Catalog:
    return sources.texts()


@pytest.mark.parametrize("path", catalogues(), ids=files.language_of)
def test_every_text_is_translated_with_its_placeholders(path: Path, found: Catalog) -> None:
    assert checks.complaints(found, files.read(path)) == []


def test_what_the_desks_scripts_say_is_found(found: Catalog) -> None:
    """Under another name for gettext its table would lose its German, and nothing would complain."""
    said = {*texts().values(), *(words for _, words in key_actions())}
    assert len(said) > 80
    assert not [words for words in said if found.get(words) is None]


@pytest.mark.parametrize("path", catalogues(), ids=files.language_of)
def test_a_catalogue_is_written_as_it_is_read(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / files.language_of(path) / "LC_MESSAGES" / "django.po"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(path.read_bytes())
    files.update(copy, files.read(path))
    assert {m.id: m.string for m in files.read(copy)} == {m.id: m.string for m in files.read(path)}


def catalogue(*messages: tuple[str | tuple[str, str], str | tuple[str, str]], **options: object) -> Catalog:
    made = Catalog(locale="de")
    for text, translation in messages:
        made.add(text, translation, **options)
    return made


PLURAL = ("%(n)s file", "%(n)s files")


@pytest.mark.parametrize(
    ("text", "translation", "complaint"),
    [
        ("Send", "Senden", None),
        ("Send", "", "missing"),
        ("To %(name)s", "An %(name)s", None),
        ("To %(name)s", "An %(nam)s", "placeholders"),
        ("To %(name)s", "An alle", "placeholders"),
        ("{length} of {limit}", "{limit} von {length}", None),
        ("{length} of {limit}", "{length} von {most}", "placeholders"),
        ("or a reply ", "oder Antwort", "spaces"),
        ("a <b>bold</b> word", "ein fettes Wort", "placeholders"),
        (PLURAL, ("%(n)s Datei", "%(n)s Dateien"), None),
        (PLURAL, ("%(n)s Datei", "Dateien"), "placeholders"),
        (PLURAL, ("%(n)s Datei", ""), "missing"),
        (PLURAL, ("eine Datei", "%(n)s Dateien"), "placeholders"),
        (("One file", "%(n)s files"), ("Eine Datei", "%(n)s Dateien"), None),
    ],
)
def test_the_check_finds_what_does_not_fit(
    text: str | tuple[str, str], translation: str | tuple[str, str], complaint: str | None
) -> None:
    said = checks.complaints(catalogue((text, "")), catalogue((text, translation)))
    assert said == [] if complaint is None else complaint in said[0]


def test_a_complaint_names_the_context_that_tells_two_texts_apart() -> None:
    found = catalogue(("Look", ""), context="offer")
    assert checks.complaints(found, catalogue(("Look", "Aussehen"))) == [
        "missing: 'Look' in the context 'offer' ()",
        "obsolete: 'Look'",
    ]


def test_the_command_says_what_is_missing_and_fails_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = files.read(catalogues()[0])
    monkeypatch.setattr(sources, "texts", lambda: texts)
    said = StringIO()
    call_command("catalogue", "check", stdout=said)
    assert said.getvalue() == f"{len(texts)} texts, all translated.\n"
    texts.add("A text that nobody has translated")
    with pytest.raises(CommandError, match="1 of"):
        call_command("catalogue", "check", stdout=said)
    assert "de: missing: 'A text that nobody has translated'" in said.getvalue()


def test_a_text_that_is_gone_or_only_guessed_is_found() -> None:
    assert checks.complaints(catalogue(("Send", "")), catalogue(("Send", "Senden"), ("Post", "Post"))) == [
        "obsolete: 'Post'"
    ]
    guessed = catalogue(("Send", "Senden"), flags={"fuzzy"})
    assert checks.complaints(catalogue(("Send", "")), guessed)[0].startswith("fuzzy: 'Send'")


SOURCES = {
    "python.py": (
        "from django.utils.translation import gettext as _\nfrom x import Refused\n\n"
        'def f(n):\n    _("A " "text")\n    ngettext("%d file", "%d files", n)\n    pgettext("verb", "Open")\n'
        '    _(f"{n}")\n    other("Not one")\n'
    ),
    "template.html": (
        '{% load i18n %}\n   {% translate \'Title\' %}\n<p title="{% translate "It\'s" %}">\n'
        "{{ x|default:_('none') }}{% blocktranslate count n=n %}{{ n }} line{% plural %}{{ n }} lines"
        "{% endblocktranslate %} Not one\n"
    ),
}
EXPECTED = {
    "python.py": {("A text", None), (("%d file", "%d files"), None), ("Open", "verb")},
    "template.html": {("Title", None), ("It's", None), ("none", None), (("%(n)s line", "%(n)s lines"), None)},
}


@pytest.mark.parametrize("name", SOURCES)
def test_texts_are_found_where_gettext_is_asked_and_nowhere_else(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(SOURCES[name])
    assert {(text, context) for text, context, _ in sources.texts_of(path)} == EXPECTED[name]


def test_what_errors_say_is_found_but_not_the_guest_protocol_s(tmp_path: Path) -> None:
    (tmp_path / "errors.py").write_text('class Refused(ContactCentreError):\n    """Not now."""\n')
    user = 'class Late(Refused):\n    """Too late."""\n\nraise Late("After six.") from ValueError("no")\n'
    (tmp_path / "messenger").mkdir()
    for path in (tmp_path / "actions.py", tmp_path / "messenger" / "session.py"):
        path.write_text(user)
    found = [text for _, text in sources.refusals(sorted(tmp_path.rglob("*.py"), reverse=True))]
    assert sorted(found) == ["After six.", "Not now.", "Too late."]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(text: str, translation: str) -> Path:
        path = tmp_path / "de" / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, catalogue((text, translation)))
        return path

    return make


def test_a_catalogue_is_compiled_when_it_changed_and_only_then(made: Made, tmp_path: Path) -> None:
    made("Send", "Senden")
    assert [path.name for path in compile_stale(tmp_path)] == ["django.mo"]
    assert compile_stale(tmp_path) == []
    first = (tmp_path / "de/LC_MESSAGES/django.mo").read_bytes()
    made("Send", "Abschicken")
    assert compile_stale(tmp_path) != []
    assert (tmp_path / "de/LC_MESSAGES/django.mo").read_bytes() != first
    assert [path.name for path in (tmp_path / "de/LC_MESSAGES").iterdir() if path.name.startswith(".")] == []


def test_a_broken_catalogue_is_not_read_in_silence(made: Made) -> None:
    path = made("Send", "Senden")
    path.write_text('msgid "Send"\nmsgid "Send" "\n')
    with pytest.raises(PoFileError):
        files.read(path)


def test_a_translation_stays_with_its_text_only(made: Made) -> None:
    path = made("Send", "Senden")
    files.update(path, catalogue(("Send", ""), ("Reply", "")))
    assert {m.id: m.string for m in files.read(path) if m.id} == {"Send": "Senden", "Reply": ""}
    files.update(path, catalogue(("Send it", "")))
    assert {m.id: m.string for m in files.read(path) if m.id} == {"Send it": ""}
