"""All URLs, by package."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from contactcenter.admin_site import login
from contactcenter.demo.examples import example

urlpatterns = [
    path("", include("agents.urls")),
    path("", include("channels_app.messenger.urls")),
    path("", include("channels_app.urls")),
    path("desk/", include("agents.desktop.urls")),
    path("routing/", include("routing.urls")),
    path("reporting/", include("reporting.urls")),
    path("examples/<slug:name>/", example),  # while the demo company is there
    path("admin/login/", login),  # before the admin's own: there is one log-in page
    path("admin/", admin.site.urls),
]
