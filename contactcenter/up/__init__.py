"""The one-command start: embedded stores, web, workers and beat under one supervisor.

The supervisor is a small process without Django, so that it costs little memory and may fork safely.
`manage.py up` reads the arguments and becomes it; `docs/deploy.md` says when to run the parts apart.
"""
