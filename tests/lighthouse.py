"""`make lighthouse`: what an independent checker says of the accessibility of log-in, messenger and desk.

Lighthouse comes by npx, at the version below; it needs Node.js 18 or newer. Each page must reach 100.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.shots import arrive, demo_info, log_in, running

LIGHTHOUSE = "lighthouse@12.8.2"
WANTED = 100


def main() -> None:
    """Check each page and say what was found."""
    chromium = shutil.which("chromium") or sys.exit("Chromium isn't installed.")
    shutil.which("npx") or sys.exit("Node.js with npx isn't installed.")
    with tempfile.TemporaryDirectory(prefix="cc-lighthouse-") as data, running(Path(data)) as url:
        info = demo_info(Path(data))
        with sync_playwright() as playwright, socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
            free.close()
            args = ["--no-sandbox", f"--remote-debugging-port={port}"]
            browser = playwright.chromium.launch_persistent_context(
                f"{data}/chromium", executable_path=chromium, args=args
            )
            scores = [check(port, f"{url}/login/"), check(port, info["deployments"][0]["url"])]
            page = browser.new_page()
            page.goto(f"{url}/desk/")
            log_in(page, "agent", info)
            arrive(page, "/desk/")
            scores.append(check(port, f"{url}/desk/"))
            browser.close()
    sys.exit(min(scores) < WANTED)


def check(port: int, url: str) -> int:
    """The page's score, from 0 to 100; what cost points is printed. The browser behind `port` may be logged in."""
    command = ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", "--only-categories=accessibility"]
    command += [f"--port={port}", "--disable-storage-reset"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    found = json.loads(done.stdout)
    if found["finalDisplayedUrl"] != url:
        sys.exit(f"{url} led to {found['finalDisplayedUrl']}.")
    score = round(found["categories"]["accessibility"]["score"] * 100)
    print(f"{score} {url}", flush=True)
    for audit in found["audits"].values():
        if audit["score"] is not None and audit["score"] < 1:
            nodes = (item["node"]["snippet"][:160] for item in audit["details"]["items"])
            print(f"  {audit['title']}", *nodes, sep="\n    ", flush=True)
    return score


if __name__ == "__main__":
    main()
