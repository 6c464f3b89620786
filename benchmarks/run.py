"""`python -m benchmarks.run <name> <options as JSON>`: one benchmark beside a running product.

The environment names the product's stores and address. The outcome is the last line on standard output.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module

import django

from benchmarks import figures


def main(name: str, options: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    django.setup()
    run = import_module(f"benchmarks.{name}").run
    print(figures.dump(run(**json.loads(options))))


if __name__ == "__main__":
    main(*sys.argv[1:])
