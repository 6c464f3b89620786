"""Rules of the house that a file can break by itself, each with a snippet that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import (
    ROOT,
    calls,
    complaints,
    complaints_about,
    dotted,
    each,
    last_name,
    product,
    text,
    where,
)

# --- broad excepts -------------------------------------------------------------------------------

BROAD = {"Exception", "BaseException"}


def unnamed_broad_excepts(source: str) -> Iterator[str]:
    """`except`, `except Exception` without `# a named edge` on their line."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            line = lines[node.lineno - 1]
            yield from [] if "# a named edge" in line else [f"{node.lineno}: {line.strip()}"]


def _is_broad(caught: ast.expr | None) -> bool:
    each_caught = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(one is None or last_name(one) in BROAD for one in each_caught)


@each(product())
def test_errors_are_caught_broadly_only_at_named_edges(path: Path) -> Iterable[str]:
    return [f"{where(path)}:{complaint}" for complaint in unnamed_broad_excepts(text(path))]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("except Exception:", 1),
        ("except:", 1),
        ("except (ValueError, BaseException) as error:", 1),
        ("except Exception:  # a named edge: the store may be gone", 0),
        ("except ValueError:", 0),
    ],
)
def test_the_check_finds_an_unnamed_broad_except(line: str, found: int) -> None:
    assert len(list(unnamed_broad_excepts(f"try:\n    pass\n{line}\n    pass"))) == found


# --- log lines -----------------------------------------------------------------------------------

LEVELS = ("debug", "info", "warning", "error", "exception", "critical")


def made_words(module: ast.Module) -> Iterator[str]:
    """Calls of `log` whose words aren't constant: these go to the error tracker, and into searches."""
    for call in calls(module, *LEVELS):
        if dotted(call.func).split(".")[0] == "log" and not (call.args and isinstance(call.args[0], ast.Constant)):
            yield f"{call.lineno}: the words of a log line are constant, values are keywords"


@each([path for path in product() if "log." in text(path)])
def test_the_words_of_a_log_line_are_constant(path: Path) -> list[str]:
    return complaints(made_words, path)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('log.error(f"no {name}")', 1),
        ("log.exception(str(error))", 1),
        ('log.warning("no name", name=name)', 0),
        ("messages.error(request, said)", 0),
    ],
)
def test_the_check_finds_words_that_are_made(line: str, found: int) -> None:
    assert len(complaints_about(made_words, line)) == found


# --- locks ---------------------------------------------------------------------------------------


def vague_locks(module: ast.Module) -> Iterator[str]:
    for call in calls(module, "select_for_update"):
        missing = {"of", "no_key"} - {keyword.arg for keyword in call.keywords}
        if missing:
            yield f"{call.lineno}: select_for_update without {', '.join(sorted(missing))}"


@each(product())
def test_a_lock_says_what_and_how_strong(path: Path) -> Iterable[str]:
    return complaints(vague_locks, path)


@pytest.mark.parametrize(
    ("snippet", "found"),
    [
        ("rows.select_for_update()", 1),
        ("rows.filter(a=1).select_for_update(skip_locked=True, of=('self',))", 1),
        ("rows.select_for_update(of=('self',), no_key=True)", 0),
    ],
)
def test_the_check_finds_a_vague_lock(snippet: str, found: int) -> None:
    assert len(complaints_about(vague_locks, snippet)) == found


# --- the live layer ------------------------------------------------------------------------------

LIVE = ROOT / "contactcenter/kernel/live.py"


