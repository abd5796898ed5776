"""The addresses of incidents: triage, one incident, letters, notices, figures."""

from django.urls import URLPattern

app_name = "incidents"
urlpatterns: list[URLPattern] = []
