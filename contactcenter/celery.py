"""The Celery application and its clock. Tasks live in each package's `tasks.py`; timers are columns, swept."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
app = Celery("contactcenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep": {"task": "routing.sweep", "schedule": 1.0, "options": {"expires": 3}},
    "send": {"task": "channels.send_due", "schedule": 1.0, "options": {"expires": 3}},
    "fetch": {"task": "channels.fetch_due", "schedule": 5.0, "options": {"expires": 10}},
    "look_after": {"task": "channels.look_after", "schedule": 5.0, "options": {"expires": 10}},
    "notify": {"task": "messenger.notify", "schedule": 30.0, "options": {"expires": 60}},
    "prune_sign_ins": {"task": "messenger.prune", "schedule": crontab(minute="23"), "options": {"expires": 3000}},
    "prune": {"task": "channels.prune", "schedule": crontab(minute="17"), "options": {"expires": 3000}},
    "partitions": {"task": "reporting.ensure_partitions", "schedule": crontab(hour="3", minute="40")},
    "retention": {"task": "reporting.drop_partitions", "schedule": crontab(hour="3", minute="50")},
}
