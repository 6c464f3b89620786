"""`python -m contactcenter.up`: what `manage.py up` becomes."""

from __future__ import annotations

import sys

from contactcenter.up.start import main

sys.exit(main(sys.argv[1:]))
