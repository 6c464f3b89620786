"""`python -m benchmarks [name …]`: run them all, or these; print the table and keep it."""

from __future__ import annotations

import json
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import figures, machine
from benchmarks.stand import Stand, StandError, work

RESULTS = Path(__file__).parent / "results"
#: the longest that each may take, in seconds
NAMES = {
    "inbound": 90, "guest": 120, "desk": 120, "idle": 180, "page": 90, "switch": 300, "screen": 150, "memory": 900,
    "matching": 300,
}  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    parser = ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}; all without one")
    parser.add_argument("--no-save", action="store_false", dest="save", help="print only")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stand is taken down
    facts = machine.facts()
    outcomes, failures = measure(options.names or list(NAMES))
    found = [figure for outcome in outcomes.values() for figure in outcome.figures]
    print(figures.as_text(figures.table(found)))
    if options.save and found:
        print(f"\n{save(RESULTS, facts, outcomes)}")
    return 1 if failures else 0


def measure(
    names: Sequence[str], sizes: dict[str, dict[str, Any]] | None = None
) -> tuple[dict[str, figures.Outcome], list[str]]:
    """Each on a fresh stand. One that fails is named on standard error, and the others run."""
    outcomes: dict[str, figures.Outcome] = {}
    failures = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            with Stand() as stand:
                outcomes[name] = figures.load(work(name, stand, (sizes or {}).get(name, {}), NAMES[name]))
        except StandError as error:
            failures.append(name)
            print(error, file=sys.stderr)
    return outcomes, failures


def save(folder: Path, facts: dict[str, Any], outcomes: dict[str, figures.Outcome]) -> Path:
    """Write `<date>-<commit>.md` and `.json`. :returns: the first."""
    found = [figure for outcome in outcomes.values() for figure in outcome.figures]
    readable = folder / f"{facts['date'][:10]}-{facts['commit']}.md"
    readable.parent.mkdir(parents=True, exist_ok=True)
    readable.write_text(figures.as_markdown(found, facts))
    rows = [asdict(figure) | {"ratio": figure.ratio, "passed": figure.passed} for figure in found]
    details = {name: outcome.details for name, outcome in outcomes.items()}
    readable.with_suffix(".json").write_text(
        json.dumps({"facts": facts, "figures": rows, "details": details}, indent=1, ensure_ascii=False) + "\n"
    )
    return readable


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
