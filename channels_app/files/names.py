"""File names from outside: stripped of folders and tricks, refused where a double click would run them. Pure."""

from __future__ import annotations

import re

from channels_app.files.limits import BLOCKED_EXTENSIONS
from channels_app.files.refusal import FileFault, FileRefused

MAX_NAME = 1023  # characters
#: what a browser or a web server would run, beside what a desktop does
_ACTIVE = """
svg svgz htm html xhtml shtml mht mhtml xml xsl xslt swf php phtml php3 php4 php5 phar cgi jse mjs dll so dylib
apk dmg iso img vbscript docm xlsm pptm dotm xltm
"""
BLOCKED = frozenset(name.removeprefix(".") for name in BLOCKED_EXTENSIONS) | frozenset(_ACTIVE.split())
#: also refused before the last dot ("invoice.exe.pdf"); not `com` and the like, which names of sites end in
_NEVER_INSIDE = frozenset(
    "exe bat cmd scr pif js jse vbs vbe hta jar msi ps1 lnk php phtml html htm svg".split(" ")  # noqa: SIM905
)
# control characters, and marks that turn the writing direction and so disguise an extension
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def clean_name(name: str) -> str:
    """A name without its folders and unsafe characters.

    :raises FileRefused: it is too long, nothing is left, an extension is missing or blocked.
    """
    base = _UNSAFE.sub("", name).replace("\\", "/").rpartition("/")[2].strip(" .")
    if len(base) > MAX_NAME:
        raise FileRefused(FileFault.NAME_TOO_LONG, "The file name has more than %(most)d characters.", most=MAX_NAME)
    stem, dot, extension = base.rpartition(".")
    if not (stem and dot and extension):
        raise FileRefused(FileFault.NAME_INVALID, "The file name needs a name and an extension.")
    inside = {part.strip().lower() for part in stem.split(".")[1:]}
    if extension.strip().lower() in BLOCKED or inside & _NEVER_INSIDE:
        raise FileRefused(FileFault.TYPE_REFUSED, "Files of this type aren't allowed.")
    return base
