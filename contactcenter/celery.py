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
    "notify": {"task": "channels.notify", "schedule": 30.0, "options": {"expires": 60}},
    "prune": {"task": "channels.prune", "schedule": crontab(minute="17"), "options": {"expires": 3000}},
    "partitions": {"task": "reporting.ensure_partitions", "schedule": crontab(hour="3", minute="40")},
    "retention": {"task": "reporting.drop_partitions", "schedule": crontab(hour="3", minute="50")},
}
