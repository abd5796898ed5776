"""All addresses: both apps, the sign-in, the admin, health."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from config import first_run, health
from incidents.api.v1 import api

admin.autodiscover()

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("sign-in/", auth.LoginView.as_view(template_name="sign_in.html"), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("setup/", first_run.setup, name="setup"),
    path("setup/configuration.json", first_run.export, name="export-configuration"),
    path("setup/configuration/", first_run.take_in, name="import-configuration"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("", include("complaints.urls")),
    path("", include("incidents.urls")),
]
