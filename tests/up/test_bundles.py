"""What is made of npm's packages: by the lockfile, once, and never needed for a start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contactcenter.up import bundles, node
from contactcenter.up.config import ROOT, UpError

HERE = node.find()
with_node = pytest.mark.skipif(HERE is None, reason=node.NONE)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which they were built."""
    folder = tmp_path_factory.mktemp("data")
    bundles.build(folder)
    return folder


def nobody() -> None:
    """Where Node.js can't be had."""


@with_node
def test_an_entry_is_one_file_with_all_of_npm_in_it(data: Path) -> None:
    found = bundles.built(data, "idiomorph.js")
    assert found
    assert "morphStyle" in found.read_text()
    assert "from" not in found.read_text().split("export{")[-1]


@with_node
@pytest.mark.parametrize("name", ["nothing.js", "", ".", "../idiomorph.js", "../../npm/package.json", "/etc/passwd"])
def test_no_other_name_leads_to_a_file(data: Path, name: str) -> None:
    assert bundles.built(data, name) is None


@with_node
def test_what_is_built_is_kept_and_what_changed_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundles.build(tmp_path)
    found = bundles.built(tmp_path, "idiomorph.js")
    assert found
    before = found.stat()
    bundles.build(tmp_path)
    assert found.stat() == before, "kept"
    monkeypatch.setattr(bundles, "fingerprint", lambda: "0" * 16)
    assert bundles.built(tmp_path, "idiomorph.js") is None
    bundles.build(tmp_path)
    assert bundles.built(tmp_path, "idiomorph.js")
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == ["0" * 16], "the one before is gone"


@with_node
def test_several_build_at_the_same_time_and_all_find_it_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "contactcenter.up.bundles"]
    environ = os.environ | {"CC_DATA": str(tmp_path)}
    running = [subprocess.Popen(command, cwd=ROOT, env=environ) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert bundles.built(tmp_path, "idiomorph.js")
    assert len(list((tmp_path / "bundles").iterdir())) == 1


@with_node
def test_packages_are_fetched_by_the_lockfile_where_the_sources_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "static" / "bundles").mkdir(parents=True)
    for name in bundles.DEFINED:
        shutil.copy(ROOT / name, tmp_path)
    shutil.copy(bundles.ENTRIES / "idiomorph.js", tmp_path / "static" / "bundles")
    monkeypatch.setattr(bundles, "ROOT", tmp_path)
    monkeypatch.setattr(bundles, "ENTRIES", tmp_path / "static" / "bundles")
    bundles.build(tmp_path / "data")
    assert bundles.built(tmp_path / "data", "idiomorph.js")
    assert not (tmp_path / "node_modules").exists()
    there = {path.name for path in (tmp_path / "data" / "npm").glob("*/node_modules/[!.@]*")}
    assert there == {"esbuild", "idiomorph"}, "nothing for development"


def test_without_node_nothing_is_built_and_the_reason_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "find_or_install", nobody)
    with pytest.raises(UpError, match=r"no Node\.js 20 or newer with npm on this machine") as refused:
        bundles.build(tmp_path)
    assert "\n" not in str(refused.value)
    assert not bundles.are_built(tmp_path)


def test_an_older_node_doesnt_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def machine(version: str) -> node.Node | None:
        for name, says in (("node", version), ("npm", "10.0.0")):
            (tmp_path / name).write_text(f"#!/bin/sh\necho {says}\n")
            (tmp_path / name).chmod(0o755)
        return node._of_machine()

    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert machine("v18.20.4") is None
    assert machine("nonsense") is None
    assert machine("v20.0.0")
    (tmp_path / "npm").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node._of_machine() is None, "node alone fetches nothing"


@with_node
def test_a_command_of_node_ends_as_it_ends() -> None:
    command = [sys.executable, "-m", "contactcenter.up.node", "node", "--eval"]
    done = [subprocess.call([*command, f"process.exit({code})"], cwd=ROOT) for code in (0, 3)]
    assert done == [0, 3]


def test_the_lockfile_pins_everything_and_names_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    own = packages.pop("")
    assert packages
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert not [name for name, one in packages.items() if "resolved" in one]
    assert all(version[0].isdecimal() for version in (own["dependencies"] | own["devDependencies"]).values())
