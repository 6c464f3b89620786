#!/usr/bin/env python
"""Django's command line for the contact centre."""

import os
import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["up"]:  # it needs no Django, and starts a second or two sooner without
        from contactcenter.up.start import main

        sys.exit(main(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
