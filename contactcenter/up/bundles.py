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
    digest = hashlib.sha256("\n".join(ESBUILD).encode())
    for path in [ROOT / "package-lock.json", *sorted(path for path in ENTRIES.rglob("*") if path.is_file())]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def built(data: Path, name: str) -> Path | None:
    """The file that was built of an entry, e.g. `idiomorph.js`; None while there is none, and for all other names."""
    folder = _folder(data)
    return folder / name if folder.is_dir() and name in {path.name for path in folder.iterdir()} else None


def are_built(data: Path) -> bool:
    """Whether there is nothing left to build."""
    return _folder(data).is_dir()


def build(data: Path) -> None:
    """Once for what is there now; several may build at the same time. Raises UpError with the reason."""
    if are_built(data):
        return
    found = node.find_or_install()
    if found is None:
        raise UpError(node.NONE)
    packages = next((folder for folder in (ROOT, data / "npm") if _is_installed(folder)), None)
    packages = packages or _install(found, data / "npm")

    def bundle(fresh: Path) -> None:
        entries = [str(path) for path in sorted(ENTRIES.glob("*.js"))]
        esbuild = str(packages / "node_modules" / "esbuild" / "bin" / "esbuild")
        where = str(packages / "node_modules")  # entries lie elsewhere than the packages
        if found.run(["node", esbuild, *entries, f"--outdir={fresh}", *ESBUILD], NODE_PATH=where):
            raise UpError("esbuild could not build the bundles.")

    _make(_folder(data), bundle)
    for old in (data / "bundles").glob("[!.]*"):  # what begins with a dot is being made by somebody
        if old != _folder(data):
            shutil.rmtree(old, ignore_errors=True)


def _folder(data: Path) -> Path:
    return data / "bundles" / fingerprint()


def _is_installed(folder: Path) -> bool:
    """Whether this folder's packages are those of the lockfile, as npm notes it down; development's may miss."""
    try:
        there = json.loads((folder / "node_modules" / ".package-lock.json").read_text())["packages"]
    except OSError:
        return False
    wanted = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    needed = {name: one for name, one in wanted.items() if name and not (one.get("dev") or one.get("optional"))}
    return all(there.get(name) == one for name, one in needed.items())


def _install(found: node.Node, folder: Path) -> Path:
    """What isn't for development, in a folder of the data: where the sources lie nothing may be written."""

    def fetch(fresh: Path) -> None:
        for name in DEFINED:
            shutil.copy(ROOT / name, fresh)
        if found.run(["npm", "ci", "--omit=dev", "--no-progress"], cwd=fresh):
            raise UpError("npm could not fetch the packages of package-lock.json.")

    shutil.rmtree(folder, ignore_errors=True)
    _make(folder, fetch)
    return folder


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    """The folder is there whole or not at all; whoever comes second leaves the first's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".", ignore_cleanup_errors=True) as place:
        fresh = Path(place) / folder.name
        fresh.mkdir()
        fill(fresh)
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


if __name__ == "__main__":
    try:
        build(read_config([]).data)
    except UpError as error:
        print(f"{error} Pages that use a bundle of npm's packages do without.", file=sys.stderr)
        sys.exit(1)
