"""Exactly the documented paths: no slash at the end."""

from django.urls import path

from api import errors, reading
from api.routes import (
    auth,
    channels,
    config,
    dashboard,
    destinations,
    groups,
    jobs,
    monitoring,
    preferences,
    releases,
    roles,
    rules,
    templates,
    tokens,
    uploads,
    users,
    wizard,
)

app_name = "api"
urlpatterns = [
    *auth.urlpatterns,
    *dashboard.urlpatterns,
    *wizard.urlpatterns,
    *uploads.urlpatterns,
    *jobs.urlpatterns,
    *monitoring.urlpatterns,
    *releases.urlpatterns,
    *templates.urlpatterns,
    *config.urlpatterns,
    *destinations.urlpatterns,
    *preferences.urlpatterns,
    *rules.urlpatterns,
    *users.urlpatterns,
    *roles.urlpatterns,
    *groups.urlpatterns,
    *tokens.urlpatterns,
    *channels.urlpatterns,
    path("schema", reading.document, name="schema"),
    path("docs", reading.swagger, name="docs"),
    path("<path:unknown>", errors.NowhereView.as_view(), name="nowhere"),
]
