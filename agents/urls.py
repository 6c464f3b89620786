"""Logging in and out."""

from __future__ import annotations

from django.urls import path

from agents import views

app_name = "agents"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.Login.as_view(), name="login"),
    path("login/link/<str:uidb64>/<str:token>/", views.LogInLink.as_view(), name="log_in_link"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("language/", views.choose_language, name="language"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
]