def group_sends(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr == "group_send":
            yield f"{node.lineno}: group_send, use kernel.live.publish"


@each([path for path in product() if path != LIVE])
def test_only_the_live_layer_sends_to_groups(path: Path) -> Iterable[str]:
    return complaints(group_sends, path)


def test_the_check_finds_a_send_to_a_group() -> None:
    assert complaints(group_sends, LIVE), "the live layer itself does"
    assert complaints_about(group_sends, "async_to_sync(layer.group_send)('a', {})")
    assert not complaints_about(group_sends, "live.publish('agent:1', {})")


# --- writes --------------------------------------------------------------------------------------

WRITES = {"save", "update", "create", "delete", "get_or_create", "update_or_create"}
WRITES |= {"asave", "aupdate", "acreate", "adelete", "aget_or_create", "aupdate_or_create"}


def writes(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name in WRITES or name.startswith(("bulk_", "abulk_")):
                yield f"{node.lineno}: .{name}( belongs in an action"


def _looks_only(path: Path) -> bool:
    parts = {*path.relative_to(ROOT).parts[:-1], path.stem}
    return bool(parts & {"views", "consumers", "templatetags"})


@each([path for path in product() if _looks_only(path)])
def test_views_consumers_and_tags_write_nothing(path: Path) -> Iterable[str]:
    return complaints(writes, path)


@pytest.mark.parametrize(
    "snippet", ["form.save()", "A.objects.filter(a=1).update(a=2)", "A.objects.bulk_create([])", "row.delete()"]
)
def test_the_check_finds_a_write(snippet: str) -> None:
    assert len(complaints_about(writes, snippet)) == 1


def test_the_check_leaves_an_action_alone() -> None:
    assert not complaints_about(writes, "do_accept(offer, request.user)\nOffer.objects.get(pk=1)")


def test_the_check_looks_at_folders_and_files_of_views() -> None:
    looked_at = ["agents/views.py", "agents/views/login.py", "routing/consumers.py", "agents/templatetags/a.py"]
    assert all(_looks_only(ROOT / path) for path in looked_at)
    assert not _looks_only(ROOT / "routing/actions/offers.py")


# --- the clock -----------------------------------------------------------------------------------

CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "time.time")
IMPORTED_CLOCKS = ("time.time", "django.utils.timezone.now")
MAY_ASK = ("contactcenter/kernel/clock.py", "contactcenter/up/")


def clocks(module: ast.Module) -> Iterator[str]:
    """Names of a clock, called or handed on (`default=timezone.now`), or imported by themselves."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and dotted(node).endswith(CLOCKS) and _whole_name(dotted(node)):
            yield f"{node.lineno}: {dotted(node)}, take `now` from the caller"
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                if f"{node.module}.{name.name}" in IMPORTED_CLOCKS:
                    yield f"{node.lineno}: import of {node.module}.{name.name}"


def _whole_name(name: str) -> bool:
    return any(name == clock or name.endswith(f".{clock}") for clock in CLOCKS)


@each([path for path in product() if not where(path).startswith(MAY_ASK)])
def test_only_the_kernels_clock_asks_for_the_time(path: Path) -> Iterable[str]:
    return complaints(clocks, path)


@pytest.mark.parametrize(
    "snippet",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "field(default=timezone.now)",
        "django.utils.timezone.now()",
        "time.time()",
        "date.today()",
        "from django.utils.timezone import now",
        "from time import time",
    ],
)
def test_the_check_finds_another_clock(snippet: str) -> None:
    assert complaints_about(clocks, snippet)


@pytest.mark.parametrize(
    "snippet", ["clock.now()", "time.monotonic()", "tx.now", "datetime.fromisoformat(x)", "from datetime import time"]
)
def test_the_check_leaves_what_is_no_clock_alone(snippet: str) -> None:
    assert not complaints_about(clocks, snippet)


# --- what guests and providers may read ----------------------------------------------------------

OUTWARD = [*product("messenger/**/*.py"), *product("adapters/**/*.py")]
MANAGERS = {"objects", "_default_manager", "_base_manager"}
READS = {"all", "filter", "exclude", "get", "first", "last", "earliest", "latest", "order_by", "values", "values_list"}
SAFE = {"public", "told"}  # `told` is public ones and the kinds of system lines, see the model
READS |= {"since", "count", "exists", "iterator", "in_bulk", "aggregate", "annotate", "select_related", "aget"}


def unfiltered_messages(module: ast.Module) -> Iterator[str]:
    """Messages that are read otherwise than by `.public()`: by manager, by relation, whole, or by SQL."""
    ours = _imports_message(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and _unfiltered(node.value, node.attr, ours=ours):
            yield f"{node.lineno}: {dotted(node)} without .public()"
        if isinstance(node, ast.Call) and ours and _hands_on(node):
            yield f"{node.lineno}: Message handed to {last_name(node.func)}"
        if isinstance(node, ast.Constant) and "channels_app_message " in f"{node.value} ":
            yield f"{node.lineno}: SQL over messages"


def _hands_on(call: ast.Call) -> bool:
    tells = last_name(call.func) in {"isinstance", "issubclass"}
    return not tells and any(_is_message(argument) for argument in call.args)


def _unfiltered(of: ast.expr, then: str, *, ours: bool) -> bool:
    if not isinstance(of, ast.Attribute):
        return False
    by_manager = ours and of.attr in MANAGERS and _is_message(of.value)
    by_relation = of.attr in {"messages", "message_set"} and then in READS
    return by_relation or (by_manager and then not in SAFE)


def _is_message(node: ast.expr) -> bool:
    return last_name(node) == "Message"


def _imports_message(module: ast.Module) -> bool:
    """Our model, rather than a frame or a payload of that name."""
    imports = [node for node in ast.walk(module) if isinstance(node, ast.Import | ast.ImportFrom)]
    return any("channels_app" in ast.unparse(node) and "models" in ast.unparse(node) for node in imports)


@each(OUTWARD)
def test_guest_and_provider_code_reads_only_public_messages(path: Path) -> Iterable[str]:
    return complaints(unfiltered_messages, path)


@pytest.mark.parametrize(
    "snippet",
    [
        "from channels_app.models import Message\nMessage.objects.filter(a=1)",
        "from channels_app.models import Message\nMessage.objects.since(1).public()",
        "from channels_app import models\nmodels.Message._default_manager.all()",
        "from channels_app.models import Message\nget_object_or_404(Message, pk=1)",
        "conversation.messages.filter(seq__gt=1)",
        "cursor.execute('SELECT * FROM channels_app_message WHERE seq > 1')",
    ],
)
def test_the_check_finds_an_unfiltered_read(snippet: str) -> None:
    assert complaints_about(unfiltered_messages, snippet)


@pytest.mark.parametrize(
    "snippet",
    [
        "from channels_app.models import Message\nMessage.objects.public().filter(a=1)",
        "from channels_app.models import Message\nMessage.objects.told(())",
        "conversation.messages.public().since(1)",
        "from channels_app.models import Message\nisinstance(row, Message)",
        "class Message: pass\nMessage.objects.all()",
        "frame.messages.append(1)",
    ],
)
def test_the_check_leaves_public_reads_alone(snippet: str) -> None:
    assert not complaints_about(unfiltered_messages, snippet)


# --- tests leave what migrations made ----------------------------------------------------------------

THROWS_AWAY = re.compile(r"call_command\(\s*.flush\b|django_db\([^)]*transaction=True|\bTransactionTestCase\b")
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path.parent.name != "architecture")


@each(TESTS)
def test_no_test_throws_away_what_migrations_made(path: Path) -> Iterable[str]:
    """The order of tests is shuffled: one that misses a migration's row fails now and then, far from the cause."""
    thrown = THROWS_AWAY.findall(text(path))
    return [f"{where(path)}: {one}: ask for the fixture transactional_db, or call empty_database" for one in thrown]


@pytest.mark.parametrize("line", ['call_command("flush", verbosity=0)', "@pytest.mark.django_db(transaction=True)"])
def test_the_check_finds_a_flush(line: str) -> None:
    assert THROWS_AWAY.search(line)
