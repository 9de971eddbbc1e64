"""Exactly the documented paths: no slash at the end."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from drf_spectacular.views import SpectacularSwaggerSplitView as SwaggerView

from api import errors
from api.routes import (
    auth,
    config,
    dashboard,
    jobs,
    preferences,
    releases,
    rules,
    templates,
    uploads,
    wizard,
)

# The page of Swagger UI has one style block of its own.
SWAGGER_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"
with_its_style = csp_update({"style-src": [SELF, SWAGGER_STYLE]})

app_name = "api"
urlpatterns = [
    *auth.urlpatterns,
    *dashboard.urlpatterns,
    *wizard.urlpatterns,
    *uploads.urlpatterns,
    *jobs.urlpatterns,
    *releases.urlpatterns,
    *templates.urlpatterns,
    *config.urlpatterns,
    *preferences.urlpatterns,
    *rules.urlpatterns,
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", with_its_style(SwaggerView.as_view(url_name="api:schema")), name="docs"),
    path("<path:unknown>", errors.NowhereView.as_view(), name="nowhere"),
]
