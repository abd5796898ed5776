"""The addresses of complaints: one complaint, the mail log, the public report form."""

from django.urls import URLPattern

app_name = "complaints"
urlpatterns: list[URLPattern] = []
