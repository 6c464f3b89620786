"""What browsers need of npm: fetched by the lockfile, bundled by esbuild, kept in the data folder.

Each file in `static/bundles/` is an entry, what belongs to it lies in folders below: all that it imports is packed into
one file. Browsers get that under the entry's own address, or a 404, and then the page does without
(`static/design/bundle.js`). `up` builds beside the start, with `python -m contactcenter.up.bundles`; what is built for
the present lockfile and entries is kept, so a second start builds nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from contactcenter.up import node
from contactcenter.up.config import ROOT, UpError, read_config

ENTRIES = ROOT / "static" / "bundles"
DEFINED = ("package.json", "package-lock.json", ".npmrc")
ESBUILD = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--legal-comments=eof",
    "--log-level=warning",
)


@cache
def fingerprint() -> str:
    """Of all that a build depends on, 16 hex digits."""
    files = sorted(path for path in ENTRIES.rglob("*") if path.is_file())
    return _digest(ROOT / "package-lock.json", *files, more="\n".join(ESBUILD))


def built(data: Path, name: str) -> Path | None:
    """The file that was built of an entry, e.g. `idiomorph.js`; None while there is none, and for all other names."""
    folder = data / "bundles" / fingerprint()
    return folder / name if folder.is_dir() and name in {path.name for path in folder.iterdir()} else None


def are_built(data: Path) -> bool:
    """Whether there is nothing left to build."""
    return (data / "bundles" / fingerprint()).is_dir()


def build(data: Path) -> None:
    """Once for what is there now; several may build at the same time. Raises UpError with the reason."""
    if are_built(data):
        return
    found = node.find_or_install()
    if found is None:
        raise UpError(node.NONE)
    packages = (ROOT if _has_packages(ROOT) else _fetched(found, data)) / "node_modules"

    def bundle(fresh: Path) -> None:
        entries = [str(path) for path in sorted(ENTRIES.glob("*.js"))]
        esbuild = ["node", str(packages / "esbuild" / "bin" / "esbuild"), *entries, f"--outdir={fresh}", *ESBUILD]
        if found.run(esbuild, NODE_PATH=str(packages)):  # entries lie elsewhere than the packages
            raise UpError("esbuild could not build the bundles.")

    _kept(data / "bundles" / fingerprint(), bundle)


def _has_packages(folder: Path) -> bool:
    """Whether this folder's packages are those of the lockfile, as npm notes it down; development's may miss."""
    try:
        there = json.loads((folder / "node_modules" / ".package-lock.json").read_text())["packages"]
    except OSError:
        return False
    wanted = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    needed = {name: one for name, one in wanted.items() if name and not (one.get("dev") or one.get("optional"))}
    return all(there.get(name) == one for name, one in needed.items())


def _fetched(found: node.Node, data: Path) -> Path:
    """What isn't for development, in a folder of the data: where the sources lie nothing may be written."""

    def fetch(fresh: Path) -> None:
        for name in DEFINED:
            shutil.copy(ROOT / name, fresh)
        if found.run(["npm", "ci", "--omit=dev", "--no-progress"], cwd=fresh):
            raise UpError("npm could not fetch the packages of package-lock.json.")

    return _kept(data / "npm" / _digest(ROOT / "package-lock.json"), fetch)


def _kept(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder, there whole or not at all, made once; those beside it, of an earlier state, go then."""
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".", ignore_cleanup_errors=True) as place:
        fresh = Path(place) / folder.name
        fresh.mkdir()
        fill(fresh)
        try:
            fresh.rename(folder)
        except OSError:  # somebody was first
            if not folder.is_dir():
                raise
    for old in folder.parent.glob("[!.]*"):  # what begins with a dot is being made
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def _digest(*files: Path, more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    try:
        build(read_config([]).data)
    except UpError as error:
        print(f"{error} Pages that use a bundle of npm's packages do without.", file=sys.stderr)
        sys.exit(1)
