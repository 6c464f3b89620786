"""The product's texts in other languages, kept without the system's gettext: found in the sources (`sources`),
kept in `contactcenter/locale/<language>/LC_MESSAGES/django.po` (`files`), checked (`checks`) and compiled (`compiled`).
"""
